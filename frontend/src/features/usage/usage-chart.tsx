// Bars by day on a canvas. Who cannot see them has the table under it.
import { useMemo, useRef } from 'react';
import UPlot from 'uplot';
import { useLanguage } from '../../i18n/use-texts.ts';
import { Plot, type PlotAxis, type PlotOptions, type ThemeColour } from '../../ui/plot.tsx';

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
  const known = JSON.stringify([dates.map((date) => Date.parse(date) / 1000), values]);
  const data = useMemo(() => JSON.parse(known) as UPlot.AlignedData, [known]);
  const reportPoint = useRef(onPoint);
  reportPoint.current = onPoint;
  return (
    <Plot
      key={`${language} ${isMoney}`}
      label={label}
      height={HEIGHT}
      data={data}
      optionsFor={(color, axis) =>
        optionsFor({ color, axis, language, isMoney, onPoint: (index) => reportPoint.current(index) })
      }
    />
  );
}

function optionsFor({
  color,
  axis,
  language,
  isMoney,
  onPoint,
}: {
  color: ThemeColour;
  axis: PlotAxis;
  language: string;
  isMoney: boolean;
  onPoint: (index: number | null) => void;
}): PlotOptions {
  const days = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const amounts = new Intl.NumberFormat(language, {
    notation: 'compact',
    ...(isMoney ? { style: 'currency', currency: 'USD', minimumFractionDigits: 0 } : {}),
  });
  return {
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
