import type { InboxItem } from '@buoy/contract';
import { expect, it } from 'vitest';
import { withDecided } from './with-decided.ts';

const command = (id: string, at: string | null): InboxItem => ({
  type: 'approval',
  serverId: 'srv_1',
  serverName: 'one',
  approval: {
    id,
    command: `expr ${id}`,
    cwd: null,
    host: null,
    agentId: null,
    sessionKey: null,
    warning: null,
    allowedDecisions: ['allow-once', 'deny'],
    requestedAt: at,
    expiresAt: null,
    status: 'pending',
  },
});
const [old, young, timeless] = [
  command('old', '2026-01-01T10:00:00.000Z'),
  command('young', '2026-01-01T11:00:00.000Z'),
  command('timeless', null),
];

const denied = { words: 'Denied.', note: null };

it('shows the oldest first, and those without a time at the end', () => {
  expect(withDecided([timeless, young, old], []).map(({ item }) => item)).toEqual([old, young, timeless]);
});

it('keeps what was decided here in its place after it has left the list', () => {
  expect(withDecided([young], [{ item: old, outcome: denied }])).toEqual([
    { item: old, outcome: denied },
    { item: young, outcome: null },
  ]);
});

it('does not ask again for what was decided here while the list is still the old one', () => {
  expect(withDecided([old], [{ item: old, outcome: denied }])).toEqual([{ item: old, outcome: denied }]);
});
