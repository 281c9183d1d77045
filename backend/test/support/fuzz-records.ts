// What the Buoy for each fuzzed endpoint starts with: people with every role, and a record behind every kind of id.
import { generateKeyPairSync } from 'node:crypto';
import { rmSync } from 'node:fs';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import type { KnownValues } from './requests-from-schema.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './test-buoy.ts';

export type FuzzRecords = Awaited<ReturnType<typeof storeFuzzRecords>>;

/** Telegram ids of the people with a session. */
export const fuzzPeople = { 'super-admin': SUPER_ID, owner: 100, viewer: 102, stranger: 103 } as const;
export type FuzzPerson = keyof typeof fuzzPeople;

/** Invites and tokens that a run may use up. */
export const SPARE = 5;

/** Buoy trusts the addresses that proxies claim, so that hostile ones are parsed. */
export const fuzzEnvironment = {
  TRUST_PROXY: '1',
  // Set up, without a server that answers.
  TELEGRAM_OIDC_CLIENT_ID: '7000000001',
  TELEGRAM_OIDC_CLIENT_SECRET: 'client-secret',
  TELEGRAM_OIDC_ISSUER: 'http://127.0.0.1:9',
};

const machine = { host: '127.0.0.1', port: 1, username: 'root', authType: 'password' };
const password = 'fuzz-5tored-pa55word';
/** Sent in setups: kept sealed while their tasks run. */
const setupSecrets = { apiKey: 'fuzz-pr0vider-key', sudoPassword: 'fuzz-5udo-pa55word' };

/** A call of a fixture, which must succeed. */
export const fuzzCall =
  (running: TestBuoy) =>
  async <T>(method: 'GET' | 'POST', url: string, token: string | null, body?: object): Promise<T> => {
    const response = await running.call(method, url, { token, body });
    if (response.statusCode >= 300) throw new Error(`${method} ${url}: ${response.body}`);
    return (response.body === '' ? undefined : response.json()) as T;
  };

/** Runs a Buoy that makes the records, and keeps its data folder: to make them for each endpoint took half of the time. */
export async function storeFuzzRecords() {
  const running = await startTestBuoy(fuzzEnvironment);
  const answered = fuzzCall(running);
  const sessions = {
    'super-admin': await running.signIn(fuzzPeople['super-admin']),
    owner: await running.signIn(fuzzPeople.owner),
    viewer: await running.signIn(fuzzPeople.viewer),
    stranger: await running.signIn(fuzzPeople.stranger),
  };
  const newToken = async (token: string, scopes: string[]) =>
    (
      await answered<{ token: { id: string; secret: string } }>('POST', '/me/tokens', token, {
        name: scopes.join(),
        scopes,
      })
    ).token;
  const tokens = {
    'admin token': await newToken(sessions['super-admin'], ['admin']),
    'read token': await newToken(sessions.owner, ['read']),
    'metrics token': await newToken(sessions['super-admin'], ['metrics']),
  };

  const addServer = async (more: object) =>
    (
      await answered<{ server: { id: string } }>('POST', '/servers', sessions.owner, {
        ...machine,
        password,
        ...more,
      })
    ).server.id;
  const serverId = await addServer({ name: 'fuzz' });
  const others = [
    // Removing the first server detaches it.
    await addServer({ name: 'behind it', jumpServerId: serverId }),
    await addServer({ name: 'to delete', tags: ['a'] }),
  ];
  await running.grant(serverId, '101', 'admin');
  await running.grant(serverId, '102', 'viewer');
  const restart = await answered<{ task: { id: string } }>(
    'POST',
    `/servers/${serverId}/openclaw/restart`,
    sessions.owner,
  );
  const taskId = restart.task.id;
  await answered('POST', `/tasks/${taskId}/cancel`, sessions.owner);
  // The stream of a task ends with the task.
  await running.call('GET', `/tasks/${taskId}/events`, { token: sessions.owner });

  const { alerts } = await answered<{ alerts: Array<{ id: string }> }>(
    'POST',
    `/servers/${serverId}/check`,
    sessions.owner,
  );
  const invites = await Promise.all(
    Array.from({ length: SPARE }, () =>
      answered<{ invite: { id: string; url: string } }>(
        'POST',
        `/servers/${serverId}/invites`,
        sessions.owner,
        { role: 'viewer' },
      ),
    ),
  );
  const spareTokens = await Promise.all(
    Array.from({ length: SPARE }, () => newToken(sessions['super-admin'], ['read'])),
  );
  await running.signIn(fuzzPeople['super-admin']);
  const signedIn = await answered<{ sessions: Array<{ id: string; current: boolean }> }>(
    'GET',
    '/me/sessions',
    sessions['super-admin'],
  );
  await running.stop();

  const userIds = ['101', '102', '103', '104', '999', String(SUPER_ID)];
  const known: KnownValues = {
    serverId: [serverId, ...others],
    jumpServerId: [serverId, ...others],
    userId: userIds,
    host: ['127.0.0.1', 'localhost'],
    name: ['a server', 'another'],
    username: ['root', 'deploy'],
    password: ['one of the tests'],
    provider: ['anthropic', 'custom', 'ollama', 'skip'],
    apiKey: [setupSecrets.apiKey],
    sudoPassword: [setupSecrets.sudoPassword],
    privateKey: [
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ],
    timezone: ['Europe/Berlin', 'UTC', 'America/St_Johns'],
    initData: Array.from({ length: SPARE }, (_, index) =>
      forgeInitData({ id: 200 + index, first_name: `Fuzz ${index}` }, BOT_TOKEN),
    ),
    code: invites.map(({ invite }) => codeIn(invite.url)),
  };
  return {
    /** A data folder to start with. */
    stored: running.dataDir,
    sessions,
    tokens,
    secrets: [password, ...Object.values(setupSecrets), ...Object.values(tokens).map(({ secret }) => secret)],
    known,
    ids: {
      tasks: [taskId],
      alerts: alerts.map(({ id }) => id),
      sessions: signedIn.sessions.filter(({ current }) => !current).map(({ id }) => id),
      tokens: spareTokens.map(({ id }) => id),
      servers: [serverId, ...others],
    },
    userIds,
    inviteIds: invites.map(({ invite }) => invite.id),
    remove: () => rmSync(running.dataDir, { recursive: true, force: true }),
  };
}

/** The code in a link, wherever the link carries it. */
function codeIn(url: string): string {
  return /code=([\w.~-]+)/.exec(url)?.[1] ?? url.split('/').at(-1) ?? '';
}
