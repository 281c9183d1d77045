// Figures of usage in rows; on a narrow screen the table scrolls by itself, the page does not.
import type { UsageFigures } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { usageTexts } from './texts.ts';

/** `calls`: of the model, where that is known. */
export type UsageRow = UsageFigures & { name: string; calls?: number };

/**
 * @param title what a screen reader calls it
 * @param first what the first column holds
 */
export function UsageTable({
  title,
  first,
  rows,
}: {
  title: string;
  first: string;
  rows: readonly UsageRow[];
}) {
  const t = useTexts(usageTexts);
  const formats = useFormats();
  const hasCalls = rows.some(({ calls }) => calls !== undefined);
  const headings = [
    t.total,
    t.cost,
    t.input,
    t.output,
    t.cacheRead,
    t.cacheWrite,
    ...(hasCalls ? [t.calls] : []),
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div tabIndex={0} className="-mx-4 max-h-96 overflow-auto px-4 sm:-mx-5 sm:px-5">
      <table aria-label={title} className="w-full text-sm tabular-nums">
        <thead className="text-xs text-muted">
          <tr>
            <th scope="col" className="py-1 pr-3 text-left font-medium whitespace-nowrap">
              {first}
            </th>
            {headings.map((heading) => (
              <th key={heading} scope="col" className="py-1 pl-3 text-right font-medium whitespace-nowrap">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name} className="border-t border-line">
              <th scope="row" className="py-1.5 pr-3 text-left font-normal whitespace-nowrap">
                <VisibleText text={row.name} />
              </th>
              {[
                formats.number(row.tokens),
                formats.money(row.costUsd),
                formats.number(row.input),
                formats.number(row.output),
                formats.number(row.cacheRead),
                formats.number(row.cacheWrite),
                ...(hasCalls ? [formats.number(row.calls ?? 0)] : []),
              ].map((value, at) => (
                <td key={headings[at]} className="py-1.5 pl-3 text-right whitespace-nowrap">
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
