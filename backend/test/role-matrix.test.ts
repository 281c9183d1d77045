// Every endpoint × every kind of caller, and what the audit log says of each cell. The rows come from the contract, so a new endpoint
// without a reviewed row fails here.
import { contract, type Endpoint, type EndpointKey } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditLogOf } from './support/audit-log.ts';
import { answersInside, minimumRoles } from './support/minimum-roles.ts';
import {
  type CallerKind,
  callers,
  type MatrixFixture,
  prepareMatrixFixture,
} from './support/role-matrix-fixture.ts';

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

/** Changes nothing: when the same person has made the call within the last minute, it is counted with that one. */
const COUNTED: EndpointKey = 'POST /servers/:id/check';

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
      else if (endpoint.response !== undefined) {
        // What a person may spend on costly calls is asked for behind the authorization, and may be spent by now.
        const spent = endpoint.cost === 'expensive' ? [429] : [];
        const { status } = await send(key, caller, 'HEAD');
        expect([...answersInside(key), ...spent], caller).toContain(status);
      }
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
    const byPeople = changes.filter(
      ({ key, requestId }) => minimumRoles[key] !== 'public' && (key !== COUNTED || entries.has(requestId)),
    );
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
      (cell) =>
        methodOf(cell.key) !== 'GET' &&
        !wasDenied(cell) &&
        minimumRoles[cell.key] !== 'public' &&
        (cell.key !== COUNTED || entries.has(cell.requestId)),
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
