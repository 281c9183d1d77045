// The Buoy for fuzzing one endpoint: people with every role, and a record behind every kind of id, so that requests get deep.
import { generateKeyPairSync } from 'node:crypto';
import type { EndpointKey, ErrorCode } from '@buoy/contract';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import type { KnownValues } from './requests-from-schema.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './test-buoy.ts';

export const fuzzCallers = [
  'super-admin',
  'owner',
  'viewer',
  'stranger',
  'admin token',
  'read token',
  'metrics token',
] as const;
export type FuzzCaller = (typeof fuzzCallers)[number];

export type FuzzFixture = {
  running: TestBuoy;
  /** The Authorization header of a caller; a new session each time where the endpoint ends its own session. */
  authorizationOf(caller: FuzzCaller): Promise<string>;
  /** Meaningful values of a body field or a query parameter. */
  known: KnownValues;
  /** Meaningful values of a part of the path. */
  inPath: KnownValues;
  /** Stored secrets that no answer may hold. */
  secrets: readonly string[];
  /** Codes that no request may cause here, on top of Buoy's own failures. */
  faults: readonly ErrorCode[];
  /** Milliseconds within which any request must be answered. */
  answerDeadlineMs: number;
  superToken: string;
};

const ids = { 'super-admin': SUPER_ID, owner: 100, viewer: 102, stranger: 103 } as const;
/** Grants, invites and tokens that a run may use up. */
const SPARE = 5;

const machine = { host: '127.0.0.1', port: 1, username: 'root', authType: 'password' };

export async function prepareFuzzFixture(key: EndpointKey): Promise<FuzzFixture> {
  // Buoy trusts the addresses that proxies claim, so that hostile ones are parsed.
  const running = await startTestBuoy({
    TRUST_PROXY: '1',
    // Set up, without a server that answers.
    TELEGRAM_OIDC_CLIENT_ID: '7000000001',
    TELEGRAM_OIDC_CLIENT_SECRET: 'client-secret',
    TELEGRAM_OIDC_ISSUER: 'http://127.0.0.1:9',
  });
  const sessions = {
    'super-admin': await running.signIn(ids['super-admin']),
    owner: await running.signIn(ids.owner),
    viewer: await running.signIn(ids.viewer),
    stranger: await running.signIn(ids.stranger),
  };
  const answered = async <T>(method: 'GET' | 'POST', url: string, token: string | null, body?: object) => {
    const response = await running.call(method, url, { token, body });
    if (response.statusCode >= 300) throw new Error(`${method} ${url}: ${response.body}`);
    return (response.body === '' ? undefined : response.json()) as T;
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

  const password = 'fuzz-5tored-pa55word';
  // Sent in setups: kept sealed while their tasks run.
  const setupSecrets = { apiKey: 'fuzz-pr0vider-key', sudoPassword: 'fuzz-5udo-pa55word' };
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

  const many = <T>(make: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: SPARE }, make));
  const invites = await many(() =>
    answered<{ invite: { id: string; url: string } }>(
      'POST',
      `/servers/${serverId}/invites`,
      sessions.owner,
      {
        role: 'viewer',
      },
    ),
  );
  const devices = await many(() =>
    answered<{ userCode: string; deviceCode: string }>('POST', '/auth/device', null),
  );
  const spareTokens = await many(() => newToken(sessions['super-admin'], ['read']));
  await running.signIn(ids['super-admin']);
  const signedIn = await answered<{ sessions: Array<{ id: string; current: boolean }> }>(
    'GET',
    '/me/sessions',
    sessions['super-admin'],
  );
  const userIds = ['101', '102', '103', '104', '999', String(SUPER_ID)];
  const filenames = key.includes(':filename')
    ? [
        (
          await answered<{ backup: { filename: string } }>(
            'POST',
            '/admin/backups/run',
            sessions['super-admin'],
          )
        ).backup.filename,
      ]
    : [];

  return {
    running,
    superToken: sessions['super-admin'],
    faults: [],
    // A call to a server that is down may wait two seconds for its back-off.
    answerDeadlineMs: 10_000,
    secrets: [password, ...Object.values(setupSecrets), ...Object.values(tokens).map(({ secret }) => secret)],
    async authorizationOf(caller) {
      if (caller in tokens) return `Bearer ${tokens[caller as keyof typeof tokens].secret}`;
      const person = caller as keyof typeof sessions;
      return `Bearer ${key === 'POST /auth/logout' ? await running.signIn(ids[person]) : sessions[person]}`;
    },
    known: {
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
      userCode: devices.map((device) => device.userCode),
      deviceCode: devices.map((device) => device.deviceCode),
    },
    inPath: {
      id: idsFor(key, {
        tasks: [taskId],
        alerts: alerts.map(({ id }) => id),
        sessions: signedIn.sessions.filter(({ current }) => !current).map(({ id }) => id),
        tokens: spareTokens.map(({ id }) => id),
        servers: key === 'DELETE /servers/:id' ? [serverId, ...others] : [serverId],
      }),
      userId: userIds,
      inviteId: invites.map(({ invite }) => invite.id),
      filename: filenames,
    },
  };
}

function idsFor(
  key: EndpointKey,
  by: Record<'tasks' | 'alerts' | 'sessions' | 'tokens' | 'servers', string[]>,
): string[] {
  const section = /^\w+ \/(?:me\/)?(tasks|alerts|sessions|tokens|servers)\/:id/.exec(key)?.[1];
  return section === undefined ? [] : by[section as keyof typeof by];
}

/** The code in a link, wherever the link carries it. */
function codeIn(url: string): string {
  return /code=([\w.~-]+)/.exec(url)?.[1] ?? url.split('/').at(-1) ?? '';
}
