// The pinned host key of a server, and accepting a new one as the owner.
import type { Server } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { Fingerprint, type Key } from './fingerprint.tsx';
import { connectionTestQuery, OPENCLAW_STATUS, openclawStatusQuery, serverQuery } from './server-queries.ts';
import { settingsTexts } from './settings-texts.ts';

/** Shows the fingerprint of the key that the server really has; run on the server itself. */
const COMPARE_COMMAND = 'for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf "$key"; done';

export function HostKeyPanel({ server }: { server: Server }) {
  const { api } = useServices();
  const t = useTexts(settingsTexts);
  const formats = useFormats();
  const { error } = useQuery({ ...openclawStatusQuery(api, server.id), refetchInterval: false });
  const { offered, expected } = keysIn(error);
  const { hostKey } = server;
  const known = hostKey ?? expected;
  return (
    <Panel title={t.hostKey}>
      {hostKey === null ? (
        <p className="text-sm text-muted">{t.notPinned}</p>
      ) : (
        <>
          <p className="text-sm text-muted">{t.pinnedNote}</p>
          <Facts
            facts={[
              { term: t.fingerprint, value: <Fingerprint value={hostKey} />, wide: true },
              { term: t.pinnedSince, value: formats.moment(hostKey.pinnedAt), wide: true },
            ]}
          />
        </>
      )}
      {offered !== null && known !== null && offered.fingerprint !== known.fingerprint && (
        <Changed server={server} pinned={known} offered={offered} />
      )}
    </Panel>
  );
}

function Changed({ server, pinned, offered }: { server: Server; pinned: Key; offered: Key }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(settingsTexts);
  // As it was when the question was opened: a server that shows another key meanwhile must not change what a person compared.
  const [asked, setAsked] = useState<{ pinned: Key; offered: Key } | null>(null);
  const decision = useDecisionKey();
  const accept = useMutation({
    mutationFn: (fingerprint: string) =>
      api.call('POST /servers/:id/host-key/accept', {
        params: { id: server.id },
        body: { fingerprint },
        headers: decision.headers(),
      }),
    onSuccess: (answer) => {
      setAsked(null);
      queries.setQueryData(serverQuery(api, server.id).queryKey, answer.server);
      void queries.fetchQuery({ ...connectionTestQuery(api, server.id), staleTime: 0 });
      for (const queryKey of [[OPENCLAW_STATUS, server.id], ['servers']])
        void queries.invalidateQueries({ queryKey });
    },
    onError: decision.onError,
    meta: { done: t.keyAccepted(server.name) },
  });
  return (
    <div role="alert" className="mt-4 rounded-md border border-down/40 bg-down/8 px-4 py-3 text-sm">
      <p className="font-medium text-down">{t.changedTitle}</p>
      <Both pinned={pinned} offered={offered} />
      <p className="mt-3">{t.changedNote}</p>
      <p className="mt-1 flex flex-wrap items-center gap-x-3 break-all">
        <Copyable value={COMPARE_COMMAND} label={t.copyCompare} />
      </p>
      {server.role === 'owner' ? (
        <Button variant="danger" className="mt-3" onClick={() => setAsked({ pinned, offered })}>
          {t.acceptKey}
        </Button>
      ) : (
        <p className="mt-3 text-muted">{t.ownerAccepts}</p>
      )}
      {asked !== null && (
        <Confirm
          title={t.acceptTitle(server.name)}
          action={t.acceptNow}
          isDestructive
          isPending={accept.isPending}
          problem={accept.error}
          onConfirm={() => accept.mutate(asked.offered.fingerprint)}
          onClose={() => setAsked(null)}
        >
          <p>{t.acceptWarning}</p>
          <Both {...asked} />
        </Confirm>
      )}
    </div>
  );
}

function Both({ pinned, offered }: { pinned: Key; offered: Key }) {
  const t = useTexts(settingsTexts);
  return (
    <Facts
      facts={[
        { term: t.remembered, value: <Fingerprint value={pinned} />, wide: true },
        { term: t.shownNow, value: <Fingerprint value={offered} />, wide: true },
      ]}
    />
  );
}

/** The key that a server showed in place of the known one, and the one that was expected where none is pinned, from the refusal. */
function keysIn(error: Error | null): { offered: Key | null; expected: Key | null } {
  if (!(error instanceof ApiError) || error.code !== 'host_key_changed')
    return { offered: null, expected: null };
  const { offered, expected } = (error.details ?? {}) as {
    offered?: Partial<Record<keyof Key, unknown>>;
    expected?: unknown;
  };
  const { algorithm, fingerprint } = offered ?? {};
  return {
    offered:
      typeof algorithm === 'string' && typeof fingerprint === 'string' ? { algorithm, fingerprint } : null,
    expected: typeof expected === 'string' ? { algorithm: '', fingerprint: expected } : null,
  };
}
