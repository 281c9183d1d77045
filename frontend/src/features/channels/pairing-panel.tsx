// Pairing requests of this server, with the same cards as in the inbox.
import type { InboxItem, Server } from '@buoy/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { requiresRefetch, useServerEvent } from '../events/server-events.tsx';
import { InboxList } from '../inbox/inbox-list.tsx';
import { pairingQuery } from '../inbox/inbox-queries.ts';
import { inboxTexts } from '../inbox/texts.ts';

/** Milliseconds; OpenClaw has no event for people who write to a bot. */
const POLL_MS = 30_000;

export function PairingPanel({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(inboxTexts);
  const wanted = pairingQuery(api, server.id);
  const query = useQuery({ ...wanted, refetchInterval: POLL_MS });
  useServerEvent((event) => {
    if (event.event === 'pairing' || requiresRefetch(event))
      void queries.invalidateQueries({ queryKey: wanted.queryKey });
  });
  return (
    <ReadPanel title={t.pairingTitle} loading={t.loadingPairing} rows={1} query={query}>
      {({ requests }) => (
        <InboxList
          items={requests.map(
            (pairing): InboxItem => ({
              type: 'pairing',
              serverId: server.id,
              serverName: server.name,
              pairing,
            }),
          )}
          label={t.pairingTitle}
          namesServer={false}
          empty={<EmptyNote title={t.noPairing}>{t.noPairingHint}</EmptyNote>}
        />
      )}
    </ReadPanel>
  );
}
