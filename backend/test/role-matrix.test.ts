// Every endpoint × every kind of caller, and what the audit log says of each cell. The rows come from the contract, so a new endpoint
// without a reviewed row fails here.
import { contract, type Endpoint, type EndpointKey } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditLogOf } from './support/audit-log.ts';
import {
  type CallerKind,
  callers,
  type MatrixFixture,
  prepareMatrixFixture,
} from './support/role-matrix-fixture.ts';

/** `in person`: any signed-in user, but not by an API token. */
type MinimumRole = 'public' | 'user' | 'in person' | 'viewer' | 'admin' | 'owner' | 'super';

/** The lowest role that may call each endpoint, as the pages of the contract say. Reviewed by hand; never generated. */
const minimumRoles: Record<EndpointKey, MinimumRole> = {
  'GET /health': 'public',
  'GET /openapi.json': 'public',

  'GET /auth/ways': 'public',
  'POST /auth/telegram': 'public',
  'POST /auth/link': 'public',
  'POST /auth/telegram-login': 'public',
  'POST /auth/telegram-login/finish': 'public',
  'POST /auth/passkey/options': 'public',
  'POST /auth/passkey/verify': 'public',
  'POST /auth/invite/show': 'public',
  'POST /auth/invite': 'public',
  'POST /auth/oidc': 'public',
  'POST /auth/oidc/finish': 'public',
  'POST /auth/device': 'public',
  'POST /auth/device/token': 'public',
  'GET /auth/device': 'in person',
  'POST /auth/device/approve': 'in person',
  'POST /auth/refresh': 'public',
  'POST /auth/logout': 'in person',

  'GET /me': 'user',
  'PUT /me': 'in person',
  'GET /me/sign-in-link': 'user',
  'POST /me/sign-in-link': 'in person',
  'DELETE /me/sign-in-link': 'in person',
  'GET /me/sessions': 'user',
  'DELETE /me/sessions/:id': 'in person',
  'GET /me/tokens': 'user',
  'POST /me/tokens': 'in person',
  'DELETE /me/tokens/:id': 'in person',
  'GET /me/passkeys': 'user',
  'POST /me/passkeys/options': 'in person',
  'POST /me/passkeys': 'in person',
  'PUT /me/passkeys/:id': 'in person',
  'DELETE /me/passkeys/:id': 'in person',
  'GET /me/notification-prefs': 'user',
  'PUT /me/notification-prefs': 'user',

  'GET /servers': 'user',
  'GET /servers/events': 'user',
  'POST /servers': 'user',
  'POST /servers/host-key': 'user',
  'GET /servers/:id': 'viewer',
  'PUT /servers/:id': 'admin',
  'DELETE /servers/:id': 'owner',
  'POST /servers/:id/clone': 'admin',
  'POST /servers/:id/test': 'admin',
  'POST /servers/:id/host-key/accept': 'owner',
  'POST /servers/:id/exec': 'admin',
  'POST /servers/:id/exec/stream': 'admin',
  'POST /servers/:id/terminal/ticket': 'admin',
  'GET /servers/:id/terminal': 'admin',

  'GET /servers/:id/access': 'admin',
  'POST /servers/:id/access': 'owner',
  'PUT /servers/:id/access/:userId': 'owner',
  // Of another person; one's own role may be given up by every member.
  'DELETE /servers/:id/access/:userId': 'owner',
  'GET /servers/:id/invites': 'owner',
  'POST /servers/:id/invites': 'owner',
  'DELETE /servers/:id/invites/:inviteId': 'owner',
  'POST /invites/accept': 'user',
  'POST /servers/:id/transfer': 'owner',

  'GET /servers/:id/openclaw/status': 'viewer',
  'GET /servers/:id/openclaw/agents': 'viewer',
  'POST /servers/:id/openclaw/agents': 'admin',
  'GET /servers/:id/openclaw/agents/:agentId': 'viewer',
  'PUT /servers/:id/openclaw/agents/:agentId': 'admin',
  'DELETE /servers/:id/openclaw/agents/:agentId': 'admin',
  'GET /servers/:id/openclaw/agents/:agentId/files': 'viewer',
  'GET /servers/:id/openclaw/agents/:agentId/files/:name': 'viewer',
  'PUT /servers/:id/openclaw/agents/:agentId/files/:name': 'admin',
  'GET /servers/:id/openclaw/agents/:agentId/skills': 'viewer',
  'PUT /servers/:id/openclaw/agents/:agentId/skills': 'admin',
  'GET /servers/:id/openclaw/agents/:agentId/bindings': 'viewer',
  'PUT /servers/:id/openclaw/agents/:agentId/bindings': 'admin',
  'GET /servers/:id/openclaw/agents/:agentId/keys': 'viewer',
  'GET /servers/:id/openclaw/agents/:agentId/keys/:provider': 'viewer',
  'PUT /servers/:id/openclaw/agents/:agentId/keys/:provider': 'admin',
  'DELETE /servers/:id/openclaw/agents/:agentId/keys/:provider': 'admin',
  'POST /servers/:id/openclaw/agents/:agentId/keys/:provider/test': 'admin',
  'POST /servers/:id/openclaw/start': 'admin',
  'POST /servers/:id/openclaw/stop': 'admin',
  'POST /servers/:id/openclaw/restart': 'admin',
  'GET /servers/:id/openclaw/config': 'viewer',
  'GET /servers/:id/openclaw/config/schema': 'viewer',
  'POST /servers/:id/openclaw/config/preview': 'admin',
  'PUT /servers/:id/openclaw/config': 'admin',
  'GET /servers/:id/openclaw/config/history': 'viewer',
  'GET /servers/:id/openclaw/config/history/:rev/diff': 'viewer',
  'POST /servers/:id/openclaw/config/rollback': 'admin',
  'GET /servers/:id/openclaw/models': 'viewer',
  'PUT /servers/:id/openclaw/models/default': 'admin',
  'GET /servers/:id/openclaw/cron': 'viewer',
  'POST /servers/:id/openclaw/cron': 'admin',
  'PUT /servers/:id/openclaw/cron/:jobId': 'admin',
  'DELETE /servers/:id/openclaw/cron/:jobId': 'admin',
  'POST /servers/:id/openclaw/cron/:jobId/run': 'admin',
  'GET /servers/:id/openclaw/cron/:jobId/runs': 'viewer',
  'GET /servers/:id/openclaw/logs': 'viewer',
  'GET /servers/:id/openclaw/logs/stream': 'viewer',
  'GET /servers/:id/openclaw/usage': 'viewer',
  'GET /servers/:id/openclaw/security-audit': 'viewer',
  'GET /servers/:id/openclaw/dashboard-url': 'admin',
  'POST /me/control-ui': 'in person',
  'POST /servers/:id/openclaw/model-check': 'admin',
  'GET /servers/:id/openclaw/sessions': 'viewer',
  'GET /servers/:id/openclaw/sessions/:key': 'viewer',
  'GET /servers/:id/openclaw/sessions/:key/messages': 'viewer',
  'POST /servers/:id/openclaw/sessions/:key/messages': 'admin',
  'POST /servers/:id/openclaw/sessions/:key/abort': 'admin',
  'POST /servers/:id/openclaw/sessions/:key/reset': 'admin',
  'POST /servers/:id/openclaw/sessions/:key/compact': 'admin',
  'PUT /servers/:id/openclaw/sessions/:key': 'admin',
  'DELETE /servers/:id/openclaw/sessions/:key': 'admin',
  'GET /servers/:id/openclaw/events': 'viewer',

  'GET /servers/:id/openclaw/skills': 'viewer',
  'GET /servers/:id/openclaw/skills/search': 'viewer',
  'POST /servers/:id/openclaw/skills/install': 'admin',
  'POST /servers/:id/openclaw/skills/upload': 'admin',
  'PUT /servers/:id/openclaw/skills/:name': 'admin',
  'DELETE /servers/:id/openclaw/skills/:name': 'admin',

  'GET /servers/:id/openclaw/channels': 'viewer',
  'POST /servers/:id/openclaw/channels/:channelId/start': 'admin',
  'POST /servers/:id/openclaw/channels/:channelId/stop': 'admin',
  'GET /servers/:id/openclaw/pairing': 'admin',
  'POST /servers/:id/openclaw/pairing/:requestId/approve': 'admin',
  'POST /servers/:id/openclaw/pairing/:requestId/reject': 'admin',
  'GET /servers/:id/openclaw/approvals': 'admin',
  'POST /servers/:id/openclaw/approvals/:approvalId/resolve': 'admin',
  'GET /servers/:id/openclaw/exec-policy': 'viewer',
  'PUT /servers/:id/openclaw/exec-policy': 'admin',

  'GET /inbox': 'user',

  'GET /tasks': 'user',
  'GET /tasks/active': 'user',
  'GET /tasks/active-server': 'user',
  'GET /tasks/:id': 'viewer',
  'GET /tasks/:id/events': 'viewer',
  'GET /tasks/:id/output': 'viewer',
  'POST /tasks/:id/cancel': 'admin',
  'POST /tasks/:id/retry': 'admin',

  'GET /alerts': 'user',
  'POST /alerts/:id/ack': 'admin',
  'POST /alerts/:id/snooze': 'admin',
  'POST /alerts/:id/read': 'viewer',
  'POST /servers/:id/check': 'admin',

  'GET /admin/health/detailed': 'super',
  'GET /admin/backups': 'super',
  'POST /admin/backups/run': 'super',
  'GET /admin/backups/download/:filename': 'super',
  'GET /admin/audit': 'super',
  'GET /admin/audit/export': 'super',
  'GET /admin/users': 'super',
  'POST /admin/users': 'super',
  'POST /admin/users/:id/sign-in-link': 'super',
  'PUT /admin/users/:id': 'super',
  'POST /admin/users/:id/approve': 'super',
  'POST /admin/users/:id/refuse': 'super',
  'POST /admin/users/:id/disable': 'super',
  'POST /admin/users/:id/enable': 'super',
  'POST /admin/vault/rotate': 'super',
  'GET /metrics': 'super',
};

/** The answer of the feature to an authorized caller, where it is neither the endpoint's success nor 400 for an invalid body. */
const insideAnswers: Partial<Record<EndpointKey, readonly number[]>> = {
  // Not set up on this Buoy.
  'POST /auth/telegram-login': [401],
  'POST /auth/oidc': [401],
  // No cookie.
  // Does not exist, so that nothing is ended.
  'DELETE /me/sessions/:id': [404],
  'DELETE /me/tokens/:id': [404],
  'DELETE /me/passkeys/:id': [404],
  'DELETE /servers/:id/access/:userId': [404],
  'DELETE /servers/:id/invites/:inviteId': [404],
  // No such person exists, so that nobody is disabled.
  'POST /admin/users/:id/sign-in-link': [404],
  'POST /admin/users/:id/approve': [404],
  'POST /admin/users/:id/refuse': [404],
  'POST /admin/users/:id/disable': [404],
  'POST /admin/users/:id/enable': [404],
  // Buoy's own records, also of a server that cannot be reached; the path has no valid revision number.
  'GET /servers/:id/openclaw/config/history': [200],
  'GET /servers/:id/openclaw/config/history/:rev/diff': [400],
  // One at a time.
  'POST /servers/:id/openclaw/start': [202, 409],
  'POST /servers/:id/openclaw/stop': [202, 409],
  'POST /servers/:id/openclaw/restart': [202, 409],
  // The stream says it in its first event.
  'GET /servers/:id/openclaw/events': [200],
  'POST /tasks/:id/retry': [202, 409],
  // No file.
  'POST /servers/:id/openclaw/skills/upload': [400],
  // No search text.
  'GET /servers/:id/openclaw/skills/search': [400],
  // It says that the server cannot be reached, and ends.
  'GET /servers/:id/openclaw/logs/stream': [200],
  // It has ended.
  'POST /tasks/:id/cancel': [409],
  // Called as a plain request.
  'GET /servers/:id/terminal': [426],
};

/** The matrix's server cannot be reached: this is the answer to anyone authorized to use its OpenClaw. */
const isOnManagedServer = (key: EndpointKey) => key.includes('/servers/:id/openclaw/');

function answersInside(key: EndpointKey): readonly number[] {
  const endpoint: Endpoint = contract[key];
  if (insideAnswers[key] !== undefined) return insideAnswers[key];
  if (endpoint.body !== undefined) return [400];
  return [isOnManagedServer(key) ? 503 : endpoint.status];
}

/** The expected authorization result: a status that ends the call, or "in", whatever the feature then answers. */
function expected(key: EndpointKey, caller: CallerKind): 401 | 403 | 404 | 'in' {
  const needed = minimumRoles[key];
  if (needed === 'public') return 'in';
  if (caller === 'anonymous' || caller === 'revoked session') return 401;
  if (caller === 'read token')
    return (needed === 'viewer' || needed === 'user') && key.startsWith('GET ') ? 'in' : 403;
  if (needed === 'user' || needed === 'in person' || caller === 'super-admin') return 'in';
  if (needed === 'super') return 403;
  if (caller === 'stranger') return 404;
  const rank = { viewer: 1, admin: 2, owner: 3 };
  return rank[caller] >= rank[needed] ? 'in' : 403;
}

const keys = Object.keys(contract) as EndpointKey[];
const methodOf = (key: EndpointKey) => key.slice(0, key.indexOf(' ')) as 'GET' | 'POST' | 'PUT' | 'DELETE';

type Cell = { key: EndpointKey; caller: CallerKind; requestId: string; status: number };

let fixture: MatrixFixture;
/** Every call that was sent, to compare with the audit log. */
const sent: Cell[] = [];

const send = async (key: EndpointKey, caller: CallerKind, method: string = methodOf(key)): Promise<Cell> => {
  const endpoint: Endpoint = contract[key];
  const requestId = `matrix-${sent.length}`;
  const token = key === 'POST /auth/logout' ? await fixture.freshTokenOf(caller) : fixture.tokenOf(caller);
  const { statusCode: status } = await fixture.running.call(method as 'GET', fixture.urlOf(key), {
    token,
    headers: { 'x-request-id': requestId },
    // An invalid body: an authorized caller gets 400 and no effect; anyone else gets the authorization error first.
    ...(endpoint.body === undefined ? {} : { body: { nonsense: true } }),
  });
  const cell = { key, caller, requestId, status };
  sent.push(cell);
  return cell;
};

beforeAll(async () => {
  fixture = await prepareMatrixFixture();
});
afterAll(() => fixture.running.close());

test('the reviewed rows match the endpoints of the contract', () => {
  expect(Object.keys(minimumRoles).sort()).toEqual(keys.toSorted());
});

describe.each(keys)('%s', (key) => {
  test.each(callers)('%s', async (caller) => {
    const { status } = await send(key, caller);
    const door = expected(key, caller);
    if (door !== 'in') return expect(status).toBe(door);
    expect(answersInside(key)).toContain(status);
  });
});

test.each(keys.filter((key) => methodOf(key) === 'GET'))(
  'HEAD has the same authorization as %s',
  async (key) => {
    const endpoint: Endpoint = contract[key];
    for (const caller of callers) {
      const door = expected(key, caller);
      if (door !== 'in') expect((await send(key, caller, 'HEAD')).status, caller).toBe(door);
      // Would open a file or a stream for nothing.
      else if (endpoint.response !== undefined)
        expect(answersInside(key), caller).toContain((await send(key, caller, 'HEAD')).status);
    }
  },
);

describe('audit log of the role matrix', () => {
  type Entry = Awaited<ReturnType<typeof auditLogOf>>[number];
  const log = () => auditLogOf(fixture.running, fixture.tokenOf('super-admin') ?? '');
  const entriesOf = async (): Promise<Map<string | null, Entry[]>> =>
    Map.groupBy(await log(), (entry) => entry.requestId);
  const nameOf = ({ key, caller, status }: Cell) => `${key} by ${caller}: ${status}`;
  /** 401 of a public endpoint is a failed sign-in: authorized, and logged as denied. */
  const wasDenied = ({ key, caller, status }: Cell) => expected(key, caller) !== 'in' || status === 401;
  /** Repetitions by the same person or from the same address share one entry with a count. */
  const tally = (said: ReadonlyArray<readonly [what: string, times: number]>) => {
    const sums = new Map<string, number>();
    for (const [what, times] of said) sums.set(what, times + (sums.get(what) ?? 0));
    return Object.fromEntries([...sums].sort());
  };
  const tallyOfLog = async (results: readonly string[]) =>
    tally(
      (await log())
        .filter(({ result, requestId, details }) => {
          const isOurs = requestId?.startsWith('matrix-') === true || 'count' in details;
          return isOurs && results.includes(result);
        })
        .map(({ action, userId, ip, result, details }) => [
          `${action} by ${userId} from ${ip}: ${result}`,
          Number(details.count ?? 1),
        ]),
    );
  const tallyOf = (cells: readonly Cell[], resultOf: (cell: Cell) => string) =>
    tally(
      cells.map((cell) => {
        const userId = minimumRoles[cell.key] === 'public' ? null : fixture.userIdOf(cell.caller);
        return [`${cell.key} by ${userId} from 127.0.0.1: ${resultOf(cell)}`, 1];
      }),
    );

  test('counts each denied call: which endpoint, by whom, from where', async () => {
    const denied = sent.filter(wasDenied);
    expect(denied.length).toBeGreaterThan(100);
    expect(await tallyOfLog(['denied'])).toEqual(tallyOf(denied, () => 'denied'));
  });

  test('holds its own entry, with its request id, for the first denied call of each kind', async () => {
    const entries = await entriesOf();
    const first = new Map<string, Cell>();
    for (const cell of sent.filter(wasDenied)) {
      const userId = minimumRoles[cell.key] === 'public' ? null : fixture.userIdOf(cell.caller);
      const kind = `${cell.key} by ${userId}`;
      if (!first.has(kind)) first.set(kind, cell);
    }
    expect(first.size).toBeGreaterThan(100);
    const said = [...first.values()].map((cell) => [
      nameOf(cell),
      entries.get(cell.requestId)?.map(({ action, result }) => [action, result]),
    ]);
    expect(said).toEqual([...first.values()].map((cell) => [nameOf(cell), [[cell.key, 'denied']]]));
  });

  test('holds one entry with the result of each authorized change, and the number of refused sign-ins', async () => {
    const entries = await entriesOf();
    const changes = sent.filter((cell) => methodOf(cell.key) !== 'GET' && !wasDenied(cell));
    expect(changes.length).toBeGreaterThan(50);
    const resultOf = (cell: Cell) => (cell.status < 400 ? 'ok' : 'failed');
    const byPeople = changes.filter(({ key }) => minimumRoles[key] !== 'public');
    const said = byPeople.map((cell) => [
      nameOf(cell),
      entries.get(cell.requestId)?.map(({ action, result }) => ({ action, result })),
    ]);
    expect(said).toEqual(
      byPeople.map((cell) => [nameOf(cell), [{ action: cell.key, result: resultOf(cell) }]]),
    );
    const byAnybody = changes.filter(({ key }) => minimumRoles[key] === 'public');
    expect(await tallyOfLog(['ok', 'failed'])).toMatchObject(tallyOf(byAnybody, resultOf));
  });

  test('names the author of each authorized change', async () => {
    const entries = await entriesOf();
    const changes = sent.filter(
      (cell) => methodOf(cell.key) !== 'GET' && !wasDenied(cell) && minimumRoles[cell.key] !== 'public',
    );
    const said = changes.map((cell) => [
      nameOf(cell),
      entries.get(cell.requestId)?.map(({ userId }) => userId),
    ]);
    expect(said).toEqual(changes.map((cell) => [nameOf(cell), [fixture.userIdOf(cell.caller)]]));
  });

  test('holds no entry of reads except the download of a backup, which is logged before it begins', async () => {
    const entries = await entriesOf();
    const reads = sent.filter((cell) => methodOf(cell.key) === 'GET' && !wasDenied(cell));
    expect(reads.length).toBeGreaterThan(50);
    const written = reads
      .map((cell) => [nameOf(cell), (entries.get(cell.requestId) ?? []).map(({ result }) => result)])
      .filter(([, results]) => results!.length > 0);
    expect(written).toEqual([['GET /admin/backups/download/:filename by super-admin: 200', ['started']]]);
  });
});

describe('after all calls of the matrix', () => {
  test('the server of the matrix still exists', async () => {
    const { statusCode } = await fixture.running.call('GET', `/servers/${fixture.serverId}`, {
      token: fixture.tokenOf('viewer'),
    });
    expect(statusCode).toBe(200);
  });

  test('returns 204 when the owner deletes the server, and it is gone for everyone', async () => {
    const token = fixture.tokenOf('owner');
    const deleted = await fixture.running.call('DELETE', `/servers/${fixture.serverId}`, { token });
    expect(deleted.statusCode).toBe(204);
    for (const caller of ['viewer', 'admin', 'owner', 'super-admin', 'read token'] as const) {
      const gone = await fixture.running.call('GET', `/servers/${fixture.serverId}`, {
        token: fixture.tokenOf(caller),
      });
      expect(gone.statusCode, caller).toBe(404);
    }
  });

  test('returns 401 on every later call of a person who logged out', async () => {
    const token = await fixture.freshTokenOf('stranger');
    expect((await fixture.running.call('GET', '/me', { token })).statusCode).toBe(200);
    expect((await fixture.running.call('POST', '/auth/logout', { token })).statusCode).toBe(204);
    expect((await fixture.running.call('GET', '/me', { token })).statusCode).toBe(401);
  });
});
