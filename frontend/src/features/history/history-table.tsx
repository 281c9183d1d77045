// The points of a history in rows, folded; they are drawn when someone unfolds them, since there may be thousands.
import type { HistoryPoint } from '@buoy/contract';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useLanguage, useTexts } from '../../i18n/use-texts.ts';
import { chartTexts } from './chart-texts.ts';
import type { ShownHistory } from './history-section.tsx';
import { metricNames, metrics, valueIn } from './metrics.ts';

export function HistoryTable({ history }: { history: ShownHistory }) {
  const t = useTexts(chartTexts);
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="text-sm" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex min-h-11 items-center font-medium text-link">{t.table}</summary>
      {isOpen && <Rows history={history} />}
    </details>
  );
}

/** Newest first. */
function Rows({ history: { points, step } }: { history: ShownHistory }) {
  const t = useTexts(chartTexts);
  const formats = useFormats();
  const days = new Intl.DateTimeFormat(useLanguage(), { dateStyle: 'medium', timeZone: 'UTC' });
  const cellsOf = (point: HistoryPoint) => [
    t[point.state],
    point.upShare === null ? '–' : formats.exactPercent(point.upShare),
    ...metricNames.map((metric) => {
      const value = valueIn(point, metric);
      return value === null ? '–' : formats[metrics[metric].unit](value);
    }),
  ];
  const headings = [t.state, t.upShare, ...metricNames.map((metric) => t[metric])];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div tabIndex={0} className="max-h-96 overflow-auto rounded-lg border border-line bg-surface px-4 py-2">
      <table aria-label={t.values} className="w-full tabular-nums">
        <thead className="text-xs text-muted">
          <tr>
            {[t.at, ...headings].map((heading, index) => (
              <th
                key={heading}
                scope="col"
                className={`py-1 pr-4 font-medium whitespace-nowrap ${index < 2 ? 'text-left' : 'text-right'}`}
              >
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.toReversed().map((point) => (
            <tr key={point.at} className="border-t border-line">
              <th scope="row" className="py-1.5 pr-4 text-left font-normal whitespace-nowrap">
                {step === 'day' ? days.format(new Date(point.at)) : formats.moment(point.at)}
              </th>
              {cellsOf(point).map((cell, index) => (
                <td
                  key={headings[index]}
                  className={`py-1.5 pr-4 whitespace-nowrap ${index === 0 ? '' : 'text-right'}`}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
