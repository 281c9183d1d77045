// A chart on a canvas that keeps the width of its parent and the colours of the theme. uPlot comes with it, so load what uses it lazily.
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** Resolves a variable of the theme, such as `--accent`, at the time of the call. */
export type ThemeColour = (variable: string) => string;
/** Shared settings of an axis. */
export type PlotAxis = Pick<UPlot.Axis, 'stroke' | 'grid' | 'ticks' | 'font'>;
export type PlotOptions = Omit<UPlot.Options, 'width' | 'height'>;

/**
 * @param label what a screen reader says instead
 * @param height pixels
 * @param optionsFor is called once; a chart with other options needs another `key`
 */
export function Plot({
  label,
  height,
  data,
  optionsFor,
}: {
  label: string;
  height: number;
  data: UPlot.AlignedData;
  optionsFor: (color: ThemeColour, axis: PlotAxis) => PlotOptions;
}) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot | null>(null);
  const first = useRef({ data, optionsFor });

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const color = (variable: string) => resolvedColor(element, variable);
    // Colours are asked for at each drawing: the theme may have changed.
    const axis = {
      stroke: () => color('--muted'),
      grid: { stroke: () => color('--line'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    };
    const plot = new UPlot(
      { ...first.current.optionsFor(color, axis), width: element.clientWidth, height },
      first.current.data,
      element,
    );
    chart.current = plot;
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => plot.redraw(false, true);
    scheme.addEventListener('change', redraw);
    const theme = new MutationObserver(redraw);
    theme.observe(document.documentElement, { attributes: true });
    return () => {
      resize.disconnect();
      theme.disconnect();
      scheme.removeEventListener('change', redraw);
      plot.destroy();
      chart.current = null;
    };
  }, [height]);
  useEffect(() => chart.current?.setData(data), [data]);
  return <div ref={place} role="img" aria-label={label} className="overflow-hidden" />;
}

/** A colour of the theme as the canvas takes it: `light-dark()` is not known there. */
function resolvedColor(element: HTMLElement, variable: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${variable})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
