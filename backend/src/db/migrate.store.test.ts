// The first start and every later one: migrations run once, in parallel too, and a killed first start can be started again.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite from 'better-sqlite3';
import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, inject, test } from 'vitest';
import { isLongRun } from '../../../testbed/long-run.ts';
import { createUserStore } from '../users/users.store.ts';
import { type DatabaseSource, type Db, openDatabase } from './database.ts';
import { knownMigrations, migrate } from './migrate.ts';
import { people } from './migrations/0007-people.ts';

type EmptyDatabase = {
  source: DatabaseSource;
  /** Runs a statement outside Buoy. */
  command(statement: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

async function emptySqlite(): Promise<EmptyDatabase & { source: { file: string } }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-migrate-'));
  const file = path.join(folder, 'buoy.db');
  return {
    source: { engine: 'sqlite', file },
    command: async (statement) => void new BetterSqlite(file).exec(statement).close(),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function emptyPostgres(): Promise<EmptyDatabase> {
  const server = inject('postgresUrl') ?? '';
  const name = `migrate_${randomBytes(8).toString('hex')}`;
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const onServer = async (connectionString: string, statement: string) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await onServer(server, `create database ${name}`);
  return {
    source: { engine: 'postgres', url },
    command: (statement) => onServer(url, statement),
    [Symbol.asyncDispose]: () => onServer(server, `drop database ${name} with (force)`),
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
  test('the second start changes neither tables nor rows', async () => {
    await using fresh = await empty();
    const first = await openDatabase(fresh.source);
    await createUserStore(first.db).upsert(person, '2026-03-01T10:00:00.000Z');
    const shape = await shapeOf(first.db);
    expect(shape.columns).toContainEqual(expect.stringMatching(/^users\.first_name text$/i));
    await migrate(first.db);
    expect(await shapeOf(first.db)).toEqual(shape);
    await first.close();

    const second = await openDatabase(fresh.source);
    expect(await shapeOf(second.db)).toEqual(shape);
    expect(await createUserStore(second.db).find('1')).toMatchObject(person);
    await second.close();
  });

  test('the approval migration approves only super-admins and people who have or had a role', async () => {
    await using fresh = await empty();
    await (await openDatabase(fresh.source)).close();
    // Its tables as the version before it had them.
    await fresh.command('drop table access_requests');
    for (const column of ['approved_at', 'disabled_at', 'may_add_servers'])
      await fresh.command(`alter table users drop column ${column}`);
    const at = "'2026-03-01T10:00:00.000Z'";
    for (const [id, isSuperAdmin] of Object.entries({ admin: 1, owner: 0, invited: 0, stranger: 0 }))
      await fresh.command(
        `insert into users (id, is_super_admin, created_at) values ('${id}', ${isSuperAdmin}, ${at})`,
      );
    await fresh.command(
      `insert into servers (id, name, host, port, username, auth_type, credential, tags, version, created_by, created_at, updated_at)
       values ('srv_1', 'one', 'h', 22, 'u', 'key', 'sealed', '[]', 1, 'owner', ${at}, ${at})`,
    );
    await fresh.command(
      `insert into grants (server_id, user_id, role, granted_by, created_at) values ('srv_1', 'owner', 'owner', 'owner', ${at})`,
    );
    await fresh.command(
      `insert into invites (id, server_id, role, code_hash, created_by, created_at, expires_at, accepted_by, accepted_at)
       values ('inv_1', 'srv_1', 'viewer', 'hash', 'owner', ${at}, ${at}, 'invited', ${at})`,
    );

    const opened = await openDatabase(fresh.source);
    await people.up(opened.db);
    const users = await opened.db.selectFrom('users').selectAll().orderBy('id').execute();
    expect(
      users.map(({ id, approvedAt, disabledAt, mayAddServers }) => [
        id,
        approvedAt !== null,
        disabledAt,
        mayAddServers,
      ]),
    ).toEqual([
      ['admin', true, null, 1],
      ['invited', true, null, 1],
      ['owner', true, null, 1],
      ['stranger', false, null, 1],
    ]);
    await opened.close();
  });

  test('two programs that start at once on an empty database both succeed', async () => {
    for (let round = 0; round < (isLongRun ? 3 : 1); round += 1) {
      await using fresh = await empty();
      const opened = await Promise.all([
        openInAnotherProcess(fresh.source),
        openInAnotherProcess(fresh.source),
      ]);
      expect(opened).toEqual(['opened', 'opened']);
    }
  });

  test('a failed migration is named and rolled back, so that the next start can succeed', async () => {
    await using fresh = await empty();
    // In the way of the last table of the first migration.
    await fresh.command('create table idempotency_keys (obstacle text)');
    await expect(openDatabase(fresh.source)).rejects.toThrow('The database migration "0001-spine" failed.');
    await fresh.command('drop table idempotency_keys');
    const opened = await openDatabase(fresh.source);
    expect((await shapeOf(opened.db)).ran.map(({ name }) => name)).toEqual(knownMigrations);
    await opened.close();
  });

  test('a database migrated by a newer Buoy is refused', async () => {
    await using fresh = await empty();
    await (await openDatabase(fresh.source)).close();
    await fresh.command(
      "insert into kysely_migration (name, timestamp) values ('9999-future', '2099-01-01T00:00:00.000Z')",
    );
    await expect(openDatabase(fresh.source)).rejects.toThrow(
      /newer Buoy, which has the migration "9999-future"/,
    );
  });
});

/** What `openDatabase` says in a process of its own: "opened", or the error. */
async function openInAnotherProcess(source: DatabaseSource): Promise<string> {
  return (await child(source, 'open')).output;
}

async function child(
  source: DatabaseSource,
  how: string,
): Promise<{ signal: string | null; output: string }> {
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

describe('first start on SQLite', () => {
  test('starts again after a kill at any point of the first migration', async () => {
    let survived = 0;
    // One statement in some, until the migration is through before the kill comes.
    for (let statement = 1; ; statement += isLongRun ? 6 : 12) {
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
    expect(survived).toBeGreaterThanOrEqual(5);
  });

  test('only the process owner can read the database, its WAL and its shared memory file', async () => {
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
