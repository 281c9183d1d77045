import type { InboxItem } from '@buoy/contract';
import { expect, it } from 'vitest';
import { type Asked, keyOf, withDecided } from './with-decided.ts';

const command = (id: string, at: string | null): InboxItem => ({
  type: 'approval',
  serverId: 'srv_1',
  serverName: 'one',
  approval: {
    id,
    command: `expr ${id}`,
    cwd: null,
    env: [],
    host: null,
    node: null,
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

it('lists inbox requests oldest first, those without a time last', () => {
  expect(withDecided([timeless, young, old], []).map(({ item }) => item)).toEqual([old, young, timeless]);
});

it('keeps a decided request in place after it left the server’s list', () => {
  expect(withDecided([young], [{ item: old, outcome: denied }])).toEqual([
    { item: old, outcome: denied },
    { item: young, outcome: null },
  ]);
});

it('does not reopen a decided request while the list is outdated', () => {
  expect(withDecided([old], [{ item: old, outcome: denied }])).toEqual([{ item: old, outcome: denied }]);
});

it('adds what comes below what is shown already, whatever time it claims', () => {
  const shown = [keyOf(young), keyOf(timeless)];
  expect(withDecided([old, young, timeless], [], shown).map(({ item }) => item)).toEqual([
    young,
    timeless,
    old,
  ]);
});

it('adds a request for access below what is shown already, so that a stranger moves no button', () => {
  const stranger: Asked = {
    type: 'access',
    request: { userId: '666', name: 'Mallory', requestedAt: '2026-01-01T09:00:00.000Z' },
  };
  expect(withDecided([young, stranger], []).map(({ item }) => item)).toEqual([stranger, young]);
  const shown = [keyOf(young)];
  expect(withDecided([stranger, young], [], shown).map(({ item }) => item)).toEqual([young, stranger]);
  const both = [keyOf(young), keyOf(stranger)];
  const decided = [{ item: stranger, outcome: denied }];
  expect(withDecided([young], decided, both).map(({ item }) => item)).toEqual([young, stranger]);
});

it('keeps a decided request where it was shown', () => {
  const shown = [keyOf(young), keyOf(old)];
  expect(withDecided([old], [{ item: young, outcome: denied }], shown).map(({ item }) => item)).toEqual([
    young,
    old,
  ]);
});

it('adds what was away for a moment below the rest', () => {
  const shown = withDecided([old, young], []).map(({ item }) => keyOf(item));
  const without = withDecided([young], [], shown).map(({ item }) => keyOf(item));
  expect(withDecided([old, young], [], without).map(({ item }) => item)).toEqual([young, old]);
});
