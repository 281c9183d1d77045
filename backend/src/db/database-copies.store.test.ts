// Copies of both databases under concurrent writes: consistent, and detected when damaged.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import BetterSqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { userRow } from '../users/testing/people.ts';
import { type DatabaseHandle, type Db, databaseCopies, openDatabase } from './database.ts';
import { rowsInDump } from './postgres-copies.ts';
import { testDatabases } from './testing/databases.ts';
import { serverRow } from './testing/server-row.ts';

const signal = new AbortController().signal;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-copies-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The ids of servers and of their states in a copy: two tables that are written in one transaction. */
async function idsIn(file: string, engine: 'sqlite' | 'postgres') {
  if (engine === 'postgres') {
    const rows = await rowsInDump(file, ['servers', 'server_statuses'], signal);
    return {
      servers: (rows.servers ?? []).map(({ id }) => id),
      states: (rows.server_statuses ?? []).map(({ server_id }) => server_id),
    };
  }
  const copy = new BetterSqlite(file, { readonly: true });
  const all = (statement: string) => copy.prepare(statement).pluck().all() as string[];
  const ids = {
    servers: all('select id from servers'),
    states: all('select server_id from server_statuses'),
  };
  copy.close();
  return ids;
}

async function insertServer(db: Db, id: string): Promise<void> {
  const server = serverRow(id);
  await db.transaction().execute(async (trx) => {
    await trx.insertInto('servers').values(server).execute();
    await trx
      .insertInto('serverStatuses')
      .values({
        serverId: id,
        state: 'unknown',
        since: server.createdAt,
        checkedAt: null,
        reasons: '[]',
        openclawInstalled: null,
        openclawVersion: null,
      })
      .execute();
  });
}

/** Rows that make the database some 40 MB large, so that a copy takes a while. */
async function fill(db: Db): Promise<void> {
  const text = 'some line of output that a task has left behind\n'.repeat(40);
  await insertServer(db, 'first');
  for (let block = 0; block < 40; block += 1)
    await db
      .insertInto('users')
      .values(Array.from({ length: 500 }, (_, index) => userRow(`${block}-${index}`, { firstName: text })))
      .execute();
}

describe.each(testDatabases())('a copy of $name', ({ name, open }) => {
  let database: DatabaseHandle;
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  test('contains every write acknowledged before it began, no partial transaction, and blocks no writes', async () => {
    await fill(database.db);
    const acknowledged: string[] = [];
    let copying = true;
    const writing = (async () => {
      for (let count = 0; copying; count += 1) {
        await insertServer(database.db, `w-${count}`);
        acknowledged.push(`w-${count}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    while (acknowledged.length < 20) await new Promise((resolve) => setImmediate(resolve));
    const before = [...acknowledged];
    const file = path.join(folder, 'copy');
    await database.copies.write(file, signal);
    const during = acknowledged.length - before.length;
    copying = false;
    await writing;

    expect(during).toBeGreaterThan(10);
    const { migrations } = await database.copies.check(file, signal);
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(database.db);
    expect(migrations).toEqual(rows.map((row) => row.name).sort());
    const { servers, states } = await idsIn(file, name);
    expect(servers).toEqual(expect.arrayContaining(before));
    expect([...states].sort()).toEqual([...servers].sort());
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('does not overwrite an existing file', async () => {
    const file = path.join(folder, 'copy');
    writeFileSync(file, 'mine');
    await expect(database.copies.write(file, signal)).rejects.toThrow();
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('fails verification when truncated', async () => {
    await fill(database.db);
    const file = path.join(folder, 'copy');
    await database.copies.write(file, signal);
    const whole = readFileSync(file);
    for (const part of [0.999, 0.5, 0.01]) {
      writeFileSync(file, whole.subarray(0, Math.floor(whole.length * part)));
      await expect(database.copies.check(file, signal), String(part)).rejects.toMatchObject({
        code: 'internal',
      });
    }
  });

  test.each([
    ['nothing', ''],
    ['text', 'this is no database\n'.repeat(1_000)],
  ])('fails verification when it contains %s', async (_what, content) => {
    const file = path.join(folder, 'copy');
    writeFileSync(file, content);
    const checked = database.copies.check(file, signal);
    // SQLite takes an empty file for an empty database: there is nothing of Buoy in it.
    if (name === 'sqlite' && content === '') expect(await checked).toEqual({ migrations: [] });
    else await expect(checked).rejects.toMatchObject({ code: 'internal' });
  });

  test('stops when the signal aborts', async () => {
    await fill(database.db);
    const caller = new AbortController();
    const running = database.copies.write(path.join(folder, 'copy'), caller.signal);
    caller.abort(new Error('closing'));
    await expect(running).rejects.toThrow('closing');
  });
});

describe('a copy of SQLite', () => {
  const writer = fileURLToPath(new URL('../../test/support/durability-writer.ts', import.meta.url));

  test('works while another process writes, and contains everything acknowledged before', async () => {
    const source = { engine: 'sqlite', file: path.join(folder, 'buoy.db') } as const;
    const first = await openDatabase(source);
    await fill(first.db);
    await first.close();
    const running = spawn(process.execPath, [writer, JSON.stringify(source), 'w'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const acknowledged: string[] = [];
    const lines = createInterface({ input: running.stdout }).on('line', (id) => acknowledged.push(id));
    while (acknowledged.length < 20) await once(lines, 'line');
    const copies = databaseCopies(source);
    for (let round = 0; round < 3; round += 1) {
      const before = [...acknowledged];
      const file = path.join(folder, `copy-${round}`);
      await copies.write(file, signal);
      expect(acknowledged.length).toBeGreaterThan(before.length);
      await copies.check(file, signal);
      const { servers, states } = await idsIn(file, 'sqlite');
      expect(servers).toEqual(expect.arrayContaining(before));
      expect([...states].sort()).toEqual([...servers].sort());
    }
    running.kill('SIGKILL');
    await once(running, 'close');
    // What the killed one left in its write-ahead log is in the next copy.
    const file = path.join(folder, 'copy-after');
    await copies.write(file, signal);
    expect((await idsIn(file, 'sqlite')).servers).toEqual(expect.arrayContaining(acknowledged));
  });

  test('fails verification with a damaged page', async () => {
    const source = { engine: 'sqlite', file: path.join(folder, 'buoy.db') } as const;
    const database = await openDatabase(source);
    await fill(database.db);
    const file = path.join(folder, 'copy');
    await database.copies.write(file, signal);
    await database.close();
    const bytes = readFileSync(file);
    bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 4_096);
    writeFileSync(file, bytes);
    await expect(databaseCopies(source).check(file, signal)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('damaged'),
    });
  });

  test('fails verification with a dangling foreign key', async () => {
    const source = { engine: 'sqlite', file: path.join(folder, 'buoy.db') } as const;
    await (await openDatabase(source)).close();
    const past = new BetterSqlite(source.file);
    past.pragma('foreign_keys = OFF');
    past.exec(
      "insert into server_statuses (server_id, state, since, reasons) values ('none', 'up', '2026', '[]')",
    );
    past.close();
    await expect(databaseCopies(source).check(source.file, signal)).rejects.toMatchObject({
      message: expect.stringContaining('a row of server_statuses without its servers'),
    });
  });

  test('of a removed database file has its content', async () => {
    const source = { engine: 'sqlite', file: path.join(folder, 'buoy.db') } as const;
    const database = await openDatabase(source);
    await insertServer(database.db, 'kept');
    for (const end of ['', '-wal', '-shm']) rmSync(`${source.file}${end}`, { force: true });
    const file = path.join(folder, 'copy');
    await database.copies.write(file, signal);
    await database.close();
    expect((await idsIn(file, 'sqlite')).servers).toEqual(['kept']);
  });

  test('of a missing database fails with a clear message', async () => {
    const copies = databaseCopies({ engine: 'sqlite', file: path.join(folder, 'none.db') });
    await expect(copies.write(path.join(folder, 'copy'), signal)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: 'No database to copy was found.',
    });
  });
});
