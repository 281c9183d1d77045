// GET /admin/health/detailed over HTTP.
import { randomBytes } from 'node:crypto';
import { detailedHealth } from '@buoy/contract';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const OWNER = 800;

let running: TestBuoy;
let superToken: string;
let owner: string;

beforeAll(async () => {
  running = await startTestBuoy({ VAULT_KEYS: `second:${Buffer.alloc(32, 2).toString('base64')}` });
  superToken = await running.signIn(SUPER_ID);
  owner = await running.signIn(OWNER);
});
afterAll(() => running.close());

const health = async () => {
  const response = await running.call('GET', '/admin/health/detailed', { token: superToken });
  expect(response.statusCode).toBe(200);
  return detailedHealth.parse(response.json());
};

describe('GET /admin/health/detailed', () => {
  test('returns 401 without a sign-in', async () => {
    expect((await running.call('GET', '/admin/health/detailed')).statusCode).toBe(401);
  });

  test('returns 403 for a person who is not a super-admin', async () => {
    expect((await running.call('GET', '/admin/health/detailed', { token: owner })).statusCode).toBe(403);
  });

  test('returns 200 with a healthy state for a Buoy that has just started', async () => {
    const answer = await health();
    expect(answer).toMatchObject({
      status: 'ok',
      reasons: [],
      version: '0.0.0-test',
      database: { engine: 'sqlite', ok: true },
      monitor: { lastRunAt: null, durationMs: null, servers: 0, stale: 0 },
      tasks: { queued: 0, running: 0 },
      telegram: { configured: true },
      vault: { activeKeyId: 'second', keyIds: ['second'], outdated: 0 },
    });
    expect(answer.database.latencyMs).toBeGreaterThanOrEqual(0);
    expect(answer.database.sizeBytes).toBeGreaterThan(50_000);
    expect(answer.memory.rssBytes).toBeGreaterThan(answer.memory.heapUsedBytes);
    expect(answer.eventLoop.utilization).toBeGreaterThan(0);
  });

  test('counts every server of every owner; a checked one is not stale', async () => {
    const created = await running.call('POST', '/servers', {
      token: owner,
      body: { name: 'n', host: '127.0.0.1', port: 1, username: 'u', authType: 'password', password: 'x' },
    });
    const { id } = created.json().server;
    await running.call('POST', `/servers/${id}/test`, { token: owner });
    expect((await health()).monitor).toMatchObject({ servers: 1, stale: 0 });
  });

  test('shows the age of the last backup', async () => {
    expect((await health()).backup).toEqual({ lastAt: null, lastOk: null, ageS: null });
    const made = await running.call('POST', '/admin/backups/run', { token: superToken });
    expect(made.statusCode).toBe(201);
    const { backup } = await health();
    expect(backup.lastOk).toBe(true);
    expect(Date.parse(backup.lastAt ?? '')).toBeGreaterThanOrEqual(Date.parse(made.json().backup.createdAt));
    expect(backup.ageS).toBeLessThan(60);
  });

  test('shows the ids of the vault keys and nothing of their secrets', async () => {
    const { payload } = await running.call('GET', '/admin/health/detailed', { token: superToken });
    expect(payload).not.toContain(Buffer.alloc(32, 2).toString('base64'));
  });
});

const postgresUrl = inject('postgresUrl');

describe.skipIf(postgresUrl === null)('GET /admin/health/detailed on PostgreSQL', () => {
  const name = `health_${randomBytes(6).toString('hex')}`;
  let onPostgres: TestBuoy;
  let token: string;
  const onServer = async (...statements: string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: postgresUrl ?? '' });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };

  beforeAll(async () => {
    await onServer(`create database ${name}`);
    const url = new URL(postgresUrl ?? '');
    url.pathname = `/${name}`;
    onPostgres = await startTestBuoy({ DATABASE_URL: url.href });
    token = await onPostgres.signIn(SUPER_ID);
  });
  afterAll(async () => {
    await onPostgres.close();
    await onServer(`drop database ${name} with (force)`);
  });

  test('returns 200 with the engine and the size of the database', async () => {
    const response = await onPostgres.call('GET', '/admin/health/detailed', { token });
    const { database, status } = detailedHealth.parse(response.json());
    expect([status, database.engine, database.ok]).toEqual(['ok', 'postgres', true]);
    expect(database.sizeBytes).toBeGreaterThan(1_000_000);
  });

  test('returns 503 with a plain message when the database is gone, since authorization needs it too', async () => {
    await onServer(
      `alter database ${name} with allow_connections false`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    );
    for (const path of ['/admin/health/detailed', '/metrics', '/health']) {
      const response = await onPostgres.call('GET', path, { token });
      expect([path, response.statusCode, response.json().code]).toEqual([path, 503, 'storage_unavailable']);
    }
    await onServer(`alter database ${name} with allow_connections true`);
    const response = await onPostgres.call('GET', '/admin/health/detailed', { token });
    expect(response.json()).toMatchObject({ status: 'ok', database: { ok: true } });
  });
});
