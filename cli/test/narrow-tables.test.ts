// Lists on a terminal of 80 columns: states and causes are not cut, and people and servers are shown by name.
import type { EndpointKey, Server } from '@buoy/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, read, type ScriptedAnswer, scriptedBuoy, server } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

const user = {
  ...{ id: '41', username: 'ada', firstName: 'Ada', lastName: null, photoUrl: null, languageCode: null },
  ...{ isSuperAdmin: false, approved: true, mayAddServers: true, createdAt: at },
};
const berta = { ...user, id: '42', username: 'berta', firstName: 'Berta' };
const cause =
  'The gateway has crashed eleven times within an hour, so systemd does not start it any more; its last words were "EADDRINUSE".';
const id = 'srv_Vx3xLiA7HWn9zEGoWbuS';
const web: Server = {
  ...server,
  ...{ id, name: 'production-web-frontend', host: 'frontend.eu-central-1.internal.example' },
  status: { state: 'unreachable', since: at, checkedAt: at, reasons: [cause] },
};
const bare: Server = {
  ...{ ...web, name: 'bare', openclaw: { installed: false, version: null } },
  status: { state: 'not_set_up', since: at, checkedAt: at, reasons: ['OpenClaw is not installed.'] },
};
const task = {
  ...{ id: 'tsk_Vx3xLiA7HWn9zEGoWbuS', type: 'openclaw.restart', serverId: id, status: 'interrupted' },
  ...{ steps: [], progress: 1, result: null, error: { code: 'unreachable', message: cause, hint: null } },
  ...{ createdBy: '42', createdAt: at, startedAt: at, finishedAt: at },
};
const entry = {
  ...{ id: 'aud_1', at, userId: '42', action: 'POST /servers/:id/openclaw/restart', serverId: id },
  ...{ target: 'production-web-frontend', result: 'denied', ip: '2001:db8:1234:5678::1', requestId: 'r' },
  details: { count: 57, from: at, to: at },
};

async function onTerminal(line: string, answers: Partial<Record<EndpointKey, unknown>>, columns = 80) {
  const { fetch, calls } = scriptedBuoy((key): ScriptedAnswer => {
    const own: Partial<Record<EndpointKey, unknown>> = {
      'GET /servers': { servers: [web], nextCursor: null },
      'GET /me': { user },
      ...answers,
    };
    if (own[key] === undefined) throw new Error(`Nothing is scripted for ${key}.`);
    if (own[key] === 403) return { status: 403, body: { error: 'No.', code: 'forbidden', requestId: 'r' } };
    return { body: own[key] };
  });
  const { exit, out, err } = await cli.buoy(line.split(' '), { fetch, isTty: true, columns });
  expect(`${exit} ${err}`).toBe('0 ');
  for (const row of out.split('\n')) expect(row.length).toBeLessThanOrEqual(columns);
  return { out, words: out.replace(/\s+/g, ' '), calls };
}

const member = (one: typeof user) => ({
  ...{ userId: one.id, username: one.username, firstName: one.firstName },
  ...{ role: 'admin', grantedBy: '41', createdAt: at },
});
const members = { members: [member(berta)], nextCursor: null };
const alert = {
  ...{ id: 'alr_Vx3xLiA7HWn9zEGoWbuS', serverId: id, type: 'gateway_down', severity: 'critical' },
  ...{ status: 'acknowledged', cause, evidence: '', count: 1, firstAt: at, lastAt: at },
  ...{ resolvedAt: null, snoozedUntil: null, readAt: null, noteCount: 0, autoRepair: null },
};
const channel = {
  ...{ id: 'telegram', account: 'default', name: 'A bot with a long name', state: 'not_configured' },
  ...{ lastActivityAt: null, startedAt: null, error: cause, enabled: true, configured: true },
};

test.each<[line: string, answers: Partial<Record<EndpointKey, unknown>>, whole: string[]]>([
  ['servers list', {}, ['unreachable', '2026.9.6', cause]],
  [
    'servers list --state not_set_up',
    { 'GET /servers': { servers: [bare], nextCursor: null } },
    ['not_set_up', 'not installed', 'OpenClaw is not installed.'],
  ],
  [
    'tasks list',
    { 'GET /tasks': { tasks: [task], nextCursor: null }, 'GET /servers/:id/access': members },
    ['interrupted', cause],
  ],
  [
    'alerts list',
    { 'GET /alerts': { alerts: [alert], nextCursor: null, unread: 1 } },
    ['critical', 'acknowledged', cause],
  ],
])('%s shows states and causes uncut', async (line, answers, whole) => {
  const { words } = await onTerminal(line, answers);
  for (const text of whole) expect(words).toContain(text);
});

test('openclaw channels list shows states and causes uncut', async () => {
  const { words } = await onTerminal(`openclaw channels list ${id}`, {
    'GET /servers/:id/openclaw/channels': { channels: [channel], ...read },
  });
  for (const text of ['not configured', cause]) expect(words).toContain(text);
});

test('tasks list shows the name of the person who started a task, read from the members of the server', async () => {
  const answers = {
    'GET /tasks': { tasks: [task], nextCursor: null },
    'GET /servers/:id/access': members,
  };
  expect((await onTerminal('tasks list', answers, 160)).words).toContain('Berta');
  const mayNot = { ...answers, 'GET /servers/:id/access': 403 };
  expect((await onTerminal('tasks list', mayNot, 160)).words).toContain(' 42 ');
});

test('admin audit list shows people and servers by name, and the result uncut', async () => {
  const answers = {
    'GET /me': { user: { ...user, isSuperAdmin: true } },
    'GET /admin/users': {
      users: [user, berta].map((one) => ({ ...one, status: 'active', lastSeenAt: null, servers: 0 })),
      nextCursor: null,
    },
    'GET /admin/audit': { entries: [entry], chainOk: true, chainProblem: null, nextCursor: null },
  };
  expect((await onTerminal('admin audit list', answers)).words).toContain('denied, 57 more times');
  const { words } = await onTerminal('admin audit list', answers, 200);
  expect(words).toContain(`${at} Berta POST /servers/:id/openclaw/restart production-web-frontend`);
});

test('tasks list adds the id when two people have the same name', async () => {
  const answers = {
    'GET /tasks': { tasks: [task], nextCursor: null },
    'GET /servers/:id/access': { ...members, members: [member(berta), { ...member(berta), userId: '43' }] },
  };
  expect((await onTerminal('tasks list', answers, 180)).words).toContain('Berta (42)');
});

test('tasks show prints the name of the server and the person', async () => {
  const { words } = await onTerminal(
    `tasks show ${task.id}`,
    {
      'GET /tasks/:id': { task },
      'GET /servers/:id/access': members,
    },
    200,
  );
  expect(words).toContain('Server: production-web-frontend By: Berta');
});
