// What the audit log holds about calls over HTTP, and what it never holds.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { AuditEntry } from '@buoy/contract';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverProgram } from '../../testbed/server-program.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const run = promisify(execFile);
const OWNER = 500;
const VIEWER = 501;

let running: TestBuoy;
let superToken: string;
let owner: string;
let viewer: string;
let serverId: string;
let requests = 0;

const server = {
  name: 'audited',
  host: '127.0.0.1',
  port: 1,
  username: 'root',
  authType: 'password',
  password: 'Hunter2-password',
};

beforeAll(async () => {
  running = await startTestBuoy();
  superToken = await running.signIn(SUPER_ID);
  owner = await running.signIn(OWNER);
  viewer = await running.signIn(VIEWER);
  const created = await running.call('POST', '/servers', { token: owner, body: server });
  serverId = created.json().server.id;
  await running.grant(serverId, String(VIEWER), 'viewer');
});
afterAll(() => running.close());

const log = async (query = ''): Promise<AuditEntry[]> => {
  const answer = await running.call('GET', `/admin/audit?limit=200${query}`, { token: superToken });
  expect(answer.json()).toMatchObject({ chainOk: true, chainProblem: null });
  return answer.json().entries;
};

/** Makes the call; returns its status with the new entries, oldest first. */
const entriesOf = async (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  options: { token?: string | null; body?: unknown; headers?: Record<string, string> },
) => {
  requests += 1;
  const requestId = `audited-${requests}`;
  const { statusCode } = await running.call(method, url, {
    ...options,
    headers: { ...options.headers, 'x-request-id': requestId },
  });
  const entries = (await log()).filter((entry) => entry.requestId === requestId).reverse();
  return { statusCode, entries };
};

describe('audit entry', () => {
  test('of a change: who, what, where, from where', async () => {
    const { statusCode, entries } = await entriesOf('PUT', `/servers/${serverId}`, {
      token: owner,
      body: { tags: ['prod'], password: 'Hunter3-password' },
    });
    expect(statusCode).toBe(200);
    expect(entries).toMatchObject([
      {
        userId: String(OWNER),
        action: 'PUT /servers/:id',
        serverId,
        target: 'audited',
        result: 'ok',
        ip: '127.0.0.1',
        details: { body: { tags: ['prod'], password: '[redacted]' } },
      },
    ]);
  });

  test('of an invalid change', async () => {
    const { statusCode, entries } = await entriesOf('PUT', `/servers/${serverId}`, {
      token: owner,
      body: { port: 0 },
    });
    expect(statusCode).toBe(400);
    expect(entries).toMatchObject([
      { result: 'failed', serverId, details: { status: 400, error: 'invalid_request' } },
    ]);
  });

  test('of a refused change with a huge body: its beginning and its hash', async () => {
    const { statusCode, entries } = await entriesOf('POST', `/servers/${serverId}/clone`, {
      token: owner,
      body: { tags: Array.from({ length: 8_000 }, (_, index) => `tag ${index}`) },
    });
    expect(statusCode).toBe(400);
    expect(entries).toMatchObject([{ result: 'failed', details: { status: 400, requestTooLong: true } }]);
    expect(entries[0]?.details).not.toHaveProperty('body');
    expect(entries[0]?.details.bodyStart).toMatch(/^\{"tags":\["tag 0","tag 1",/);
    expect(entries[0]?.details.bodySha256).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(entries[0]?.details).length).toBeLessThanOrEqual(4_096);
  });

  test('of a change that lost a race', async () => {
    const { entries } = await entriesOf('PUT', `/servers/${serverId}`, {
      token: owner,
      body: { name: 'late' },
      headers: { 'if-match': '"77"' },
    });
    expect(entries).toMatchObject([{ result: 'failed', details: { status: 409, error: 'stale_version' } }]);
  });

  test('of a denied change, with who sent it', async () => {
    const { statusCode, entries } = await entriesOf('DELETE', `/servers/${serverId}`, { token: viewer });
    expect(statusCode).toBe(403);
    expect(entries).toMatchObject([
      { userId: String(VIEWER), action: 'DELETE /servers/:id', serverId, result: 'denied' },
    ]);
  });

  test('of a denied read', async () => {
    const stranger = await running.signIn(502);
    const { statusCode, entries } = await entriesOf('GET', `/servers/${serverId}`, { token: stranger });
    expect(statusCode).toBe(404);
    expect(entries).toMatchObject([{ userId: '502', serverId, result: 'denied', details: { status: 404 } }]);
  });

  test('of a call without a token', async () => {
    const { entries } = await entriesOf('GET', '/servers', {});
    expect(entries).toMatchObject([{ userId: null, action: 'GET /servers', result: 'denied' }]);
  });

  test('of a refused and of a successful sign-in', async () => {
    const refused = await entriesOf('POST', '/auth/link', { body: { code: 'made-up-code' } });
    expect(refused.entries).toMatchObject([{ userId: null, action: 'POST /auth/link', result: 'denied' }]);
    expect(JSON.stringify(refused.entries)).not.toContain('made-up-code');
    const entries = (await log(`&userId=${OWNER}&action=POST%20/auth/telegram`)).map(({ result }) => result);
    expect(entries).toEqual(['ok']);
  });

  test('of a command before it runs, and of its end', async () => {
    const { statusCode, entries } = await entriesOf('POST', `/servers/${serverId}/exec`, {
      token: owner,
      body: { command: 'reset --token Hunter4-token now' },
    });
    expect(statusCode).toBe(503);
    expect(entries.map(({ result }) => result)).toEqual(['started', 'failed']);
    expect(entries[0]).toMatchObject({
      target: 'audited',
      details: { body: { command: 'reset --token [redacted] now' } },
    });
  });

  test('of a started and of a cancelled task', async () => {
    const started = await entriesOf('POST', `/servers/${serverId}/openclaw/restart`, { token: owner });
    expect(started.entries).toMatchObject([
      { result: 'ok', serverId, details: { type: 'openclaw.restart', task: expect.stringMatching(/^tsk_/) } },
    ]);
    const taskId = String(started.entries[0]?.details.task);
    const { entries } = await entriesOf('POST', `/tasks/${taskId}/cancel`, { token: owner });
    expect(entries).toMatchObject([{ action: 'POST /tasks/:id/cancel', serverId, target: taskId }]);
  });

  test('of each repetition of a change, marked as a repetition', async () => {
    const options = {
      token: owner,
      body: { ...server, name: 'once' },
      headers: { 'idempotency-key': 'audit-once' },
    };
    const first = await entriesOf('POST', '/servers', options);
    const second = await entriesOf('POST', '/servers', options);
    expect(first.entries).toMatchObject([{ result: 'ok', target: 'once' }]);
    expect(first.entries[0]?.details).not.toHaveProperty('repeated');
    expect(second.entries).toMatchObject([{ result: 'ok', details: { repeated: true } }]);
  });

  test('of a refused change with an Idempotency-Key, as without one', async () => {
    const { entries } = await entriesOf('POST', '/servers', {
      token: owner,
      body: { ...server, jumpServerId: 'srv_none' },
      headers: { 'idempotency-key': 'audit-refused' },
    });
    expect(entries).toMatchObject([{ result: 'failed', details: { status: 400 } }]);
  });
});

test('an authorized read leaves no audit entry', async () => {
  expect((await entriesOf('GET', `/servers/${serverId}`, { token: viewer })).entries).toEqual([]);
});

test('the audit log holds no secret', async () => {
  expect(JSON.stringify(await log())).not.toMatch(/Hunter|made-up-code|eyJ/);
});

test('audit export returns 200 with JSON lines, oldest first, for a super-admin', async () => {
  const answer = await running.call('GET', '/admin/audit/export', { token: superToken });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toContain('application/x-ndjson');
  expect(answer.headers['content-disposition']).toContain('buoy-audit.jsonl');
  const lines = answer.body.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).seq)).toEqual(lines.map((_, index) => index + 1));
});

test('audit log returns 400 for an invalid filter or cursor', async () => {
  for (const query of ['?from=yesterday', '?cursor=abc', '?limit=0', '?who=me'])
    expect((await running.call('GET', `/admin/audit${query}`, { token: superToken })).statusCode).toBe(400);
});

describe('audit log that is changed in the database', () => {
  let buoy: TestBuoy;
  let token: string;
  let file: string;
  beforeAll(async () => {
    buoy = await startTestBuoy();
    token = await buoy.signIn(SUPER_ID);
    for (let index = 0; index < 5; index += 1)
      await buoy.call('POST', '/servers', { token, body: { ...server, name: `number ${index}` } });
    file = path.join(buoy.dataDir, 'buoy.db');
  });
  afterAll(() => buoy.close());

  const asRoot = (statement: string): void => {
    const other = new BetterSqlite(file);
    other.exec(statement);
    other.close();
  };
  const verify = () =>
    run(process.execPath, [serverProgram('audit-log'), 'verify'], {
      env: { ...process.env, DATA_DIR: buoy.dataDir },
    }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
    );
  const shown = async () => (await buoy.call('GET', '/admin/audit', { token })).json();

  test('is intact before the change, for the API and for the command', async () => {
    expect(await shown()).toMatchObject({ chainOk: true });
    expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining('intact') });
  });

  test('is reported as broken on the next read, and by the command with exit code 1', async () => {
    asRoot("update audit_entries set user_id = 'somebody-else' where seq = 2");
    expect(await shown()).toMatchObject({
      chainOk: false,
      chainProblem: expect.stringContaining('Entry 2'),
    });
    expect(await verify()).toMatchObject({ code: 1, stdout: expect.stringContaining('Entry 2') });
  });

  test('is reported as broken when entries were removed from the beginning with a checkpoint that Buoy did not sign', async () => {
    asRoot('delete from audit_entries where seq <= 3');
    asRoot(
      "insert into audit_checkpoint (id, seq, mac, pruned, at, seal) values (1, 3, 'made up', 3, '2026-01-01T00:00:00.000Z', 'made up')",
    );
    expect(await shown()).toMatchObject({ chainOk: false, chainProblem: expect.stringContaining('forged') });
    expect(await verify()).toMatchObject({ code: 1, stdout: expect.stringContaining('forged') });
  });
});
