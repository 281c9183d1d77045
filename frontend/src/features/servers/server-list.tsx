// All servers, problems first.
import type { Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { formatAge } from '../../ui/age.ts';
import { buttonClass } from '../../ui/button.tsx';
import { controlClass } from '../../ui/field.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { countByState, problemsFirst } from './server-order.ts';
import { serversQuery } from './server-queries.ts';
import { ServerRow } from './server-row.tsx';
import { stateWord } from './server-state.tsx';

/** With fewer, one sees them all at once. */
const FILTER_FROM = 6;

/** @param selectedId null: the list has the page to itself */
export function ServerList({ selectedId }: { selectedId: string | null }) {
  const { api } = useServices();
  const { data, error, dataUpdatedAt } = useQuery(serversQuery(api));
  const now = useNow();
  return (
    <div className="@container">
      <div className="mb-3">
        <div className="flex items-center justify-between gap-4">
          {selectedId === null ? (
            <PageHeading title="Servers">Servers</PageHeading>
          ) : (
            <h2 className="text-xl font-semibold tracking-tight">Servers</h2>
          )}
          {data !== undefined && data.length > 0 && (
            <a {...linkTo('/servers/new')} className={buttonClass('plain')}>
              Add server
            </a>
          )}
        </div>
        {data !== undefined && data.length > 0 && <Summary servers={data} />}
      </div>
      {error !== null && (
        <div className="mb-3">
          <ProblemNote problem={error} />
          {data !== undefined && (
            <p className="mt-1 text-sm text-muted">
              The list below was read {formatAge(new Date(dataUpdatedAt).toISOString(), now)}.
            </p>
          )}
        </div>
      )}
      {data === undefined && error === null && <Skeleton label="Loading servers" rows={4} />}
      {data?.length === 0 && <EmptyList />}
      {data !== undefined && data.length > 0 && (
        <Rows servers={problemsFirst(data)} selectedId={selectedId} now={now} />
      )}
    </div>
  );
}

function Summary({ servers }: { servers: readonly Server[] }) {
  return (
    <p className="text-sm text-muted">
      {countByState(servers)
        .map(({ state, count }) => `${count} ${stateWord(state).toLowerCase()}`)
        .join(' · ')}
    </p>
  );
}

function Rows({
  servers,
  selectedId,
  now,
}: {
  servers: readonly Server[];
  selectedId: string | null;
  now: number;
}) {
  const [filter, setFilter] = useState('');
  const wanted = useDeferredValue(filter.trim().toLowerCase());
  const shown = servers.filter((server) =>
    [server.name, server.host, ...server.tags].some((text) => text.toLowerCase().includes(wanted)),
  );
  return (
    <>
      {servers.length >= FILTER_FROM && (
        <input
          type="search"
          aria-label="Filter by name, address or tag"
          placeholder="Filter by name, address or tag"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          className={`${controlClass} mb-3`}
        />
      )}
      {shown.length === 0 ? (
        <p className="text-muted">No server matches “{filter.trim()}”.</p>
      ) : (
        <ul aria-label="Servers" className="overflow-hidden rounded-lg border border-line bg-surface">
          {shown.map((server) => (
            <ServerRow key={server.id} server={server} selected={server.id === selectedId} now={now} />
          ))}
        </ul>
      )}
    </>
  );
}

function EmptyList() {
  return (
    <section className="rounded-lg border border-line bg-surface p-5 sm:p-8">
      <h2 className="text-lg font-semibold">No servers yet</h2>
      <p className="mt-2 max-w-prose text-muted">
        Buoy reaches each server by SSH, the way you do. Nothing is installed on it and no port is opened: you
        need its address, a login name, and a password or a private key.
      </p>
      <ol className="mt-4 max-w-prose list-decimal space-y-1 pl-5 text-muted">
        <li>
          Copy the line that you type in a terminal, such as{' '}
          <code className="rounded border border-line bg-inset px-1.5 py-0.5 font-mono text-sm whitespace-nowrap text-ink">
            ssh deploy@203.0.113.7
          </code>
        </li>
        <li>Paste it under “Add server”, and give the password or key.</li>
        <li>Buoy logs in once and tells you what it found, or what is in the way.</li>
      </ol>
      <a {...linkTo('/servers/new')} className={`${buttonClass('primary')} mt-6`}>
        Add server
      </a>
    </section>
  );
}
