// All servers, problems first and the healthy by tag: the first page by itself, and a column beside a server where there is room.
import type { Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { memo, useDeferredValue, useEffect, useMemo, useRef } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { BULK_SETUP_PATH } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { type ListHours, useListHours } from '../history/list-hours.ts';
import { useUser } from '../sign-in/use-user.ts';
import { FirstServer } from './first-server.tsx';
import { homeTexts } from './home-texts.ts';
import { type KnownStatuses, useKnownStatuses, useStatusReader } from './known-statuses.ts';
import { SearchFields, useListSearch } from './list-search.tsx';
import { loadServerPage } from './load-server-page.ts';
import { PullHint } from './pull-hint.tsx';
import { found, type ServerGroup, serverGroups, tagsIn } from './server-order.ts';
import { isOwn } from './server-owner.ts';
import { serversQuery } from './server-queries.ts';
import { ServerRow } from './server-row.tsx';
import { stateTexts } from './state-texts.ts';
import { useLiveList } from './use-live-list.ts';
import { usePullToRefresh } from './use-pull-to-refresh.ts';

/** With fewer, one sees them all at once. */
const SEARCH_FROM = 6;

/** The first page. */
export function Home() {
  const { api } = useServices();
  const t = useTexts(homeTexts);
  const mayAddServers = useUser()?.mayAddServers === true;
  const isLive = useLiveList();
  const { data: servers, refetch } = useQuery(serversQuery(api, isLive));
  const pull = usePullToRefresh(refetch);
  const list = useRef<HTMLDivElement>(null);
  useStatusReader(list, servers ?? none);
  const isThere = servers !== undefined;
  useEffect(() => {
    // Not before the list is there, which a slow phone waits for. What is not fetched now is fetched when the page is opened.
    if (isThere) loadServerPage().catch(() => undefined);
  }, [isThere]);
  return (
    <>
      <PullHint pull={pull} />
      <div className="mb-3 flex items-center justify-between gap-4">
        <PageHeading title={t.servers}>{t.servers}</PageHeading>
        {mayAddServers && (
          <a {...linkTo('/servers/new')} className={buttonClass(servers?.length === 0 ? 'quiet' : 'plain')}>
            {t.addServer}
          </a>
        )}
      </div>
      <div ref={list}>
        {servers?.length !== 0 ? (
          <ServerList selectedId={null} isLive={isLive} />
        ) : mayAddServers ? (
          <FirstServer />
        ) : (
          <EmptyNote title={t.emptyTitle}>{t.mayNotAdd}</EmptyNote>
        )}
      </div>
    </>
  );
}

/** The list in a column of its own, which scrolls by itself. */
export function ServerColumn({ selectedId }: { selectedId: string }) {
  const mayAddServers = useUser()?.mayAddServers === true;
  const t = useTexts(homeTexts);
  return (
    <div className="sticky top-4 max-h-[calc(100dvh-2rem)] self-start overflow-y-auto">
      <div className="mb-3 flex items-center justify-between gap-4">
        <h2 className="text-xl font-semibold tracking-tight">{t.servers}</h2>
        {mayAddServers && (
          <a {...linkTo('/servers/new')} className={buttonClass()}>
            {t.addServer}
          </a>
        )}
      </div>
      <ServerList selectedId={selectedId} isLive={false} />
    </div>
  );
}

const none: readonly Server[] = [];

function ServerList({ selectedId, isLive }: { selectedId: string | null; isLive: boolean }) {
  const { api } = useServices();
  const { data, error } = useQuery(serversQuery(api, isLive));
  const t = useTexts(homeTexts);
  const search = useListSearch();
  const known = useKnownStatuses();
  const hours = useListHours(data !== undefined && data.length > 0);
  // A new list is rendered in pieces between frames, so that scrolling stays smooth.
  const servers = useDeferredValue(data ?? none);
  const groups = useMemo(
    () => serverGroups(found(servers, search.search), search.search.tags.length > 0),
    [servers, search.search],
  );
  const tags = useMemo(() => tagsIn(servers), [servers]);
  const hasSearch = servers.length >= SEARCH_FROM || search.typed.tags.length > 0;
  return (
    <div className="@container">
      {/* What is shown stays while Buoy is silent: the banner of the app says so. */}
      {error !== null && data === undefined && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loadingServers} rows={4} />}
      {hasSearch && <SearchFields search={search} tags={tags} />}
      <Groups groups={groups} known={known} hours={hours} selectedId={selectedId} />
      {servers.length > 0 && groups.length === 0 && (
        <EmptyNote title={t.noMatch}>
          <p>{t.noMatchHint}</p>
          <Button className="mt-3" onClick={search.reset}>
            {t.showAll}
          </Button>
        </EmptyNote>
      )}
      {hasSearch && (
        <p role="status" className="sr-only">
          {t.shown(groups.reduce((sum, group) => sum + group.servers.length, 0))}
        </p>
      )}
    </div>
  );
}

const Groups = memo(function Groups({
  groups,
  known,
  hours,
  selectedId,
}: {
  groups: readonly ServerGroup[];
  known: KnownStatuses;
  hours: ListHours;
  selectedId: string | null;
}) {
  const t = useTexts(homeTexts);
  const states = useTexts(stateTexts);
  const user = useUser();
  return groups.map((group) => {
    const title = group.by === 'state' ? states[group.state] : (group.tag ?? t.untagged);
    return (
      <section key={group.by === 'state' ? group.state : `#${group.tag ?? ''}`} className="mb-4">
        <div className="mb-1.5 flex items-center justify-between gap-4">
          <h2 className="min-w-0 truncate text-sm font-semibold text-muted">
            {t.groupOf(title, group.servers.length)}
          </h2>
          {user?.mayAddServers === true && isSetUpTogether(group, user.id) && (
            <a {...linkTo(BULK_SETUP_PATH)} className={`${buttonClass('quiet')} -mr-4 shrink-0`}>
              {t.setUpTogether}
            </a>
          )}
        </div>
        <ul aria-label={title} className="overflow-hidden rounded-lg border border-line bg-surface">
          {group.servers.map((server) => (
            <ServerRow
              key={server.id}
              server={server}
              known={known.get(server.id) ?? null}
              hours={hours[server.id] ?? null}
              selected={server.id === selectedId}
            />
          ))}
        </ul>
      </section>
    );
  });
});

/** True for several servers without OpenClaw: those of the person are set up on one page. */
function isSetUpTogether(group: ServerGroup, userId: string): boolean {
  const own = group.servers.filter((server) => isOwn(server, userId));
  return group.by === 'state' && group.state === 'not_set_up' && own.length > 1;
}
