// Open and resolved alerts of all servers or one.
import type { Alert, Server } from '@buoy/contract';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import type { PageProps } from '../../page-props.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { Field } from '../../ui/field.tsx';
import { NotFound } from '../../ui/not-found.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Select } from '../../ui/select.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { useFilters } from '../../ui/use-filters.ts';
import { serversQuery } from '../servers/server-queries.ts';
import { AlertCard } from './alert-card.tsx';
import { alertGroups } from './alert-groups.ts';
import { alertsQuery } from './alert-queries.ts';
import { alertsLinkTexts } from './link-texts.ts';
import { alertsTexts } from './texts.ts';
import { useMarkRead } from './use-mark-read.ts';

const none: readonly Alert[] = [];

export function AlertsPage({ rest }: PageProps) {
  const { api } = useServices();
  const t = useTexts(alertsTexts);
  const { alerts: title } = useTexts(alertsLinkTexts);
  const servers = useQuery(serversQuery(api)).data;
  const [{ server: serverId }, setFilters] = useFilters(['server']);
  const list = useInfiniteQuery(alertsQuery(api, serverId === '' ? null : serverId));
  const { data, error } = list;
  const alerts = useMemo(() => {
    const all = data?.pages.flatMap((page) => page.alerts) ?? none;
    // One that ended between two pages is on both of them.
    return [...new Map(all.map((alert) => [alert.id, alert])).values()];
  }, [data]);
  useMarkRead(alerts);
  if (rest.length > 0) return <NotFound />;
  return (
    <div className="mx-auto max-w-3xl space-y-4">
      <PageHeading title={title}>{title}</PageHeading>
      {(servers?.length ?? 0) > 1 && (
        <search aria-label={t.filters} className="block max-w-sm">
          <Field label={t.server}>
            {(control) => (
              <Select
                {...control}
                value={serverId}
                options={[
                  { value: '', title: t.anyServer },
                  ...(servers ?? []).map(({ id, name }) => ({ value: id, title: name })),
                ]}
                onChange={(server) => setFilters({ server })}
              />
            )}
          </Field>
        </search>
      )}
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loading} rows={3} />}
      {data !== undefined && (
        <>
          {alerts.length === 0 && (
            <Nothing isFiltered={serverId !== ''} onShowAll={() => setFilters({ server: '' })} />
          )}
          <Groups alerts={alerts} servers={servers ?? []} />
        </>
      )}
      {list.hasNextPage && <More list={list} />}
    </div>
  );
}

function Nothing({ isFiltered, onShowAll }: { isFiltered: boolean; onShowAll: () => void }) {
  const t = useTexts(alertsTexts);
  if (!isFiltered) return <EmptyNote title={t.emptyTitle}>{t.empty}</EmptyNote>;
  return (
    <EmptyNote title={t.noMatchTitle}>
      <Button onClick={onShowAll}>{t.showAll}</Button>
    </EmptyNote>
  );
}

function Groups({ alerts, servers }: { alerts: readonly Alert[]; servers: readonly Server[] }) {
  const t = useTexts(alertsTexts);
  const groups = alertGroups(alerts);
  const byId = new Map(servers.map((server) => [server.id, server]));
  return (
    <>
      {groups.length > 0 && groups.every(({ kind }) => kind === 'resolved') && (
        <EmptyNote title={t.nothingOpenTitle}>{t.nothingOpen}</EmptyNote>
      )}
      {groups.map(({ kind, alerts: within }) => (
        <section key={kind}>
          <h2 className="mb-1.5 text-sm font-semibold text-muted">
            {t[kind]} · {within.length}
          </h2>
          <ul
            aria-label={t[kind]}
            className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface"
          >
            {within.map((alert) => (
              <AlertCard key={alert.id} alert={alert} server={byId.get(alert.serverId) ?? null} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function More({ list }: { list: { isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> } }) {
  const { loadMore } = useTexts(uiTexts);
  return (
    <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
      {loadMore}
    </Button>
  );
}
