// The list of sealed columns is complete: secrets in a forgotten column would be lost when the old key is removed.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Alert, contract, type EndpointKey, type Task } from '@buoy/contract';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DatabaseHandle, openDatabase } from '../src/db/database.ts';
import { sealedColumns } from '../src/sealed-columns.ts';
import {
  type AssociatedData,
  createVault,
  parseKeyRing,
  sealedPrefix,
  type VaultKey,
} from '../src/vault/vault.ts';
import { type FuzzFixture, prepareFuzzFixture } from './support/fuzz-fixture.ts';
import { type FuzzRecords, storeFuzzRecords } from './support/fuzz-records.ts';
import { fuzzRequests } from './support/fuzz-requests.ts';

/** Requests to each changing endpoint: about one of so many succeeds. */
const REQUESTS = 12;
/** Endpoints that would remove what the others have created. */
const unmaking: EndpointKey[] = ['POST /auth/logout'];

const listed: AssociatedData[] = sealedColumns.map((column) => column.associatedData(...column.key));
const nameOf = ({ table, column }: { table: string; column: string }) => `${table}.${column}`;

let key: VaultKey;
let records: FuzzRecords;
let fixture: FuzzFixture;
let database: DatabaseHandle;

/** The columns of any table that hold a sealed text. */
async function sealedInDatabase(): Promise<string[]> {
  const found: string[] = [];
  const { db } = database;
  const tables = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(db);
  for (const { name: table } of tables.rows) {
    const columns = await sql<{ name: string }>`select name from pragma_table_info(${table})`.execute(db);
    for (const { name: column } of columns.rows) {
      const { rows } = await sql`
        select 1 from ${sql.table(table)} where instr(${sql.ref(column)}, ${sealedPrefix(key.id)}) > 0 limit 1
      `.execute(db);
      if (rows.length > 0) found.push(nameOf({ table, column }));
    }
  }
  return found.toSorted();
}

/** A task has secrets until it ends: this one waits for a server that cannot be reached. */
async function startSetup(): Promise<void> {
  const { call } = fixture.running;
  const token = fixture.superToken;
  const login = { host: '127.0.0.1', port: 1, username: 'root', authType: 'password', password: 'x' };
  const added = await call('POST', '/servers', { token, body: { name: 'to be set up', ...login } });
  const { server } = added.json<{ server: { id: string } }>();
  const body = { onboard: { provider: 'anthropic', apiKey: 'of a provider' } };
  const { statusCode } = await call('POST', `/servers/${server.id}/setup/run`, { token, body });
  expect(statusCode).toBe(202);
}

/** Of a person who has made no costly calls yet. */
async function addChannel(): Promise<void> {
  const { call, signIn } = fixture.running;
  const body = { type: 'webhook', url: 'https://hooks.example.org/alerts' };
  const { statusCode } = await call('POST', '/me/notification-channels', { token: await signIn(500), body });
  expect(statusCode).toBe(201);
}

beforeAll(async () => {
  records = await storeFuzzRecords();
  fixture = await prepareFuzzFixture('POST /servers', records);
  const { running, known, inPath, superToken } = fixture;
  key = parseKeyRing(readFileSync(path.join(running.dataDir, 'vault-keys'), 'utf8'))[0]!;
  const keys = (Object.keys(contract) as EndpointKey[]).filter(
    (one) => /^(POST|PUT) /.test(one) && !unmaking.includes(one),
  );
  const { tasks } = (await running.call('GET', '/tasks', { token: superToken })).json<{ tasks: Task[] }>();
  const { alerts } = (await running.call('GET', '/alerts', { token: superToken })).json<{
    alerts: Alert[];
  }>();
  for (const one of keys) {
    const id = one.includes('/tasks/')
      ? tasks.map((task) => task.id)
      : one.includes('/alerts/')
        ? alerts.map((alert) => alert.id)
        : (known.serverId ?? []);
    for (const [index, { method, url, headers, body }] of fc
      .sample(fuzzRequests(one, known, { ...inPath, id }), { numRuns: REQUESTS, seed: 1 })
      .entries())
      await running.call(method, url, {
        headers: {
          ...headers,
          authorization: `Bearer ${superToken}`,
          'idempotency-key': `${one.replace(' ', ':')}-${index}`,
        },
        ...(body === null ? {} : { body }),
      });
  }
  await startSetup();
  await addChannel();
  database = await openDatabase({ engine: 'sqlite', file: path.join(running.dataDir, 'buoy.db') });
}, 180_000);
afterAll(async () => {
  await database?.close();
  await fixture?.running.close();
  records?.remove();
});

test('after a call to each endpoint, sealed texts are only in the listed columns', async () => {
  expect(await sealedInDatabase()).toEqual(listed.map(nameOf).toSorted());
});

test('a sealed text in another column would be found, also inside a longer text', async () => {
  const sealed = createVault([key]).seal({ table: 'users', column: 'username', row: '1' }, 'secret');
  await database.db
    .updateTable('users')
    .set({ username: `{"sealed":"${sealed}"}` })
    .execute();
  expect(await sealedInDatabase()).toContain('users.username');
});

test('each place that the source seals for is in the list of sealed columns', () => {
  const folder = path.resolve(import.meta.dirname, '../src');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'sealed-columns.ts',
  );
  const places = sources.flatMap((name) =>
    [
      ...readFileSync(path.join(folder, name), 'utf8').matchAll(/table: '(\w+)',\s*column: '(\w+)',\s*row:/g),
    ].map(([, table = '', column = '']) => nameOf({ table, column })),
  );
  expect(places.toSorted()).toEqual(listed.map(nameOf).toSorted());
});

test('each entry of the list matches the place that its secrets are sealed for', () => {
  const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  expect(listed.map(nameOf)).toEqual(
    sealedColumns.map(({ table, column }) => nameOf({ table: snakeCase(table), column: snakeCase(column) })),
  );
});
