// Bars by day on a canvas. Who cannot see them has the table under it.
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useLanguage } from '../../i18n/use-texts.ts';

/** Pixels. */
const HEIGHT = 224;
const DAY_S = 86_400;
/** Days between two marks of the axis. */
const STEPS = [1, 2, 7, 14, 28, 56, 91];

/**
 * @param dates of UTC, oldest first, each with its value
 * @param onPoint is given the index of the day that is pointed at
 */
export function UsageChart({
  label,
  dates,
  values,
  isMoney,
  onPoint,
}: {
  label: string;
  dates: readonly string[];
  values: readonly number[];
  isMoney: boolean;
  onPoint: (index: number | null) => void;
}) {
  const language = useLanguage();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot | null>(null);
  const data = useRef<UPlot.AlignedData>([[], []]);
  data.current = [dates.map((date) => Date.parse(date) / 1000), [...values]];
  const reportPoint = useRef(onPoint);
  reportPoint.current = onPoint;

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const plot = new UPlot(
      optionsFor(element, language, isMoney, (index) => reportPoint.current(index)),
      data.current,
      element,
    );
    chart.current = plot;
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
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
  }, [language, isMoney]);
  const known = JSON.stringify(data.current);
  useEffect(() => {
    if (known !== '') chart.current?.setData(data.current);
  }, [known]);
  return <div ref={place} role="img" aria-label={label} className="overflow-hidden" />;
}

function optionsFor(
  element: HTMLElement,
  language: string,
  isMoney: boolean,
  onPoint: (index: number | null) => void,
): UPlot.Options {
  const days = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const amounts = new Intl.NumberFormat(language, {
    notation: 'compact',
    ...(isMoney ? { style: 'currency', currency: 'USD', minimumFractionDigits: 0 } : {}),
  });
  // Asked for at each drawing: the theme may have changed.
  const color = (name: string) => resolvedColor(element, name);
  const axis = {
    stroke: () => color('--muted'),
    grid: { stroke: () => color('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { setScale: false } },
    scales: {
      // Half a day on both sides: room for the first and the last bar.
      x: { range: (_plot, min, max) => [min - DAY_S / 2, max + DAY_S / 2] },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.05 : 1] },
    },
    axes: [
      {
        ...axis,
        values: (_plot, splits) => splits.map((at) => days.format(at * 1000)),
        space: 64,
        size: 32,
        incrs: STEPS.map((step) => step * DAY_S),
      },
      { ...axis, values: (_plot, splits) => splits.map((value) => amounts.format(value)), size: 56 },
    ],
    series: [
      {},
      {
        stroke: () => color('--accent'),
        fill: () => color('--accent'),
        width: 0,
        points: { show: false },
        ...(UPlot.paths.bars === undefined ? {} : { paths: UPlot.paths.bars({ size: [0.7, 48] }) }),
      },
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
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
