// One account of a channel.
import type { Channel, ChannelState, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { channelsQuery } from './channel-queries.ts';
import { channelsTexts } from './texts.ts';

const tones: Record<ChannelState, string> = {
  connected: 'text-up',
  starting: 'text-unreachable',
  disconnected: 'text-down',
  stopped: 'text-muted',
  disabled: 'text-muted',
  not_configured: 'text-muted',
};

/** @param isPast the data is a snapshot and must not appear current */
export function ChannelRow({
  server,
  channel,
  isPast,
}: {
  server: Server;
  channel: Channel;
  isPast: boolean;
}) {
  const t = useTexts(channelsTexts);
  const formats = useFormats();
  const now = useNow();
  const { id, account, name, state, error, startedAt, lastActivityAt } = channel;
  const title = account === 'default' ? id : `${id}/${account}`;
  const isSetUp = state !== 'disabled' && state !== 'not_configured';
  const times = [
    ...(state === 'connected' && startedAt !== null ? [t.runsSince(formats.span(startedAt, now))] : []),
    ...(lastActivityAt !== null ? [t.lastActivity(formats.age(lastActivityAt, now))] : []),
    ...(lastActivityAt === null && state === 'connected' ? [t.noActivity] : []),
  ];
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-medium">
            <VisibleText text={title} />
          </span>
          {name !== null && name !== id && name !== account && (
            <span className="text-sm text-muted">
              <VisibleText text={name} />
            </span>
          )}
          <span className={`text-sm font-medium ${isPast ? 'text-muted' : tones[state]}`}>
            {t[`state_${state}`]}
          </span>
        </p>
        <p className="text-sm text-muted empty:hidden">{times.join(' · ')}</p>
        {error !== null && (
          <p className={`mt-1 text-sm ${isPast ? 'text-muted' : 'text-down'}`}>
            {t.error}:{' '}
            <span lang="en">
              <VisibleText text={error} />
            </span>
          </p>
        )}
      </div>
      {server.role !== 'viewer' && isSetUp && <StartStop server={server} channel={channel} title={title} />}
    </li>
  );
}

type Order = 'start' | 'stop';

function StartStop({ server, channel, title }: { server: Server; channel: Channel; title: string }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(channelsTexts);
  const [asked, setAsked] = useState<Order | null>(null);
  const decision = useDecisionKey();
  const change = useMutation({
    mutationFn: (order: Order) => {
      const target = {
        params: { id: server.id, channelId: channel.id },
        body: { account: channel.account },
        headers: decision.headers(),
      };
      return order === 'start'
        ? api.call('POST /servers/:id/openclaw/channels/:channelId/start', target)
        : api.call('POST /servers/:id/openclaw/channels/:channelId/stop', target);
    },
    onSuccess: () => setAsked(null),
    onError: decision.onError,
    ...(asked === null ? {} : { meta: { done: t[`${asked}Done`](title) } }),
    onSettled: () => queries.invalidateQueries({ queryKey: channelsQuery(api, server.id).queryKey }),
  });
  const orders: Order[] = channel.state === 'stopped' ? ['start'] : ['stop'];
  if (channel.state === 'disconnected') orders.unshift('start');
  const ask = (order: Order) => {
    change.reset();
    decision.renew();
    setAsked(order);
  };
  return (
    <div>
      <div className="flex flex-wrap gap-2">
        {orders.map((order) => (
          <Button key={order} aria-label={t[`${order}Named`](title)} onClick={() => ask(order)}>
            {t[order]}
          </Button>
        ))}
      </div>
      <p role="status" lang="en" className="max-w-60 text-sm text-muted empty:hidden">
        {change.data?.note != null && <VisibleText text={change.data.note} />}
      </p>
      {asked !== null && (
        <Confirm
          title={t[`${asked}Title`](title, server.name)}
          action={change.isPending ? t[`${asked}Pending`] : t[asked]}
          isDestructive={asked === 'stop'}
          isPending={change.isPending}
          problem={change.error}
          onConfirm={() => change.mutate(asked)}
          onClose={() => setAsked(null)}
        >
          <p>{t[`${asked}Effect`]}</p>
        </Confirm>
      )}
      {change.error !== null && asked === null && <ProblemNote problem={change.error} />}
    </div>
  );
}
