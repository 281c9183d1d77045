// The inbox over many servers: access, order, and servers that do not answer.
import { type ExecApproval, inboxAnswer, type PairingRequest, type Scope, type Server } from '@buoy/contract';
import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import type { Caller } from '../users/caller.ts';
import { userWith } from '../users/testing/people.ts';
import { createInbox } from './inbox.ts';

const { signal } = new AbortController();
const anna = { userId: '77', name: 'Anna', requestedAt: '2026-03-01T10:00:00.000Z' };
const caller = { user: { id: 'u1' }, sessionId: 's', apiToken: null } as Caller;

let servers: Array<Pick<Server, 'id' | 'name' | 'role' | 'openclaw'>>;
let waiting: Record<string, { requests?: PairingRequest[]; commands?: ExecApproval[]; fails?: unknown }>;
let asked: string[];
let clock: FakeClock;
let onAsk: () => Promise<void>;

beforeEach(() => {
  servers = [];
  waiting = {};
  asked = [];
  clock = createFakeClock();
  onAsk = () => Promise.resolve();
});

const add = (id: string, of: (typeof waiting)[string] = {}, more: Partial<Server> = {}) => {
  servers.push({
    id,
    name: `Server ${id}`,
    role: 'admin',
    openclaw: { installed: true, version: null },
    ...more,
  });
  waiting[id] = of;
};
const read = async (by: Caller = caller) =>
  inboxAnswer.parse(
    await createInbox({
      servers: {
        all: async () => servers as Server[],
      },
      pairing: {
        async pending(id) {
          asked.push(id);
          await onAsk();
          if (waiting[id]?.fails !== undefined) throw waiting[id].fails;
          return waiting[id]?.requests ?? [];
        },
      },
      approvals: { pending: async (id) => waiting[id]?.commands ?? [] },
      accessRequests: { waiting: async () => [anna] },
      clock,
      logger: createRecordingLogger().logger,
    }).read(by, { signal }),
  );

const request = (id: string, requestedAt: string): PairingRequest => ({
  id,
  kind: 'dm',
  channel: 'telegram',
  account: 'default',
  from: { id: '77', name: null },
  code: null,
  device: null,
  requestedAt,
  expiresAt: null,
});
const command = (
  id: string,
  requestedAt: string,
  status: ExecApproval['status'] = 'pending',
): ExecApproval => ({
  id,
  command: 'uname',
  cwd: null,
  env: [],
  host: null,
  node: null,
  agentId: 'main',
  sessionKey: null,
  warning: null,
  allowedDecisions: ['deny'],
  requestedAt,
  expiresAt: null,
  status,
});

test('inbox › lists pending items of all servers, oldest first', async () => {
  add('a', { requests: [request('r1', '2026-03-01T10:02:00.000Z')] });
  add('b', {
    requests: [request('r2', '2026-03-01T10:01:00.000Z')],
    commands: [
      command('c1', '2026-03-01T10:03:00.000Z'),
      command('c2', '2026-03-01T10:00:00.000Z', 'expired'),
    ],
  });
  const { items, unreachable } = await read();
  expect(unreachable).toEqual([]);
  expect(
    items.map((item) => [item.serverName, item.type === 'pairing' ? item.pairing.id : item.approval.id]),
  ).toEqual([
    ['Server b', 'r2'],
    ['Server a', 'r1'],
    ['Server b', 'c1'],
  ]);
});

test('inbox › reads all pages of the servers where the caller may act, and no others', async () => {
  add('seen', {}, { role: 'viewer' });
  add('bare', {}, { openclaw: { installed: false, version: null } });
  for (let at = 0; at < 250; at += 1) add(`s${at}`, {}, { role: 'owner' });
  await read();
  expect(asked).toHaveLength(250);
  expect(asked).not.toContain('seen');
});

test('inbox › is empty for a read-only token', async () => {
  add('a', { requests: [request('r1', '2026-03-01T10:02:00.000Z')] });
  const token = (scopes: Array<'read' | 'operate'>) => ({ ...caller, apiToken: { id: 't', scopes } });
  expect(await read(token(['read']))).toEqual({ items: [], accessRequests: [], unreachable: [] });
  expect((await read(token(['operate']))).items).toHaveLength(1);
});

test('inbox › names a server that does not answer with the reason, but not one without OpenClaw', async () => {
  add('dead', { fails: new AppError('unreachable', 'Nothing answers there.') });
  add('bare', { fails: new AppError('not_installed', 'OpenClaw is not installed.') });
  add('a', { requests: [request('r1', '2026-03-01T10:02:00.000Z')] });
  const { items, unreachable } = await read();
  expect(items).toHaveLength(1);
  expect(unreachable).toEqual([
    { serverId: 'dead', serverName: 'Server dead', reason: 'Nothing answers there.' },
  ]);
});

test('inbox › answers in time, however many servers are slow', async () => {
  for (let at = 0; at < 200; at += 1)
    add(`s${at}`, { fails: new AppError('deadline', 'OpenClaw did not answer in time.') });
  let inFlight = 0;
  let most = 0;
  onAsk = async () => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await Promise.resolve();
    clock.pass(2_000 / 16);
    inFlight -= 1;
  };
  const { unreachable } = await read();
  expect(most).toBe(16);
  expect(unreachable).toHaveLength(200);
  expect(asked.length).toBeLessThan(100);
  expect(new Set(unreachable.map(({ reason }) => reason))).toEqual(
    new Set(['OpenClaw did not answer in time.', 'This server could not be read in time.']),
  );
});

test('inbox › does not block the event loop when a thousand servers answer at once', async () => {
  for (let index = 0; index < 1_000; index += 1)
    add(`s${index}`, { fails: new AppError('circuit_open', 'It did not answer before.') });
  let turns = 0;
  const turn = () => {
    turns += 1;
    immediate = setImmediate(turn);
  };
  let immediate = setImmediate(turn);
  expect((await read()).unreachable).toHaveLength(1_000);
  clearImmediate(immediate);
  expect(turns).toBeGreaterThan(20);
});

test('inbox › shows access requests to super-admins and their tokens with that scope', async () => {
  const by = (isSuperAdmin: boolean, scopes: Scope[] | null): Caller => ({
    user: userWith('u1', { isSuperAdmin }),
    sessionId: scopes === null ? 's' : null,
    apiToken: scopes === null ? null : { id: 'tok_1', scopes },
  });
  for (const caller of [by(true, null), by(true, ['admin'])])
    expect((await read(caller)).accessRequests).toEqual([anna]);
  for (const caller of [by(false, null), by(false, ['admin']), by(true, ['read', 'operate', 'metrics'])])
    expect((await read(caller)).accessRequests).toEqual([]);
});

test('inbox › keeps the oldest 50 requests of a server, and says where the others are', async () => {
  const many = Array.from({ length: 60 }, (_, at) =>
    request(`r${at}`, `2026-03-01T10:${String(59 - at).padStart(2, '0')}:00.000Z`),
  );
  add('a', { requests: many });
  add('b', { commands: [command('c1', '2026-03-01T09:00:00.000Z')] });
  const { items, unreachable } = await read();
  expect(items.map((item) => (item.type === 'pairing' ? item.pairing.id : item.approval.id))).toEqual([
    'c1',
    ...Array.from({ length: 50 }, (_, at) => `r${59 - at}`),
  ]);
  expect(unreachable).toEqual([
    {
      serverId: 'a',
      serverName: 'Server a',
      reason: 'Too much waits there for the inbox. The rest is on the pages of this server.',
    },
  ]);
});

test('inbox › keeps as many requests of a server as have 256 Ki units of text', async () => {
  const long = (id: string) => ({
    ...command(id, '2026-03-01T10:00:00.000Z'),
    command: 'x'.repeat(100 * 1024),
  });
  add('a', { commands: [long('c1'), long('c2'), long('c3')] });
  const { items, unreachable } = await read();
  expect(items).toHaveLength(2);
  expect(unreachable).toMatchObject([{ serverId: 'a' }]);
});

test('inbox › is bounded over all servers; those of a person with many requests do not push out those of others', async () => {
  const text = 'x'.repeat(5_000);
  for (let at = 0; at < 100; at += 1)
    add(
      `m${at}`,
      {
        commands: Array.from({ length: 60 }, (_, index) => ({
          ...command(`c${index}`, '2026-03-01T08:00:00.000Z'),
          cwd: text,
        })),
      },
      { owner: { id: 'mallory', name: 'Mallory', givenBy: null } },
    );
  for (let at = 0; at < 40; at += 1)
    add(
      `h${at}`,
      { requests: [1, 2].map((id) => request(`r${id}`, '2026-03-01T10:00:00.000Z')) },
      { owner: { id: `person ${at % 4}`, name: 'Somebody', givenBy: null } },
    );
  const { items, unreachable } = await read();
  expect(items.filter(({ serverId }) => serverId.startsWith('h'))).toHaveLength(80);
  expect(items.length).toBeLessThanOrEqual(2_000);
  expect(JSON.stringify(items).length).toBeLessThan(5 * 1024 * 1024);
  expect(unreachable.map(({ serverId }) => serverId).toSorted()).toEqual(
    Array.from({ length: 100 }, (_, at) => `m${at}`).toSorted(),
  );
});
