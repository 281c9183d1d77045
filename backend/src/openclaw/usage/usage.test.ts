// Usage is requested until OpenClaw has finished counting.
import { expect, test } from 'vitest';
import { createFakeClock } from '../../lib/testing/fake-clock.ts';
import { createCalledGateways, readerOf } from '../testing/called-gateways.ts';
import { createOpenclawUsage } from './usage.ts';

const { signal } = new AbortController();
const sums = (totalTokens: number) => ({ input: totalTokens, totalTokens });
const sessions = { aggregates: { messages: { total: 2 } }, cacheStatus: { status: 'fresh' } };

function start() {
  const clock = createFakeClock(Date.parse('2026-11-25T10:00:00Z'));
  const gateways = createCalledGateways();
  gateways.methods['sessions.usage'] = () => sessions;
  return { clock, gateways, usage: createOpenclawUsage({ reader: readerOf(gateways), clock }) };
}

test('usage › does not return the zeros of an unfinished count', async () => {
  const { gateways, usage } = start();
  const answers = [
    { totals: sums(0), daily: [], cacheStatus: { status: 'refreshing' } },
    { totals: sums(7), daily: [{ date: '2026-11-25', ...sums(7) }], cacheStatus: { status: 'fresh' } },
  ];
  gateways.methods['usage.cost'] = () => answers.shift();
  const answer = await usage.read('s1', {}, { signal });
  expect(answer.usage).toMatchObject({
    from: '2026-10-27',
    to: '2026-11-25',
    totals: { tokens: 7, messages: 2 },
    byDay: [{ date: '2026-11-25', tokens: 7 }],
    fresh: true,
  });
  const days = { startDate: '2026-10-27', endDate: '2026-11-25', mode: 'utc', agentScope: 'all' };
  expect(gateways.calls.slice(0, 2)).toEqual([
    { method: 'sessions.usage', params: { ...days, limit: 1 } },
    { method: 'usage.cost', params: days },
  ]);
});

test('usage › returns an unfinished count at the deadline, marked as such', async () => {
  const { clock, gateways, usage } = start();
  gateways.methods['usage.cost'] = () => {
    clock.pass(4_000);
    return { totals: sums(3), daily: [], cacheStatus: { status: 'refreshing' } };
  };
  const { usage: counted } = await usage.read('s1', { from: '2026-11-01', to: '2026-11-02' }, { signal });
  expect(counted).toMatchObject({ from: '2026-11-01', totals: { tokens: 3 }, fresh: false });
});

test('usage › requests the sum after the sessions are counted', async () => {
  const { gateways, usage } = start();
  const answers = [{ ...sessions, cacheStatus: { status: 'refreshing' } }, sessions];
  gateways.methods['sessions.usage'] = () => answers.shift();
  gateways.methods['usage.cost'] = () => ({ totals: sums(7), daily: [] });
  expect((await usage.read('s1', {}, { signal })).usage.fresh).toBe(true);
  expect(gateways.calls.map(({ method }) => method)).toEqual([
    'sessions.usage',
    'sessions.usage',
    'usage.cost',
  ]);
});

test('usage › refuses invalid days before it asks OpenClaw', async () => {
  const { gateways, usage } = start();
  await expect(usage.read('s1', { from: '2026-11-02', to: '2026-11-01' }, { signal })).rejects.toMatchObject({
    code: 'invalid_request',
  });
  expect(gateways.calls).toEqual([]);
});
