// The first start and every later one: migrations run once, in parallel too, and a killed first start can be started again.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, inject, test } from 'vitest';
import { createUserStore } from '../users/users.store.ts';
import { type Db, type DatabaseSource, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';

type EmptyDatabase = { source: DatabaseSource; [Symbol.asyncDispose](): Promise<void> };

async function emptySqlite(): Promise<EmptyDatabase & { source: { file: string } }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-migrate-'));
  return {
    source: { engine: 'sqlite', file: path.join(folder, 'buoy.db') },
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function emptyPostgres(): Promise<EmptyDatabase> {
  const server = inject('postgresUrl') ?? '';
  const url = new URL(server);
  url.pathname = `/migrate_${randomBytes(8).toString('hex')}`;
  const command = async (statement: string) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await command(`create database ${url.pathname.slice(1)}`);
  return {
    source: { engine: 'postgres', url: url.href },
    [Symbol.asyncDispose]: () => command(`drop database ${url.pathname.slice(1)} with (force)`),
  };
}

const engines = [
  { name: 'sqlite', empty: emptySqlite as () => Promise<EmptyDatabase> },
  ...(inject('postgresUrl') ? [{ name: 'postgres', empty: emptyPostgres }] : []),
];

/** Every table with its columns, and which migrations ran when. */
async function shapeOf(db: Db) {
  const tables = await db.introspection.getTables();
  const ran = await sql<{ name: string; timestamp: string }>`select * from kysely_migration`.execute(db);
  return {
    columns: tables
      .flatMap((table) => table.columns.map((column) => `${table.name}.${column.name} ${column.dataType}`))
      .sort(),
    ran: ran.rows,
  };
}

const person = {
  id: '1',
  username: null,
  firstName: 'Ada',
  lastName: null,
  photoUrl: null,
  languageCode: null,
};

describe.each(engines)('migrations on $name', ({ empty }) => {
  test('the second start changes nothing, neither tables nor rows', async () => {
    await using fresh = await empty();
    const first = await openDatabase(fresh.source);
    await createUserStore(first.db).upsert(person, '2026-03-01T10:00:00.000Z');
    const shape = await shapeOf(first.db);
    expect(shape.columns).toContain('users.first_name text');
    await migrate(first.db);
    expect(await shapeOf(first.db)).toEqual(shape);
    await first.close();

    const second = await openDatabase(fresh.source);
    expect(await shapeOf(second.db)).toEqual(shape);
    expect(await createUserStore(second.db).find('1')).toMatchObject(person);
    await second.close();
  });

  test('two programs that start at once on an empty database both come up', async () => {
    for (let round = 0; round < 5; round += 1) {
      await using fresh = await empty();
      const opened = await Promise.all([openInAnotherProcess(fresh.source), openInAnotherProcess(fresh.source)]);
      expect(opened).toEqual(['opened', 'opened']);
    }
  });

  test('a failed migration changes nothing and is named', async () => {
    await using fresh = await empty();
    const opened = await openDatabase(fresh.source);
    // As if the last table of the first migration were in the way.
    const { columns } = await shapeOf(opened.db);
    const tables = [...new Set(columns.map((column) => column.split('.')[0] ?? ''))];
    await sql`delete from kysely_migration`.execute(opened.db);
    for (const table of ['task_outputs', 'task_steps', 'tasks', 'openclaw_snapshots', 'grants', 'server_statuses'])
      await opened.db.schema.dropTable(table).execute();
    for (const table of ['servers', 'init_data_uses', 'sign_in_links', 'sessions', 'users'])
      await opened.db.schema.dropTable(table).execute();
    expect(tables).toContain('idempotency_keys');
    await opened.close();

    await expect(openDatabase(fresh.source)).rejects.toThrow(/migration "0001-spine" failed/);
  });
});

/** What `openDatabase` says in a process of its own: "opened", or the error. */
async function openInAnotherProcess(source: DatabaseSource): Promise<string> {
  return (await child(source, 'open')).output;
}

async function child(source: DatabaseSource, how: string): Promise<{ signal: string | null; output: string }> {
  const script = fileURLToPath(new URL('../../test/support/durability-open.ts', import.meta.url));
  const running = spawn(process.execPath, [script, JSON.stringify(source), how], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [running.stdout, running.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  const [, signal] = (await once(running, 'close')) as [number | null, string | null];
  return { signal, output: output.trim() };
}

describe('the first start on SQLite', () => {
  test('killed at any point of the first migration, it starts the next time', async () => {
    let survived = 0;
    // Every fifth statement, until the migration is through before the kill comes.
    for (let statement = 1; ; statement += 5) {
      await using fresh = await emptySqlite();
      const { signal, output } = await child(fresh.source, `kill-at-${statement}`);
      if (signal === null) {
        expect(output).toBe('opened');
        break;
      }
      expect(signal).toBe('SIGKILL');
      const opened = await openDatabase(fresh.source);
      await createUserStore(opened.db).upsert(person, '2026-03-01T10:00:00.000Z');
      expect(await createUserStore(opened.db).find('1')).toMatchObject(person);
      await opened.close();
      survived += 1;
    }
    expect(survived).toBeGreaterThan(5);
  });

  test('only the owner of the process can read the database, its log and its index', async () => {
    await using fresh = await emptySqlite();
    const opened = await openDatabase(fresh.source);
    await createUserStore(opened.db).upsert(person, '2026-03-01T10:00:00.000Z');
    const folder = path.dirname(fresh.source.file);
    const modes = readdirSync(folder).map(
      (name) => `${name} ${(statSync(path.join(folder, name)).mode & 0o777).toString(8)}`,
    );
    await opened.close();
    expect(modes.sort()).toEqual(['buoy.db 600', 'buoy.db-shm 600', 'buoy.db-wal 600']);
  });
});
