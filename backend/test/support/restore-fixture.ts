// The fixture of the backup and restore suites: a data folder with its database, and functions that read its content.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AuditEntry } from '@buoy/contract';
import BetterSqlite from 'better-sqlite3';
import { inject } from 'vitest';
import { freshPostgres } from './fresh-postgres.ts';
import type { TestBuoy } from './test-buoy.ts';

export type RestoreFixture = {
  /** The environment of Buoy and the commands. */
  environment: Record<string, string>;
  dataDir: string;
  /** Runs a statement directly on the database, while Buoy is stopped. */
  command(statement: string): Promise<void>;
  /** Matches the path where the restore keeps the old content. */
  keptAs: RegExp;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function sqliteFixture(): Promise<RestoreFixture> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'buoy-restore-'));
  return {
    environment: { DATA_DIR: dataDir },
    dataDir,
    command: async (statement) =>
      void new BetterSqlite(path.join(dataDir, 'buoy.db')).exec(statement).close(),
    keptAs: /^buoy\.db\.before-restore-[\dTZ-]+$/,
    [Symbol.asyncDispose]: async () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

export async function postgresFixture(): Promise<RestoreFixture> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'buoy-restore-'));
  const database = await freshPostgres(inject('postgresUrl') ?? '');
  return {
    environment: { DATA_DIR: dataDir, DATABASE_URL: database.url },
    dataDir,
    command: async (statement) => void (await database.query(statement)),
    keptAs: /^database\.before-restore-[\dTZ-]+\.dump\.gz$/,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export const engines = [
  { name: 'sqlite', open: sqliteFixture },
  ...(inject('postgresUrl') ? [{ name: 'postgres', open: postgresFixture }] : []),
];

/** Nothing listens on port 1 of this machine. */
const machine = {
  host: '127.0.0.1',
  port: 1,
  username: 'root',
  authType: 'password',
  password: 'hunter2-hunter2',
};

export const addServer = async (buoy: TestBuoy, token: string, name: string): Promise<string> => {
  const answer = await buoy.call('POST', '/servers', { token, body: { ...machine, name } });
  return answer.json<{ server: { id: string } }>().server.id;
};
export const serversOf = async (buoy: TestBuoy, token: string): Promise<string[]> =>
  (await buoy.call('GET', '/servers', { token }))
    .json<{ servers: Array<{ name: string }> }>()
    .servers.map(({ name }) => name);
export const auditOf = async (buoy: TestBuoy, token: string) =>
  (await buoy.call('GET', '/admin/audit?limit=200', { token })).json<{
    entries: AuditEntry[];
    chainOk: boolean;
    chainProblem: string | null;
  }>();

/** What a refused restore must leave unchanged: all of the data folder but the lock, with its content. */
export function contentOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(path.join(folder, name)).isFile() && !name.endsWith('.lock'))
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(path.join(folder, name)))
          .digest('hex'),
      ]),
  );
}
