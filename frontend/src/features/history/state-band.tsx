// The states of a server over time as a band, with a legend.
import type { ServerState } from '@buoy/contract';
import { useMemo } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { chartTexts } from './chart-texts.ts';
import { spansOf } from './history-range.ts';
import type { ShownHistory } from './history-section.tsx';

/** Units of the drawing; it is stretched to the width of the page. */
const WIDTH = 1_000;
const HEIGHT = 24;

type Shape = { tone: string; height: number };

/** The height tells states apart without colour. */
const shapes: Record<ServerState, Shape> = {
  up: { tone: 'fill-up', height: 24 },
  maintenance: { tone: 'fill-maintenance', height: 10 },
  not_set_up: { tone: 'fill-edge', height: 10 },
  unknown: { tone: 'fill-unknown', height: 6 },
  down: { tone: 'fill-down', height: 16 },
  unreachable: { tone: 'fill-unreachable', height: 13 },
};
const notChecked: Shape = { tone: 'fill-edge', height: 3 };

export function StateBand({ history }: { history: ShownHistory }) {
  const t = useTexts(chartTexts);
  const formats = useFormats();
  const { points, step, fromMs, toMs } = history;
  const spans = useMemo(() => spansOf(points, step, { fromMs, toMs }), [points, step, fromMs, toMs]);
  const states = [...new Set(spans.map(({ state }) => state))];
  const nameOf = (state: ServerState | null) => (state === null ? t.notChecked : t[state]);
  const x = (ms: number) => ((ms - fromMs) / (toMs - fromMs)) * WIDTH;
  return (
    <>
      <svg
        role="img"
        aria-label={t.band(states.map(nameOf).join(', '))}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-8 w-full"
      >
        {spans.map((span) => {
          const { tone, height } = shapeOf(span.state);
          return (
            <rect
              key={span.fromMs}
              x={x(span.fromMs)}
              y={HEIGHT - height}
              width={x(span.toMs) - x(span.fromMs)}
              height={height}
              className={tone}
            />
          );
        })}
      </svg>
      <p className="mt-1 flex justify-between gap-4 text-xs text-muted">
        {[fromMs, toMs].map((ms) => (
          <span key={ms}>{formats.moment(new Date(ms).toISOString())}</span>
        ))}
      </p>
      <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {states.map((state) => (
          <li key={state} className="flex items-center gap-1.5">
            <svg aria-hidden="true" viewBox={`0 0 12 ${HEIGHT}`} className="h-4 w-2">
              <rect
                y={HEIGHT - shapeOf(state).height}
                width={12}
                height={shapeOf(state).height}
                className={shapeOf(state).tone}
              />
            </svg>
            {nameOf(state)}
          </li>
        ))}
      </ul>
      {step !== 'raw' && <p className="mt-2 text-xs text-muted">{t[`worst_${step}`]}</p>}
    </>
  );
}

function shapeOf(state: ServerState | null): Shape {
  return state === null ? notChecked : shapes[state];
}
