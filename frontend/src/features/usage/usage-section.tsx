// What the agents of a server used: tokens and money, by day, model and agent.
import type { OpenclawUsage } from '@buoy/contract';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import type { SectionProps } from '../../page-props.ts';
import { useServices } from '../../services.ts';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { useFilters } from '../../ui/use-filters.ts';
import { requiresRefetch, useServerEvent } from '../events/server-events.tsx';
import { RangeFields, rangeOf } from './range-fields.tsx';
import { usageTexts } from './texts.ts';
import { UsageByDay } from './usage-by-day.tsx';
import { usageKey, usageQuery } from './usage-queries.ts';
import { rangeProblem } from './usage-range.ts';
import { UsageTable } from './usage-table.tsx';

const filterNames = ['days', 'from', 'to'] as const;

export function UsageSection({ server }: SectionProps) {
  const { api } = useServices();
  const t = useTexts(usageTexts);
  const queries = useQueryClient();
  const [filters, setFilters] = useFilters(filterNames);
  const range = rangeOf(filters, Date.now());
  const isAsked = range === null || rangeProblem(range) === null;
  const query = useQuery({
    ...usageQuery(api, server.id, range),
    enabled: isAsked,
    placeholderData: keepPreviousData,
  });
  useServerEvent((event) => {
    const hasRunEnded = event.event === 'chat' && event.data.state === 'final';
    if (hasRunEnded || requiresRefetch(event))
      void queries.invalidateQueries({ queryKey: usageKey(server.id) });
  });
  const usage = query.data?.usage ?? null;
  return (
    <div className="space-y-4">
      <RangeFields filters={filters} range={range} onChange={setFilters} />
      <ReadPanel title={t.usage} loading={t.loading} rows={3} query={query}>
        {(data) => (
          <>
            {!data.usage.fresh && (
              <p role="status" className="text-sm font-medium text-unreachable">
                {data.source === 'gateway' ? t.counting : t.countingThen}
              </p>
            )}
            <Totals totals={data.usage.totals} />
            <p className="text-xs text-muted">{t.utc}</p>
          </>
        )}
      </ReadPanel>
      {usage !== null &&
        (usage.totals.tokens === 0 ? (
          <EmptyNote title={t.nothing}>{t.nothingHint}</EmptyNote>
        ) : (
          <>
            <UsageByDay usage={usage} />
            <Panel title={t.byModel}>
              <UsageTable
                title={t.byModel}
                first={t.model}
                rows={usage.byModel.map((row) => ({
                  ...row,
                  name: [row.provider, row.model].filter((part) => part !== null).join('/') || t.unknown,
                }))}
              />
            </Panel>
            <Panel title={t.byAgent}>
              <UsageTable
                title={t.byAgent}
                first={t.agent}
                rows={usage.byAgent.map((row) => ({ ...row, name: row.agentId }))}
              />
            </Panel>
          </>
        ))}
    </div>
  );
}

function Totals({ totals }: { totals: OpenclawUsage['totals'] }) {
  const t = useTexts(usageTexts);
  const formats = useFormats();
  const { tokens, costUsd, input, output, cacheRead, cacheWrite, messages } = totals;
  return (
    <Facts
      facts={[
        { term: t.total, value: <span className="text-lg font-semibold">{formats.number(tokens)}</span> },
        { term: t.cost, value: <span className="text-lg font-semibold">{formats.money(costUsd)}</span> },
        { term: t.input, value: formats.number(input) },
        { term: t.output, value: formats.number(output) },
        { term: t.cacheRead, value: formats.number(cacheRead) },
        { term: t.cacheWrite, value: formats.number(cacheWrite) },
        { term: t.messages, value: messages === null ? t.unknown : formats.number(messages) },
      ]}
    />
  );
}
