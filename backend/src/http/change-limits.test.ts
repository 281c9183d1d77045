// Changes by one person: 600 of one record in a row, 60 of a setting, 10,000 in all, and what ends access never waits.
import { describe, expect, test } from 'vitest';
import type { Caller } from '../users/caller.ts';
import { createChangeLimits } from './change-limits.ts';

const PUT = 'PUT /servers/:id';

function limitsAt() {
  let now = Date.parse('2026-03-01T10:00:00.000Z');
  const limits = createChangeLimits({ clock: { now: () => now, after: () => () => undefined } });
  const isRefused = (act: () => void): boolean => {
    try {
      act();
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: 'rate_limited', details: { retryAfterS: expect.any(Number) } });
      return true;
    }
  };
  return {
    /** How many of `times` changes are refused. */
    refusedOf: (times: number, caller: Caller, key: string, params: Record<string, string>) =>
      Array.from({ length: times }, () => isRefused(() => limits.spend(caller, key, params))).filter(Boolean)
        .length,
    leaveEntries(times: number, caller: Caller) {
      for (let index = 0; index < times; index += 1) limits.wrote(caller);
    },
    isRefused: (caller: Caller, key: string) => isRefused(() => limits.check(caller, key)),
    wait(ms: number) {
      now += ms;
    },
  };
}

const person = (id: string): Caller =>
  ({ user: { id }, sessionId: 'ses', apiToken: null }) as unknown as Caller;
const token = (id: string): Caller =>
  ({ user: { id }, sessionId: null, apiToken: { id: 'tok', scopes: [] } }) as unknown as Caller;

describe('changes of one record by one person', () => {
  test('are refused after 600 in a row, then one in ten seconds is not', () => {
    const { refusedOf, wait } = limitsAt();
    expect(refusedOf(605, person('ada'), PUT, { id: 'srv_1' })).toBe(5);
    wait(10_000);
    expect(refusedOf(2, person('ada'), PUT, { id: 'srv_1' })).toBe(1);
  });

  test.each([
    ['of a role', 'PUT /servers/:id/access/:userId', { id: 'srv_1', userId: 'bob' }],
    ['of oneself', 'PUT /me', {}],
  ])('%s are refused after 60 in a row, then one a minute is not', (_what, key, params) => {
    const { refusedOf, wait } = limitsAt();
    expect(refusedOf(65, person('ada'), key, params)).toBe(5);
    wait(60_000);
    expect(refusedOf(2, person('ada'), key, params)).toBe(1);
  });

  test('take nothing from other records, people, and devices while an API token makes them', () => {
    const { refusedOf } = limitsAt();
    expect(refusedOf(601, token('ada'), PUT, { id: 'srv_1' })).toBe(1);
    expect(refusedOf(1, person('ada'), PUT, { id: 'srv_1' })).toBe(0);
    expect(refusedOf(1, token('ada'), PUT, { id: 'srv_2' })).toBe(0);
    expect(refusedOf(1, token('bob'), PUT, { id: 'srv_1' })).toBe(0);
  });

  test.each([
    ['a new server', 'POST /servers', {}],
    ['a clone', 'POST /servers/:id/clone', { id: 'srv_1' }],
    ['a task', 'POST /servers/:id/openclaw/restart', { id: 'srv_1' }],
    ['a removal', 'DELETE /servers/:id/access/:userId', { id: 'srv_1', userId: 'bob' }],
    ['a sign-out', 'POST /auth/logout', {}],
    ['the disabling of a person', 'POST /admin/users/:id/disable', { id: 'bob' }],
  ])('%s is none of them', (_what, key, params) => {
    expect(limitsAt().refusedOf(700, person('ada'), key, params)).toBe(0);
  });
});

describe('calls of a person who has left 10,000 audit entries', () => {
  test('are refused until a second has passed', () => {
    const { leaveEntries, isRefused, wait } = limitsAt();
    leaveEntries(9_999, person('ada'));
    expect(isRefused(person('ada'), PUT)).toBe(false);
    leaveEntries(1, person('ada'));
    expect(isRefused(person('ada'), PUT)).toBe(true);
    expect(isRefused(person('bob'), PUT)).toBe(false);
    wait(1_000);
    expect(isRefused(person('ada'), PUT)).toBe(false);
  });

  test('still end access and work: neither reads nor such calls are refused', () => {
    const { leaveEntries, isRefused } = limitsAt();
    leaveEntries(11_000, person('ada'));
    for (const key of [
      'GET /servers',
      'DELETE /me/tokens/:id',
      'DELETE /servers/:id',
      'PUT /servers/:id/access/:userId',
      'DELETE /servers/:id/access/:userId',
      'DELETE /servers/:id/invites/:inviteId',
      'DELETE /update-policies/:tag',
      'POST /rollouts/:id/cancel',
      'POST /tasks/:id/cancel',
      'POST /auth/logout',
      'POST /admin/users/:id/disable',
    ])
      expect([key, isRefused(person('ada'), key)]).toEqual([key, false]);
  });

  test('remove nothing on servers any more, where a removal that fails can be repeated without end', () => {
    const { leaveEntries, isRefused } = limitsAt();
    leaveEntries(10_000, person('ada'));
    for (const key of [
      'DELETE /servers/:id/openclaw/cron/:jobId',
      'DELETE /servers/:id/openclaw/agents/:agentId',
      'DELETE /servers/:id/setup/snapshots/:snapshotId',
    ])
      expect([key, isRefused(person('ada'), key)]).toEqual([key, true]);
  });

  test('are refused to a thief of an API token, and not to its person', () => {
    const { leaveEntries, isRefused } = limitsAt();
    leaveEntries(10_000, token('ada'));
    expect(isRefused(token('ada'), PUT)).toBe(true);
    expect(isRefused(person('ada'), PUT)).toBe(false);
  });
});
