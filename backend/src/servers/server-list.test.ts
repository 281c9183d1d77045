// One read of the list serves all its followers; each one gets the events of their own servers.
import type { Role } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { until } from '../lib/testing/until.ts';
import { type ServerListEvent, serverEvents } from './server-events.ts';
import { createServerListWatch, type ServerListWatch, type SharedServer } from './server-list.ts';

const named = (id: string, name = id): SharedServer => ({
  ...{ id, name, host: 'h', port: 22, username: 'u', authType: 'key' as const, tags: [] },
  ...{
    jumpServerId: null,
    jumpServerRemoved: false,
    hostKey: null,
    openclaw: { installed: null, version: null },
  },
  status: { state: 'unknown' as const, since: '2026-01-01T00:00:00.000Z', checkedAt: null, reasons: [] },
  ...{ owner: { id: 'ada', name: 'Ada', givenBy: null } },
  ...{ version: 1, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' },
});

let clock: FakeClock;
let servers: SharedServer[];
let grants: Array<{ serverId: string; userId: string; role: Role }>;
let readings: number;
let broken: Error | null;
let changed: () => void;
let watch: ServerListWatch;
const leaving: AbortController[] = [];

beforeEach(() => {
  clock = createFakeClock();
  servers = [named('a'), named('b')];
  grants = [{ serverId: 'a', userId: 'ann', role: 'viewer' }];
  readings = 0;
  broken = null;
  changed = () => undefined;
  watch = createServerListWatch({
    async read() {
      readings += 1;
      if (broken !== null) throw broken;
      return { servers, grants };
    },
    onChange(listener) {
      changed = listener;
      return () => {
        changed = () => undefined;
      };
    },
    clock,
  });
});
afterEach(() => {
  for (const one of leaving.splice(0)) one.abort();
});

/** Follows as this person; `take` gives the next events as texts. */
function follow(userId: string | null) {
  const leave = new AbortController();
  leaving.push(leave);
  const events = serverEvents(watch.follow(userId, leave.signal), userId);
  return {
    leave: () => leave.abort(),
    events,
    async take(count: number): Promise<string[]> {
      const taken: string[] = [];
      while (taken.length < count) {
        const { value, done } = await events.next();
        if (done) throw new Error('it ended');
        taken.push(textOf(value));
      }
      return taken;
    },
  };
}

function textOf({ event, data }: ServerListEvent): string {
  if (event === 'complete') return `complete ${data.servers}`;
  return event === 'removed' ? `removed ${data.id}` : `${data.id} ${data.name} ${data.role}`;
}

/** Lets the time of one unasked reading pass. */
async function readAgain(): Promise<void> {
  const before = readings;
  await until(() => {
    clock.pass(250);
    return readings > before;
  }, 'the list was read again');
}

describe('the shared list', () => {
  test('hides the owner from a viewer', async () => {
    const ownerShownTo = async (userId: string | null) => {
      const { value } = await follow(userId).events.next();
      return value?.event === 'server' ? value.data.owner : expect.unreachable();
    };
    expect(await ownerShownTo('ann')).toBeNull();
    expect(await ownerShownTo(null)).toMatchObject({ id: 'ada' });
  });

  test('shows each person their servers with their role, and a super-admin all of them', async () => {
    expect(await follow('ann').take(2)).toEqual(['a a viewer', 'complete 1']);
    expect(await follow('bob').take(1)).toEqual(['complete 0']);
    expect(await follow(null).take(3)).toEqual(['a a owner', 'b b owner', 'complete 2']);
  });

  test('is read once for a hundred followers, and not at all after they leave', async () => {
    const all = Array.from({ length: 100 }, () => follow('ann'));
    await Promise.all(all.map((one) => one.take(2)));
    const before = readings;
    await readAgain();
    expect(readings - before).toBe(1);
    for (const one of all) one.leave();
    const last = readings;
    clock.pass(60_000);
    await new Promise(setImmediate);
    expect(readings).toBe(last);
  });

  test('sends only what changed', async () => {
    const admin = follow(null);
    await admin.take(3);
    servers = [named('a'), named('b', 'new name'), named('c')];
    changed();
    await readAgain();
    expect(await admin.take(2)).toEqual(['b new name owner', 'c c owner']);
  });

  test('reports a role that is granted, changed and revoked', async () => {
    const ann = follow('ann');
    await ann.take(2);
    grants = [
      { serverId: 'a', userId: 'ann', role: 'admin' },
      { serverId: 'b', userId: 'ann', role: 'viewer' },
    ];
    await readAgain();
    expect(await ann.take(2)).toEqual(['a a admin', 'b b viewer']);
    grants = [{ serverId: 'b', userId: 'ann', role: 'viewer' }];
    await readAgain();
    expect(await ann.take(1)).toEqual(['removed a']);
  });

  test('sends a slow reader the current state, not each step', async () => {
    const admin = follow(null);
    await admin.take(3);
    for (const name of ['one', 'two', 'three']) {
      servers = [named('a', name), named('b')];
      await readAgain();
    }
    servers = [named('a', 'three')];
    await readAgain();
    expect(await admin.take(2)).toEqual(['a three owner', 'removed b']);
  });

  test('is read again for each new follower, so that no revoked server is shown', async () => {
    await follow('ann').take(2);
    grants = [];
    expect(await follow('ann').take(1)).toEqual(['complete 0']);
  });

  test('ends all streams when it cannot be read, and works for later followers', async () => {
    const ann = follow('ann');
    await ann.take(2);
    const next = ann.take(1);
    next.catch(() => undefined);
    broken = new Error('no database');
    await readAgain();
    await expect(next).rejects.toThrow('no database');
    broken = null;
    expect(await follow('ann').take(2)).toEqual(['a a viewer', 'complete 1']);
  });
});
