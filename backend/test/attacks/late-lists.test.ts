// A person asks for a long list of what happens on a server, and loses their access while it is read.
import { alert, type Task, task } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccess } from '../../src/access/access.ts';
import { createAlerts } from '../../src/alerts/alerts.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { alertRoutes } from '../../src/routes/alerts.ts';
import { taskRoutes } from '../../src/routes/tasks.ts';
import { type DurabilityApp, startDurabilityApp } from '../support/durability-app.ts';

const now = new Date().toISOString();
const ofServer = (serverId: string | null) => ({ id: `one_of_${serverId}`, serverId });
const newTask = (serverId: string | null): Task =>
  task.parse({
    ...ofServer(serverId),
    ...{ type: 'setup', status: 'failed', steps: [], progress: 0, result: null, error: null },
    ...{ createdBy: '8', createdAt: now, startedAt: null, finishedAt: null },
  });
/** A row of the store, which keeps some fields of an alert apart. */
const newAlert = (serverId: string) => ({
  ...alert.parse({
    ...ofServer(serverId),
    ...{ type: 'gateway_down', severity: 'critical', status: 'firing', cause: 'It stopped.', evidence: '' },
    ...{
      firstAt: now,
      lastAt: now,
      count: 1,
      resolvedAt: null,
      snoozedUntil: null,
      readAt: null,
      noteCount: 0,
      autoRepair: null,
    },
  }),
  ...{ acknowledgedAt: null, autoRepairedAt: null, autoRepairedBy: null, autoRepairResult: null },
});

let running: DurabilityApp;
let authorization: string;
/** The servers on which the person has a role. */
let roles: Set<string>;
/** Resolves when the list is being read; the test ends the reading. */
let reading: PromiseWithResolvers<void>;
let read: PromiseWithResolvers<void>;

async function slowly<T>(answer: T): Promise<T> {
  reading.resolve();
  await read.promise;
  return answer;
}

beforeEach(async () => {
  roles = new Set(['srv_kept', 'srv_lost']);
  reading = Promise.withResolvers();
  read = Promise.withResolvers();
  const access = createAccess({
    store: { listServerIds: async () => [...roles] } as never,
    isSuperAdmin: async () => false,
  });
  const found = [...roles].map(newAlert);
  const store = {
    list: () => slowly({ alerts: found, nextCursor: null }),
    countUnread: async () => found.length,
  };
  const tasks = {
    list: () =>
      slowly({ tasks: [...found.map(({ serverId }) => serverId), null].map(newTask), nextCursor: null }),
  };
  const alerts = createAlerts({ store: store as never, access, clock: systemClock });
  running = await startDurabilityApp({
    routes: [
      ...taskRoutes({ tasks: tasks as never, access }),
      ...alertRoutes({ alerts, alertNotes: {} as never, monitor: {} as never, servers: {} as never }),
    ],
  });
  authorization = await running.authorization(7);
});
afterEach(() => running.close());

describe.each(['tasks', 'alerts'] as const)('a list of %s that is read while', (list) => {
  /** Asks, does `meanwhile` while the list is read, and returns the answer. */
  async function during(meanwhile: () => Promise<unknown>) {
    const answer = running.app.inject({ url: `/api/${list}`, headers: { authorization } });
    await reading.promise;
    await meanwhile();
    read.resolve();
    return answer;
  }

  test('a role ends shows nothing of that server', async () => {
    const answer = await during(async () => roles.delete('srv_lost'));
    expect(answer.json()[list].map(({ serverId }: { serverId: string }) => serverId)).toEqual(['srv_kept']);
  });

  test('the person is signed out shows nothing', async () => {
    const { statusCode, body } = await during(() =>
      running.app.inject({ method: 'POST', url: '/api/auth/logout', headers: { authorization } }),
    );
    expect([statusCode, JSON.parse(body).code]).toEqual([401, 'session_revoked']);
    expect(body).not.toContain('srv_');
  });
});
