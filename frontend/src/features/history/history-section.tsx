// The history of a server: its availability, its states over time, and what its checks saw as charts and as a table.
import type { HistoryPoint, HistoryStep } from '@buoy/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useId } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import type { SectionProps } from '../../page-props.ts';
import { useServices } from '../../services.ts';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useFilters } from '../../ui/use-filters.ts';
import { AvailabilityFacts } from './availability-facts.tsx';
import { chartTexts } from './chart-texts.ts';
import { historyRangeQuery } from './history-queries.ts';
import { type HistoryRange, historyRanges, rangeIn } from './history-range.ts';
import { HistoryTable } from './history-table.tsx';
import { StateBand } from './state-band.tsx';
import { historyTexts } from './texts.ts';

/** What is shown of a history; its ends in milliseconds since the epoch. */
export type ShownHistory = {
  points: readonly HistoryPoint[];
  step: HistoryStep;
  range: HistoryRange;
  fromMs: number;
  toMs: number;
};

const HistoryCharts = lazy(async () => {
  try {
    return { default: (await import('./history-charts.tsx')).HistoryCharts };
  } catch {
    return { default: ChartsDidNotLoad };
  }
});

const filterNames = ['range'] as const;

export function HistorySection({ server }: SectionProps) {
  const { api } = useServices();
  const t = useTexts(chartTexts);
  const words = useTexts(historyTexts);
  const [filters, setFilters] = useFilters(filterNames);
  const range = rangeIn(filters.range);
  const { data, error } = useQuery({
    ...historyRangeQuery(api, server.id, range),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="space-y-4">
      <RangeChoice range={range} onChange={(one) => setFilters({ range: one === '24h' ? '' : one })} />
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loading} rows={4} />}
      {data !== undefined && (
        <>
          <Panel title={words.title}>
            <div className="-mt-3">
              <AvailabilityFacts availability={data.availability} />
            </div>
          </Panel>
          {data.points.length === 0 ? (
            <EmptyNote title={t.nothing}>{t.nothingHint}</EmptyNote>
          ) : (
            <>
              <Panel title={t.states}>
                <StateBand history={data} />
              </Panel>
              <Suspense fallback={<Skeleton label={t.loading} rows={4} />}>
                <HistoryCharts history={data} />
              </Suspense>
              <p className="text-xs text-muted">{t.about}</p>
              <HistoryTable history={data} />
            </>
          )}
        </>
      )}
    </div>
  );
}

function RangeChoice({ range, onChange }: { range: HistoryRange; onChange: (range: HistoryRange) => void }) {
  const t = useTexts(chartTexts);
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">{t.range}</legend>
      <div className="flex flex-wrap gap-1.5 sm:gap-2">
        {historyRanges.map((one) => (
          <label
            key={one}
            className="flex min-h-11 cursor-pointer items-center gap-1.5 rounded-md border border-edge px-2 sm:gap-2 sm:px-3 text-sm has-checked:border-accent has-checked:bg-accent/10"
          >
            <input
              type="radio"
              name={name}
              className="size-4 accent-accent"
              checked={range === one}
              onChange={() => onChange(one)}
            />
            {t[one]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function ChartsDidNotLoad() {
  const t = useTexts(chartTexts);
  return <p className="text-sm text-muted">{t.notLoaded}</p>;
}
