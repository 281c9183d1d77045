// A Buoy on a data folder that outlives its processes, with the `keys` command: for suites that rotate keys through restarts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, createClient } from '@buoy/contract/client';
import { signInByLink } from '../../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../../testbed/buoy-process.ts';
import { type CommandResult, runCommand } from '../../../testbed/run-command.ts';
import { serverProgram } from '../../../testbed/server-program.ts';
import { type DatabaseHandle, openDatabase } from '../../src/db/database.ts';
import { parseKeyRing, type VaultKey } from '../../src/vault/vault.ts';

const COMMAND_DEADLINE_MS = 60_000;

export type KeyFixture = {
  dataDir: string;
  /** With the token of the last sign-in. */
  api: Client;
  process: () => BuoyProcess;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** @param changes to the environment, from then on */
  restart(changes?: Record<string, string>): Promise<void>;
  kill(): Promise<void>;
  /** Signs in by a new link and returns the token; `api` uses it from then on. */
  signIn(): Promise<string>;
  /** One raw call with any token. */
  call(
    method: string,
    url: string,
    options?: { token?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<{ status: number; body: unknown }>;
  /** `npm run keys -- …words` */
  keys(words: string[], environment?: Record<string, string>): Promise<CommandResult>;
  /** The keys in `vault-keys`, or in another file of the data folder. */
  ring(name?: string): VaultKey[];
  withDatabase<T>(use: (database: DatabaseHandle) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** @param environment on top of disabled rate limits */
export function createKeyFixture(environment: Record<string, string> = {}): KeyFixture {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'buoy-keys-'));
  let settings: Record<string, string> = {
    DATA_DIR: dataDir,
    RATE_LIMIT_GLOBAL: '100000',
    RATE_LIMIT_AUTH: '100000',
    RATE_LIMIT_EXEC: '100000',
    ...environment,
  };
  let running: BuoyProcess | null = null;
  let current = '';
  const buoy = (): BuoyProcess => {
    if (running === null) throw new Error('This Buoy does not run now.');
    return running;
  };
  const stop = async () => {
    await running?.stop();
    running = null;
  };
  const start = async () => {
    running = await startBuoy(settings);
  };
  return {
    dataDir,
    process: buoy,
    api: (key, ...input) =>
      createClient({ baseUrl: `${buoy().url}/api`, token: () => current })(key, ...input),
    start,
    stop,
    async restart(changes = {}) {
      await stop();
      settings = { ...settings, ...changes };
      await start();
    },
    async kill() {
      await running?.kill();
      running = null;
    },
    async signIn() {
      const signInCode = new URL(await buoy().newSignInLink()).hash.replace('#code=', '');
      current = await signInByLink({ url: buoy().url, signInCode });
      return current;
    },
    async call(method, url, { token = current, body, headers } = {}) {
      const response = await fetch(`${buoy().url}/api${url}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    },
    keys(words, more = {}) {
      const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
      return runCommand(process.execPath, [serverProgram('keys'), ...words], {
        timeoutMs: COMMAND_DEADLINE_MS,
        env: { PATH, HOME, NODE_COMPILE_CACHE, ...settings, ...more },
      });
    },
    ring: (name = 'vault-keys') => parseKeyRing(readFileSync(path.join(dataDir, name), 'utf8')),
    async withDatabase(use) {
      const database = await openDatabase({ engine: 'sqlite', file: path.join(dataDir, 'buoy.db') });
      try {
        return await use(database);
      } finally {
        await database.close();
      }
    },
    async close() {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
