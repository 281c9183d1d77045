// Every endpoint × every kind of caller. The rows come from the contract, so a new endpoint without a reviewed row fails here.
import { contract, type EndpointKey } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

/** Who is the least that may call it, as the contract's pages say. Reviewed by hand; never generated. */
const least: Record<EndpointKey, 'public' | 'user' | 'viewer' | 'admin' | 'owner' | 'super'> = {
  'GET /health': 'public',
  'GET /openapi.json': 'user',
  'POST /auth/telegram': 'public',
  'POST /auth/link': 'public',
  'POST /auth/refresh': 'public',
  'POST /auth/logout': 'user',
  'GET /me': 'user',
  'GET /me/sessions': 'user',
  'DELETE /me/sessions/:id': 'user',
  'GET /servers': 'user',
  'POST /servers': 'user',
  'GET /servers/:id': 'viewer',
  'PUT /servers/:id': 'admin',
  'DELETE /servers/:id': 'owner',
  'POST /servers/:id/test': 'admin',
  'POST /servers/:id/host-key/accept': 'owner',
  'POST /servers/:id/exec': 'admin',
  'GET /servers/:id/openclaw/status': 'viewer',
  'POST /servers/:id/openclaw/restart': 'admin',
  'GET /tasks': 'user',
  'GET /tasks/active': 'user',
  'GET /tasks/active-server': 'user',
  'GET /tasks/:id': 'viewer',
  'GET /tasks/:id/events': 'viewer',
  'GET /tasks/:id/output': 'viewer',
  'POST /tasks/:id/cancel': 'admin',
  'POST /tasks/:id/retry': 'admin',
};

const callers = ['anonymous', 'revoked', 'stranger', 'viewer', 'admin', 'owner', 'super'] as const;
type CallerKind = (typeof callers)[number];

/** What the door must say: a status that ends there, or "in", whatever the feature then answers. */
function expected(key: EndpointKey, caller: CallerKind): 401 | 403 | 404 | 'in' {
  const needed = least[key];
  if (needed === 'public') return 'in';
  if (caller === 'anonymous' || caller === 'revoked') return 401;
  if (needed === 'user' || caller === 'super') return 'in';
  if (needed === 'super') return 403;
  if (caller === 'stranger') return 404;
  const rank = { viewer: 1, admin: 2, owner: 3 };
  return rank[caller] >= rank[needed] ? 'in' : 403;
}

describe('role matrix', () => {
  let running: TestBuoy;
  const tokens = new Map<CallerKind, string | null>();
  let serverId: string;
  let taskId: string;

  beforeAll(async () => {
    running = await startTestBuoy();
    const owner = await running.signIn(100);
    tokens.set('anonymous', null);
    tokens.set('stranger', await running.signIn(103));
    tokens.set('viewer', await running.signIn(102));
    tokens.set('admin', await running.signIn(101));
    tokens.set('owner', owner);
    tokens.set('super', await running.signIn(SUPER_ID));
    const revoked = await running.signIn(101);
    await running.call('POST', '/auth/logout', { token: revoked });
    tokens.set('revoked', revoked);
    // Nothing listens on port 1 of this machine: the way to the server fails at once.
    const created = await running.call('POST', '/servers', {
      token: owner,
      body: {
        name: 'matrix',
        host: '127.0.0.1',
        port: 1,
        username: 'root',
        authType: 'password',
        password: 'x',
      },
    });
    serverId = created.json().server.id;
    await running.grant(serverId, '101', 'admin');
    await running.grant(serverId, '102', 'viewer');
    const restart = await running.call('POST', `/servers/${serverId}/openclaw/restart`, { token: owner });
    taskId = restart.json().task.id;
  });

  afterAll(() => running.close());

  test('the reviewed rows are exactly the endpoints of the contract', () => {
    expect(Object.keys(least).sort()).toEqual(Object.keys(contract).sort());
  });

  // The last one is what would end the others' ground: a server that is deleted, a session that is signed out.
  const destructive: EndpointKey[] = ['DELETE /servers/:id', 'POST /auth/logout'];
  const keys = (Object.keys(contract) as EndpointKey[]).filter((key) => !destructive.includes(key));

  const send = async (key: EndpointKey, caller: CallerKind) => {
    const [method = '', template = ''] = key.split(' ');
    const id = template.startsWith('/tasks') ? taskId : template.startsWith('/me/') ? 'ses_none' : serverId;
    const query = key === 'GET /tasks/active-server' ? `?serverId=${serverId}` : '';
    // A body that breaks every schema: who is let in gets 400 and no effect, who is not gets the door's answer before that.
    const hasBody = 'body' in contract[key];
    const response = await running.call(method as 'GET', template.replace(':id', id) + query, {
      token: tokens.get(caller) ?? null,
      ...(hasBody ? { body: { nonsense: true } } : {}),
    });
    return { status: response.statusCode, code: response.json<{ code?: string } | undefined>()?.code };
  };

  describe.each(keys)('%s', (key) => {
    test.each(callers)('%s', async (caller) => {
      const want = expected(key, caller);
      if ('events' in contract[key] && want === 'in') return expectStream(key, caller);
      const { status, code } = await send(key, caller);
      if (want !== 'in') return expect(status).toBe(want);
      // "in": the feature answers. Only what it says of things that are not there may look like the door's 404 and 401.
      expect(status).not.toBe(403);
      if (status === 404) expect(key).toBe('DELETE /me/sessions/:id');
      if (status === 401) expect([key, code]).toEqual(['POST /auth/refresh', 'unauthenticated']);
      if ('body' in contract[key]) expect(status).toBe(400);
    });
  });

  /** A stream that is let in does not end by itself: its head is enough. */
  const expectStream = async (key: EndpointKey, caller: CallerKind): Promise<void> => {
    await running.call('POST', `/tasks/${taskId}/cancel`, { token: tokens.get('super') ?? null });
    const { statusCode, headers } = await running.call(
      'GET',
      key.split(' ')[1]?.replace(':id', taskId) ?? '',
      {
        token: tokens.get(caller) ?? null,
      },
    );
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toContain('text/event-stream');
  };

  test('403 when anyone below the owner deletes the server, 404 to strangers, and it stays', async () => {
    for (const caller of ['anonymous', 'revoked', 'stranger', 'viewer', 'admin'] as const) {
      const { statusCode } = await running.call('DELETE', `/servers/${serverId}`, {
        token: tokens.get(caller) ?? null,
      });
      expect(statusCode).toBe(expected('DELETE /servers/:id', caller));
    }
    const { statusCode } = await running.call('GET', `/servers/${serverId}`, {
      token: tokens.get('viewer') ?? null,
    });
    expect(statusCode).toBe(200);
  });

  test('204 when the owner deletes it, and it is gone for everybody', async () => {
    const { statusCode } = await running.call('DELETE', `/servers/${serverId}`, {
      token: tokens.get('owner') ?? null,
    });
    expect(statusCode).toBe(204);
    for (const caller of ['viewer', 'admin', 'owner', 'super'] as const) {
      const gone = await running.call('GET', `/servers/${serverId}`, { token: tokens.get(caller) ?? null });
      expect(gone.statusCode).toBe(404);
    }
  });

  test('401 on every later call of who logged out', async () => {
    const token = tokens.get('stranger') ?? null;
    expect((await running.call('POST', '/auth/logout', { token })).statusCode).toBe(204);
    expect((await running.call('GET', '/me', { token })).statusCode).toBe(401);
  });
});
