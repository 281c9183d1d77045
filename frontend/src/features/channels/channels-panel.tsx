// All channel accounts: state, last error, start and stop.
import type { Server } from '@buoy/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { requiresRefetch, useServerEvent } from '../events/server-events.tsx';
import { channelsQuery } from './channel-queries.ts';
import { ChannelRow } from './channel-row.tsx';
import { channelsTexts } from './texts.ts';

export function ChannelsPanel({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(channelsTexts);
  const wanted = channelsQuery(api, server.id);
  const query = useQuery(wanted);
  useServerEvent((event) => {
    if (event.event === 'channel' || event.event === 'config' || requiresRefetch(event))
      void queries.invalidateQueries({ queryKey: wanted.queryKey });
  });
  const configLink = (
    <a {...linkTo(serverPath(server.id, 'config'))} className="text-link underline">
      {t.toConfig}
    </a>
  );
  return (
    <ReadPanel title={t.channels} loading={t.loadingChannels} rows={2} query={query}>
      {({ channels, source }) =>
        channels.length === 0 ? (
          <EmptyNote title={t.noChannels}>
            <p>{t.noChannelsHint}</p>
            <p className="mt-2">{configLink}</p>
          </EmptyNote>
        ) : (
          <>
            <ul aria-label={t.channels} className="divide-y divide-line">
              {channels.map((channel) => (
                <ChannelRow
                  key={`${channel.id} ${channel.account}`}
                  server={server}
                  channel={channel}
                  isPast={source === 'snapshot'}
                />
              ))}
            </ul>
            <p className="text-sm text-muted">
              {t.configHint} {configLink}
              {server.role === 'viewer' && ` ${t.viewer}`}
            </p>
          </>
        )
      }
    </ReadPanel>
  );
}
