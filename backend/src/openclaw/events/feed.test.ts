// The state of a gateway as its readers see it, whatever the gateway says of itself.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import { createCalledGateways } from '../testing/called-gateways.ts';
import { createFeed } from './feed.ts';

test.each([
  ['a minute', { restartExpectedMs: 1_500, keptMs: 59_000, lostMs: 61_000 }],
  ['what it expects', { restartExpectedMs: 300_000, keptMs: 299_000, lostMs: 301_000 }],
  ['ten minutes', { restartExpectedMs: Number.MAX_VALUE, keptMs: 599_000, lostMs: 601_000 }],
])(
  'a gateway counts as restarting for %s, then as lost',
  async (_what, { restartExpectedMs, keptMs, lostMs }) => {
    const clock = createFakeClock();
    const gateways = createCalledGateways();
    gateways.methods['sessions.subscribe'] = () => ({});
    gateways.hello = async () => ({ version: '2026.9.6' }) as never;
    const feed = createFeed({ serverId: 's1', gateways, clock, random: () => 0 });
    await feed.first;
    gateways.hello = () => new Promise(() => undefined);
    feed.onShutdown({ restartExpectedMs });
    clock.pass(keptMs);
    feed.onDisconnected();
    await nextTurn();
    expect(feed.gateway()).toMatchObject({ state: 'restarting' });
    clock.pass(lostMs - keptMs);
    feed.onDisconnected();
    expect(feed.gateway()).toMatchObject({ state: 'disconnected' });
    feed.close();
  },
);
