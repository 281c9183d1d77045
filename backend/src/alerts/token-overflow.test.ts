// Which sessions have nearly filled their context, and which say nothing yet.
import { defaultThresholds, type OpenclawSession } from '@buoy/contract';
import { expect, test } from 'vitest';
import { overflowing as overflowingBy } from './token-overflow.ts';

const overflowing = (sessions: readonly OpenclawSession[], tokenOverflowShare?: number) =>
  overflowingBy(sessions, {
    tokenOverflowShare: tokenOverflowShare ?? defaultThresholds.tokenOverflowShare,
  });

const session = (share: number, more: object = {}, stale = false): OpenclawSession =>
  ({
    ...{ key: 'agent:main:main', agentId: 'main', model: 'fake/fake-1', running: false, updatedAt: null },
    tokens: { input: 1, output: 1, total: share * 1_000, context: 1_000, staleSinceCompaction: stale },
    ...more,
  }) as unknown as OpenclawSession;

test('a session above 80 % of its context is active, and the cause names key, agent, share and what to do', () => {
  expect(overflowing([session(0.856)])).toMatchObject({
    active: [
      {
        ...{ type: 'token_overflow', subject: 'agent:main:main', severity: 'warning' },
        cause:
          'The session "agent:main:main" of agent "main" has filled 85 % of its context. Compact or reset it.',
      },
    ],
    undetermined: [],
  });
});

test.each([
  ['between 75 and 80 %', session(0.78)],
  ['running', session(0.9, { running: true })],
  ['stale since a compaction', session(0.9, {}, true)],
])('a session %s neither fires nor ends an alert', (_what, one) => {
  expect(overflowing([one])).toEqual({
    active: [],
    undetermined: [{ type: 'token_overflow', subject: 'agent:main:main' }],
  });
});

test('a session below 75 % or without figures is over', () => {
  const reset = session(0, { tokens: { total: null, context: 1_000, staleSinceCompaction: false } });
  expect(overflowing([session(0.74), reset])).toEqual({ active: [], undetermined: [] });
});

test('another threshold moves both ends', () => {
  expect(overflowing([session(0.56)], 0.5).active).toHaveLength(1);
  expect(overflowing([session(0.46)], 0.5)).toMatchObject({ active: [], undetermined: [{}] });
  expect(overflowing([session(0.44)], 0.5)).toEqual({ active: [], undetermined: [] });
});
