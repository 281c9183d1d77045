// One server: how it is, what OpenClaw does there, and what can be done about it.
import type { Server } from '@buoy/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { withLocalTimes } from '../../ui/age.ts';
import { buttonClass } from '../../ui/button.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Tags } from '../../ui/tags.tsx';
import { useNow } from '../../ui/use-now.ts';
import { OpenControlUi } from '../control-ui/open-control-ui-button.tsx';
import { TaskProgress } from '../tasks/task-progress.tsx';
import { useTask } from '../tasks/use-task.ts';
import { addressOf } from './address-of.ts';
import { ConnectionTest } from './connection-test.tsx';
import { OpenclawPanel } from './openclaw-panel.tsx';
import { RestartGateway } from './restart-gateway.tsx';
import { openclawStatusQuery, serverQuery } from './server-queries.ts';
import { checkedAge, StateBadge } from './server-state.tsx';

export function ServerPage({ id }: { id: string }) {
  const { api } = useServices();
  const { data: server, error } = useQuery(serverQuery(api, id));
  return (
    <div className="space-y-4">
      <a {...linkTo('/')} className={`${buttonClass('quiet')} -ml-4 lg:hidden`}>
        ← All servers
      </a>
      {server === undefined && <PageHeading title="Server">Server</PageHeading>}
      {error !== null && <ProblemNote problem={error} />}
      {server === undefined && error === null && <Skeleton label="Loading the server" rows={3} />}
      {server !== undefined && <ServerDetails key={server.id} server={server} />}
    </div>
  );
}

function ServerDetails({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const status = useQuery(openclawStatusQuery(api, server.id));
  const restart = useTask('openclaw.restart', server.id, () => {
    for (const queryKey of [['openclaw-status', server.id], ['server', server.id], ['servers']])
      void queries.invalidateQueries({ queryKey });
  });
  return (
    <>
      <ServerHeader
        server={server}
        reasons={server.status.reasons.filter((reason) => reason !== status.error?.message)}
      />
      {server.role === 'viewer' ? (
        <p className="text-sm text-muted">You are a viewer of this server: you may look, an admin may act.</p>
      ) : (
        <div className="flex flex-wrap gap-2">
          <RestartGateway server={server} status={status.data?.status ?? null} task={restart} />
          <ConnectionTest.Button serverId={server.id} />
          <OpenControlUi serverId={server.id} />
        </div>
      )}
      {restart.problem !== null && <ProblemNote problem={restart.problem} />}
      {restart.view !== null && (
        <TaskProgress title="Gateway restart" view={restart.view} onDismiss={restart.dismiss} />
      )}
      <ConnectionTest.Result serverId={server.id} />
      <OpenclawPanel answer={status.data ?? null} error={status.error} />
    </>
  );
}

/** @param reasons those that the page does not tell elsewhere */
function ServerHeader({ server, reasons }: { server: Server; reasons: readonly string[] }) {
  const { name, username, status, tags, role, hostKey } = server;
  const now = useNow();
  return (
    <header>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <PageHeading title={name} className="min-w-0 text-xl">
          {name}
        </PageHeading>
        <StateBadge status={status} now={now} />
      </div>
      <p className="mt-1 font-mono text-sm text-muted select-all">
        {username}@{addressOf(server)}
      </p>
      {reasons.map((reason) => (
        <p key={reason} className="mt-2 text-sm">
          {withLocalTimes(reason)}
        </p>
      ))}
      <p className="mt-1 text-xs text-muted">
        {checkedAge(status, now)} · your role: {role}
        {hostKey !== null && (
          <>
            {' '}
            · host key <span className="font-mono">{hostKey.fingerprint}</span>
          </>
        )}
      </p>
      {tags.length > 0 && <Tags tags={tags} />}
    </header>
  );
}
