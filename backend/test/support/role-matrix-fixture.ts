// The fixture of the role matrix: one server with its people, and a record for every part of a path.
import type { EndpointKey } from '@buoy/contract';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './test-buoy.ts';

export const callers = [
  'anonymous',
  'revoked session',
  'stranger',
  'viewer',
  'admin',
  'owner',
  'super-admin',
  'read token',
] as const;
export type CallerKind = (typeof callers)[number];

/** Telegram ids; the read token belongs to the owner. */
const people: Partial<Record<CallerKind, number>> = {
  'revoked session': 101,
  stranger: 103,
  viewer: 102,
  admin: 101,
  owner: 100,
  'super-admin': SUPER_ID,
  'read token': 100,
};

export type MatrixFixture = {
  running: TestBuoy;
  /** The Authorization header of the caller; null: none. */
  tokenOf(caller: CallerKind): string | null;
  /** A token of a new session, for calls that end their own session; the same token for callers without a session. */
  freshTokenOf(caller: CallerKind): Promise<string | null>;
  /** The person that an audit entry names; null: authorization does not know who it is. */
  userIdOf(caller: CallerKind): string | null;
  serverId: string;
  /** The path below /api with its query: to existing records, and to missing ones where the method would delete them. */
  urlOf(key: EndpointKey): string;
};

export async function prepareMatrixFixture(): Promise<MatrixFixture> {
  const running = await startTestBuoy();
  const tokens = new Map<CallerKind, string>();
  for (const [caller, id] of Object.entries(people) as Array<[CallerKind, number]>)
    if (caller !== 'read token') tokens.set(caller, await running.signIn(id));
  const tokenOf = (caller: CallerKind) => tokens.get(caller) ?? null;

  const answered = async <T>(method: 'GET' | 'POST', url: string, caller: CallerKind, body?: object) => {
    const response = await running.call(method, url, { token: tokenOf(caller), body });
    if (response.statusCode >= 300) throw new Error(`${method} ${url}: ${response.body}`);
    return (response.body === '' ? undefined : response.json()) as T;
  };
  await answered('POST', '/auth/logout', 'revoked session');
  const made = await answered<{ token: { secret: string } }>('POST', '/me/tokens', 'owner', {
    name: 'matrix',
    scopes: ['read'],
  });
  tokens.set('read token', made.token.secret);

  // Nothing listens on port 1 of this machine, so the connection to the server fails at once.
  const machine = { host: '127.0.0.1', port: 1, username: 'root', authType: 'password', password: 'x' };
  const addServer = async (more: object) =>
    (
      await answered<{ server: { id: string } }>('POST', '/servers', 'owner', {
        ...machine,
        ...more,
      })
    ).server.id;
  const serverId = await addServer({ name: 'matrix' });
  const withPeople = async (id: string): Promise<string> => {
    await running.grant(id, '101', 'admin');
    await running.grant(id, '102', 'viewer');
    return id;
  };
  await withPeople(serverId);
  /** One for each caller, since a caller who may delete it does. */
  const toDelete: string[] = [];
  for (const caller of callers) toDelete.push(await withPeople(await addServer({ name: `for ${caller}` })));

  const { task } = await answered<{ task: { id: string } }>(
    'POST',
    `/servers/${serverId}/openclaw/restart`,
    'owner',
  );
  await answered('POST', `/tasks/${task.id}/cancel`, 'owner');
  // The stream of a task ends with the task.
  await running.call('GET', `/tasks/${task.id}/events`, { token: tokenOf('owner') });
  // That server cannot be reached, which is its alert.
  const { alerts } = await answered<{ alerts: Array<{ id: string }> }>(
    'POST',
    `/servers/${serverId}/check`,
    'owner',
  );
  const alertId = alerts[0]?.id ?? '';
  const { backup } = await answered<{ backup: { filename: string } }>(
    'POST',
    '/admin/backups/run',
    'super-admin',
  );
  const { userCode } = await answered<{ userCode: string }>('POST', '/auth/device', 'anonymous');

  const idIn = (path: string): string => {
    if (path.startsWith('/tasks/')) return task.id;
    if (path.startsWith('/alerts/')) return alertId;
    return path.startsWith('/servers/') ? serverId : 'not-there';
  };
  const queries: Partial<Record<EndpointKey, string>> = {
    'GET /tasks/active-server': `?serverId=${serverId}`,
    'GET /auth/device': `?userCode=${userCode}`,
  };
  return {
    running,
    tokenOf,
    freshTokenOf: async (caller) => {
      const id = people[caller];
      const hasSession = id !== undefined && caller !== 'read token' && caller !== 'revoked session';
      return hasSession ? running.signIn(id) : tokenOf(caller);
    },
    userIdOf: (caller) => {
      const id = people[caller];
      return id === undefined || caller === 'revoked session' ? null : String(id);
    },
    serverId,
    urlOf(key) {
      const template = key.slice(key.indexOf(' ') + 1);
      const path = template
        .replace(':id', key === 'DELETE /servers/:id' ? (toDelete.pop() ?? '') : idIn(template))
        .replace(':filename', backup.filename)
        .replace(/:\w+/g, 'not-there');
      return `${path}${queries[key] ?? ''}`;
    },
  };
}
