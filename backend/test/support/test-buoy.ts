// A whole Buoy in this process, with a database of its own: for suites that go through HTTP.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Role } from '@buoy/contract';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { OPEN_TO_TESTS } from '../../../testbed/open-to-tests.ts';
import { loadConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/db/database.ts';
import { provideMigratedSqlite } from '../../src/db/testing/migrated-databases.ts';
import { createLogger } from '../../src/lib/create-logger.ts';
import { type Buoy, wire } from '../../src/wiring.ts';
import { injectAndLeave } from './endless-streams.ts';

/** Telegram id of the super-admin of every test Buoy. */
export const SUPER_ID = 1;

export type TestBuoy = {
  buoy: Buoy;
  dataDir: string;
  call(
    method: InjectOptions['method'],
    path: string,
    options?: { token?: string | null; body?: unknown; headers?: Record<string, string> },
  ): Promise<LightMyRequestResponse>;
  /** Signs a Telegram user in and returns the token. */
  signIn(id: number): Promise<string>;
  /** Grants a role on a server, as its owner would. */
  grant(serverId: string, userId: string, role: Role): Promise<void>;
  /** Ends Buoy, and leaves its data folder. */
  stop(): Promise<void>;
  /** Ends Buoy, and removes its data folder. */
  close(): Promise<void>;
};

/**
 * @param environment on top of a configuration without rate limits
 * @param stored the data folder of a Buoy that has ended: this one starts with a copy of it
 */
export async function startTestBuoy(
  environment: Record<string, string> = {},
  stored?: string,
): Promise<TestBuoy> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'buoy-suite-'));
  if (stored !== undefined) cpSync(stored, dataDir, { recursive: true });
  if (environment.DATABASE_URL === undefined) await provideMigratedSqlite(path.join(dataDir, 'buoy.db'));
  const config = loadConfig({
    DATA_DIR: dataDir,
    TELEGRAM_BOT_TOKEN: BOT_TOKEN,
    ADMIN_USER_IDS: String(SUPER_ID),
    RATE_LIMIT_GLOBAL: '1000000',
    RATE_LIMIT_AUTH: '1000000',
    RATE_LIMIT_EXEC: '1000000',
    LOG_LEVEL: 'silent',
    ...OPEN_TO_TESTS,
    ...environment,
  });
  const buoy = await wire(config, createLogger(config.logLevel), { version: '0.0.0-test', webRoot: null });
  const call: TestBuoy['call'] = (method = 'GET', url, { token, body, headers } = {}) =>
    injectAndLeave(buoy.app, {
      method,
      url: `/api${url}`,
      headers: { ...(token == null ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });
  let launches = 0;
  return {
    buoy,
    dataDir,
    call,
    async signIn(id) {
      launches += 1;
      const initData = forgeInitData({ id, first_name: `User ${id} launch ${launches}` }, BOT_TOKEN);
      const response = await call('POST', '/auth/telegram', { body: { initData } });
      return response.json<{ token: string }>().token;
    },
    async grant(serverId, userId, role) {
      const other = await openDatabase({ engine: 'sqlite', file: path.join(dataDir, 'buoy.db') });
      try {
        await other.db
          .insertInto('grants')
          .values({
            serverId,
            userId,
            role,
            grantedBy: String(SUPER_ID),
            createdAt: new Date().toISOString(),
          })
          .execute();
      } finally {
        await other.close();
      }
    },
    stop: () => buoy.close(),
    async close() {
      await buoy.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
