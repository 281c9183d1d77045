// The sessions of all agents: search, agent and archive filters, paging.
import type { Server } from '@buoy/contract';
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { OriginNote } from '../../ui/origin-note.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Select } from '../../ui/select.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useFilters } from '../../ui/use-filters.ts';
import { agentsQuery } from '../agents/agent-queries.ts';
import { requiresRefetch, useServerEvent } from '../events/server-events.tsx';
import { NewChat } from './new-chat.tsx';
import { sessionListKey, sessionListQuery } from './session-queries.ts';
import { SessionRow } from './session-row.tsx';
import { sessionTexts } from './texts.ts';
import { useLater, useSettled } from './timing.ts';

/** Milliseconds without a key pressed until the search is asked. */
const TYPING_MS = 250;
/** Milliseconds; a turn tells of its session several times a second. */
const EVENTS_MS = 1_500;

const filterNames = ['q', 'agent', 'archived'] as const;

export function SessionList({ server }: { server: Server }) {
  const { api } = useServices();
  const t = useTexts(sessionTexts);
  const [filters, setFilters] = useFilters(filterNames);
  const isArchived = filters.archived !== '';
  const query = useInfiniteQuery({
    ...sessionListQuery(api, server.id, {
      q: useSettled(filters.q.trim(), TYPING_MS),
      agentId: filters.agent,
      isArchived,
    }),
    placeholderData: keepPreviousData,
  });
  useFreshList(server.id);
  const pages = query.data?.pages ?? [];
  const newest = pages[0];
  const sessions = pages.flatMap((page) => page.sessions);
  const isFiltered = filters.q.trim() !== '' || filters.agent !== '';

  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        {server.role === 'viewer' ? (
          <p className="text-sm text-muted">{t.viewerNote}</p>
        ) : (
          <NewChat server={server} />
        )}
      </div>
      <Filters serverId={server.id} filters={filters} onChange={setFilters} />
      <Panel
        title={t.sessions}
        aside={newest && <OriginNote source={newest.source} observedAt={newest.observedAt} />}
      >
        <div className="space-y-3">
          {query.error !== null && <ProblemNote problem={query.error} />}
          {newest?.source === 'cli' && <p className="text-sm text-muted">{t.fromHostNote}</p>}
          {newest === undefined && query.error === null && <Skeleton label={t.loadingSessions} rows={4} />}
          {newest !== undefined && sessions.length === 0 && (
            <NoSessions
              isFiltered={isFiltered}
              isArchived={isArchived}
              onClear={() => setFilters({ q: '', agent: '', archived: '' })}
            />
          )}
          {sessions.length > 0 && (
            <ul className="-mx-4 -mt-4 divide-y divide-line sm:-mx-5">
              {sessions.map((session) => (
                <SessionRow key={session.key} serverId={server.id} session={session} />
              ))}
            </ul>
          )}
          {sessions.length > 0 && (
            <div className="flex flex-wrap items-center justify-between gap-3 text-xs text-muted">
              <p role="status">
                {query.hasNextPage ? t.shownAndMore(sessions.length) : t.shown(sessions.length)}
              </p>
              {query.hasNextPage && (
                <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {query.isFetchingNextPage ? t.loadingMore : t.loadMore}
                </Button>
              )}
            </div>
          )}
        </div>
      </Panel>
    </div>
  );
}

/** Refetches the list shortly after an event reports a change. */
function useFreshList(serverId: string): void {
  const queries = useQueryClient();
  const later = useLater(() => void queries.invalidateQueries({ queryKey: sessionListKey(serverId) }));
  useServerEvent((event) => {
    if (event.event === 'session' || requiresRefetch(event)) later(EVENTS_MS);
  });
}

type FilterValues = Record<(typeof filterNames)[number], string>;

function Filters({
  serverId,
  filters,
  onChange,
}: {
  serverId: string;
  filters: FilterValues;
  onChange: (change: Partial<FilterValues>) => void;
}) {
  const { api } = useServices();
  const t = useTexts(sessionTexts);
  const agents = useQuery(agentsQuery(api, serverId)).data?.agents ?? [];
  return (
    <search className="grid grid-cols-2 gap-3 *:first:col-span-2 sm:*:first:col-span-1 sm:grid-cols-[minmax(0,1fr)_12rem_10rem]">
      <Field label={t.search}>
        {(control) => (
          <input
            {...control}
            type="search"
            autoComplete="off"
            className={controlClass}
            value={filters.q}
            onChange={(event) => onChange({ q: event.target.value })}
          />
        )}
      </Field>
      <Field label={t.agent}>
        {(control) => (
          <Select
            {...control}
            value={filters.agent}
            onChange={(agent) => onChange({ agent })}
            options={[
              { value: '', title: t.allAgents },
              ...agents.map(({ id, name }) => ({ value: id, title: name })),
            ]}
          />
        )}
      </Field>
      <Field label={t.show}>
        {(control) => (
          <Select
            {...control}
            value={filters.archived}
            onChange={(archived) => onChange({ archived })}
            options={[
              { value: '', title: t.current },
              { value: 'yes', title: t.archived },
            ]}
          />
        )}
      </Field>
    </search>
  );
}

function NoSessions({
  isFiltered,
  isArchived,
  onClear,
}: {
  isFiltered: boolean;
  isArchived: boolean;
  onClear: () => void;
}) {
  const t = useTexts(sessionTexts);
  if (isFiltered)
    return (
      <EmptyNote title={t.noneFound}>
        <p>{t.noneFoundHint}</p>
        <Button className="mt-3" onClick={onClear}>
          {t.clearFilters}
        </Button>
      </EmptyNote>
    );
  return isArchived ? (
    <EmptyNote title={t.noneArchived}>{t.noneArchivedHint}</EmptyNote>
  ) : (
    <EmptyNote title={t.noSessions}>{t.noSessionsHint}</EmptyNote>
  );
}
