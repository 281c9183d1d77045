// A chart for each value of a history; pointing at one shows the values of that time on all.
import { useMemo, useState } from 'react';
import UPlot from 'uplot';
import { useFormats } from '../../i18n/use-formats.ts';
import { useLanguage, useTexts } from '../../i18n/use-texts.ts';
import { Plot, type PlotAxis, type PlotOptions, type ThemeColour } from '../../ui/plot.tsx';
import { chartTexts } from './chart-texts.ts';
import { type HistoryRange, withGaps } from './history-range.ts';
import type { ShownHistory } from './history-section.tsx';
import { type Metric, metricNames, metrics, type Unit, valueIn } from './metrics.ts';

/** Pixels. */
const HEIGHT = 150;
const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
/** Seconds between two marks of the time axis. */
const TIME_STEPS: Readonly<Record<HistoryRange, number[]>> = {
  '24h': [1, 2, 3, 4, 6, 12].map((hours) => hours * HOUR_S),
  '7d': [1, 2, 7].map((days) => days * DAY_S),
  '90d': [7, 14, 28].map((days) => days * DAY_S),
};
/** Bytes between two marks: powers of two have short names. */
const BYTE_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);
const COUNT_STEPS = Array.from({ length: 16 }, (_, power) =>
  [1, 2, 5].map((one) => one * 10 ** power),
).flat();

export function HistoryCharts({ history }: { history: ShownHistory }) {
  const { points, step, fromMs, toMs } = history;
  const entries = useMemo(() => withGaps(points, step, { fromMs, toMs }), [points, step, fromMs, toMs]);
  return (
    <div className="grid gap-4 md:grid-cols-2">
      {metricNames.map((metric) => (
        <MetricChart key={metric} metric={metric} entries={entries} history={history} />
      ))}
    </div>
  );
}

function MetricChart({
  metric,
  entries,
  history: { range, step },
}: {
  metric: Metric;
  entries: ReturnType<typeof withGaps>;
  history: ShownHistory;
}) {
  const t = useTexts(chartTexts);
  const language = useLanguage();
  const formats = useFormats();
  const [pointed, setPointed] = useState<number | null>(null);
  const { unit } = metrics[metric];
  const data = useMemo<UPlot.AlignedData>(
    () => [entries.map(({ ms }) => ms / 1_000), entries.map(({ point }) => valueIn(point, metric))],
    [entries, metric],
  );
  const values = entries.map(({ point }) => valueIn(point, metric)).filter((value) => value !== null);
  const latest = values.at(-1);
  const shown = (value: number | null | undefined) => (value == null ? t.none : formats[unit](value));
  const entry = pointed === null ? undefined : entries[pointed];
  const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  const when = (ms: number) =>
    step === 'day' ? days.format(ms) : formats.moment(new Date(ms).toISOString());
  return (
    <section
      aria-label={t[metric]}
      className="min-w-0 rounded-lg border border-line bg-surface px-3 pt-3 pb-1 md:last:odd:col-span-2"
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <h3 className="text-sm font-medium">{t[metric]}</h3>
        <p className="text-xs text-muted">
          {entry === undefined ? latest !== undefined && t.latest : when(entry.ms)}{' '}
          <span className="text-sm font-medium text-ink tabular-nums">
            {shown(entry === undefined ? latest : valueIn(entry.point, metric))}
          </span>
        </p>
      </div>
      <Plot
        key={`${language} ${range} ${step}`}
        label={
          latest === undefined
            ? t.noChart(t[metric])
            : t.chart(t[metric], shown(leastOf(values)), shown(mostOf(values)), shown(latest))
        }
        height={HEIGHT}
        data={data}
        optionsFor={(color, axis) =>
          optionsFor({ color, axis, language, unit, range, isUtc: step === 'day', onPoint: setPointed })
        }
      />
    </section>
  );
}

const leastOf = (values: readonly number[]) => values.reduce((one, other) => Math.min(one, other));
const mostOf = (values: readonly number[]) => values.reduce((one, other) => Math.max(one, other));

function optionsFor({
  color,
  axis,
  language,
  unit,
  range,
  isUtc,
  onPoint,
}: {
  color: ThemeColour;
  axis: PlotAxis;
  language: string;
  unit: Unit;
  range: HistoryRange;
  isUtc: boolean;
  onPoint: (index: number | null) => void;
}): PlotOptions {
  const times = new Intl.DateTimeFormat(language, {
    ...(range === '24h' ? { timeStyle: 'short' } : { day: 'numeric', month: 'short' }),
    ...(isUtc ? { timeZone: 'UTC' } : {}),
  });
  const steps = unit === 'bytes' ? BYTE_STEPS : unit === 'number' ? COUNT_STEPS : null;
  return {
    ...(isUtc ? { tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC') } : {}),
    legend: { show: false },
    padding: [10, 24, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { setScale: false }, sync: { key: 'history' } },
    scales: {
      x: { range: (_plot, min, max) => [min, max] },
      y: {
        range: (_plot, _min, max) => [0, unit === 'percent' ? 1 : max > 0 ? max * 1.1 : 1],
      },
    },
    axes: [
      {
        ...axis,
        values: (_plot, splits) => splits.map((at) => times.format(at * 1_000)),
        // A label of 12 pixels, and what separates it from the next one.
        space: 16 + 7 * times.format(0).length,
        size: 28,
        incrs: TIME_STEPS[range],
      },
      {
        ...axis,
        values: (_plot, splits) => splits.map(axisFormat(language, unit)),
        size: 64,
        space: 24,
        ...(steps === null ? {} : { incrs: steps }),
      },
    ],
    series: [
      {},
      {
        stroke: () => color('--accent'),
        fill: () => color('--chart-fill'),
        width: 1.5,
        // A line needs two points: one between two gaps is a dot.
        points: { show: true, size: 4, fill: () => color('--accent'), filter: lonePoints },
      },
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

/** The indices of the values that have no neighbour. */
function lonePoints(plot: UPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const isNull = (index: number) => values[index] == null;
  return Array.from(values, (_, index) => index).filter(
    (index) => !isNull(index) && isNull(index - 1) && isNull(index + 1),
  );
}

/** Short, since the axis is narrow. */
function axisFormat(language: string, unit: Unit): (value: number) => string {
  if (unit === 'bytes') {
    return (value) => {
      const power = Math.max(0, Math.min(4, Math.floor(Math.log2(value || 1) / 10)));
      const name = (['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const)[power];
      return new Intl.NumberFormat(language, {
        ...{ style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 1 },
      } as const).format(value / 1_024 ** power);
    };
  }
  const format = new Intl.NumberFormat(language, {
    ...(unit === 'percent' ? { style: 'percent' } : { notation: 'compact' }),
    ...(unit === 'money' ? { style: 'currency', currency: 'USD', minimumFractionDigits: 0 } : {}),
    ...(unit === 'milliseconds' ? { style: 'unit', unit: 'millisecond', unitDisplay: 'short' } : {}),
  });
  return (value) => format.format(value);
}
