// Where the person's notifications go: each channel with its state, and whether any of them would reach the person.
import type { NotificationChannel } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { AddChannel } from './add-channel.tsx';
import { notificationChannelsQuery } from './channel-queries.ts';
import { NotificationChannelRow } from './channel-row.tsx';
import { RemoveChannel } from './remove-channel.tsx';
import { channelsTexts } from './texts.ts';
import { type TestResults, useSendTest } from './use-send-test.ts';

export function ChannelsPanel() {
  const { api } = useServices();
  const t = useTexts(channelsTexts);
  const { data, error } = useQuery(notificationChannelsQuery(api));
  return (
    <>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loading} rows={2} />}
      {data !== undefined && (
        <>
          <Channels channels={data.channels} isReachable={data.reachable} />
          <AddChannel channels={data.channels} />
        </>
      )}
    </>
  );
}

function Channels({
  channels,
  isReachable,
}: {
  channels: readonly NotificationChannel[];
  isReachable: boolean;
}) {
  const t = useTexts(channelsTexts);
  const [results, setResults] = useState<TestResults>(new Map());
  const [unwanted, setUnwanted] = useState<NotificationChannel | null>(null);
  const testAll = useSendTest(null, setResults);
  return (
    <Panel
      title={t.title}
      aside={
        channels.some(({ enabled }) => enabled) && (
          <Button disabled={testAll.isPending} onClick={() => testAll.mutate()}>
            {testAll.isPending ? t.testing : t.testAll}
          </Button>
        )
      }
    >
      {/* There while all is well, too: only then a screen reader hears when it is not. */}
      <div role="status">
        {!isReachable && (
          <p
            className={`rounded-md border border-down/40 bg-down/8 px-4 py-3 text-sm font-medium ${channels.length === 0 ? '' : 'mb-4'}`}
          >
            {channels.length === 0 ? t.noneReachable : t.unreachable}
          </p>
        )}
      </div>
      <div className="space-y-4 text-sm">
        {testAll.error !== null && <ProblemNote problem={testAll.error} />}
        {channels.length > 0 && (
          <ul aria-label={t.title} className="divide-y divide-line">
            {channels.map((channel) => (
              <NotificationChannelRow
                key={channel.id}
                channel={channel}
                result={results.get(channel.id) ?? null}
                setResults={setResults}
                onRemove={() => setUnwanted(channel)}
              />
            ))}
          </ul>
        )}
      </div>
      {unwanted !== null && <RemoveChannel channel={unwanted} onClose={() => setUnwanted(null)} />}
    </Panel>
  );
}
