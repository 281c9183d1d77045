// A task of a setup waits with a key that a person entered for one place; somebody leads the server to their own machine meanwhile.
import path from 'node:path';
import type { Task } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { openDatabase } from '../../src/db/database.ts';
import { type AccessFixture, type Person, prepareAccessFixture } from '../support/access-fixture.ts';
import { type ListeningMachine, newHostKey, startListeningMachine } from '../support/listening-machine.ts';

const KEY = 'planted-of-a-provider';
/** Nothing listens there. */
const DEAD_PORT = 1;

type Machine = ListeningMachine & { fingerprint: string };

let fixture: AccessFixture;
const closing: Array<() => Promise<void>> = [];
beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => fixture.running.close());

async function startMachine(options: { port?: number; hostKey?: string } = {}): Promise<Machine> {
  const machine = await startListeningMachine(options);
  closing.push(machine.close);
  const scanned = await fixture.as('owner', 'POST', '/servers/host-key', {
    host: '127.0.0.1',
    port: machine.port,
  });
  return { ...machine, fingerprint: scanned.json().hostKey.fingerprint };
}

const call = async (person: Person, method: 'POST' | 'PUT', url: string, body: object = {}) => {
  const answer = await fixture.as(person, method, url, body);
  expect([answer.statusCode, answer.body]).toEqual([expect.toBeOneOf([200, 202]), answer.body]);
  return answer.json();
};
const move = (person: Person, id: string, change: object) => call(person, 'PUT', `/servers/${id}`, change);
const testOf = (id: string) => call('owner', 'POST', `/servers/${id}/test`);
const accept = (person: Person, id: string, { fingerprint }: Machine) =>
  call(person, 'POST', `/servers/${id}/host-key/accept`, { fingerprint });
const startOnboarding = async (person: Person, id: string): Promise<string> =>
  (await call(person, 'POST', `/servers/${id}/setup/onboard`, { provider: 'anthropic', apiKey: KEY })).task
    .id;
const taskOf = async (id: string): Promise<Task> =>
  (await fixture.as('owner', 'GET', `/tasks/${id}`)).json().task;

/** A server at `machine`, whose host key is pinned. */
async function serverOf(machine: Machine): Promise<string> {
  const id = await fixture.newServer({ port: machine.port });
  await testOf(id);
  return id;
}

async function tasksWithSecrets(): Promise<string[]> {
  const file = path.join(fixture.running.dataDir, 'buoy.db');
  const { db, close } = await openDatabase({ engine: 'sqlite', file });
  const rows = await db.selectFrom('taskSecrets').select('taskId').execute();
  await close();
  return rows.map(({ taskId }) => taskId);
}

/** Waits until the key has arrived or cannot arrive any more. */
async function expectKept(taskId: string, machine: Machine): Promise<void> {
  const task = await until(10_000, async () => {
    const now = await taskOf(taskId);
    return (hasEnded(now) || machine.received().includes(KEY)) && now;
  });
  expect(machine.received().includes(KEY), 'the key arrived').toBe(false);
  expect(task).toMatchObject({
    status: 'failed',
    error: { code: 'conflict', message: expect.stringContaining('was deleted') },
  });
  expect(await tasksWithSecrets()).not.toContain(taskId);
}

describe('key of a provider in a setup that waits for its server', () => {
  test("does not follow the server to an admin's machine, before a host key was pinned", async () => {
    const own = await startMachine();
    const id = await fixture.newServer({ port: DEAD_PORT });
    const task = await startOnboarding('owner', id);
    await move('admin', id, { port: own.port, username: 'mallory', password: 'their own' });
    await expectKept(task, own);
  });

  test('of an admin does not follow the server to another machine of its owner, whose key is accepted', async () => {
    const id = await serverOf(await startMachine());
    const own = await startMachine();
    await move('owner', id, { port: DEAD_PORT });
    const task = await startOnboarding('admin', id);
    await move('owner', id, { port: own.port });
    await accept('owner', id, own);
    await expectKept(task, own);
  });

  test('is not sent to a machine that took over the address once its host key is accepted', async () => {
    const real = await startMachine();
    const id = await serverOf(real);
    await real.close();
    const hostKey = newHostKey();
    const shown = await startMachine({ port: real.port, hostKey });
    await testOf(id);
    await shown.close();
    const task = await startOnboarding('admin', id);
    await accept('owner', id, shown);
    await expectKept(task, await startMachine({ port: real.port, hostKey }));
  });

  test("does not go through another jump server, nor through one that was led to its owner's machine", async () => {
    const own = await startMachine();
    const jump = await fixture.newServer({ port: DEAD_PORT });
    const id = await fixture.newServer({ port: DEAD_PORT });
    const direct = await startOnboarding('owner', id);
    await move('owner', id, { jumpServerId: jump });
    await expectKept(direct, own);
    const through = await startOnboarding('owner', id);
    await move('admin', jump, { port: own.port, password: 'their own' });
    await expectKept(through, own);
  });

  test('stays while only the name changes, and its place is sent unchanged', async () => {
    const id = await fixture.newServer({ port: DEAD_PORT });
    const task = await startOnboarding('owner', id);
    await move('owner', id, { name: 'renamed', host: '127.0.0.1', port: DEAD_PORT, username: 'root' });
    expect(hasEnded(await taskOf(task))).toBe(false);
    expect(await tasksWithSecrets()).toContain(task);
  });
});
