// Many equal calls with one Idempotency-Key at the same moment, as a client on a bad network sends them: one effect, one answer.
import type { AuditEntry } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../src/db/database.ts';
import { testDatabases } from '../src/db/testing/databases.ts';
import { auditLogOf } from './support/audit-log.ts';
import { sourceOf } from './support/database-source.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const TIMES = 50;
const newServer = {
  name: 'once',
  host: '127.0.0.1',
  port: 1,
  username: 'root',
  authType: 'password',
  password: 'x',
};

describe.each(testDatabases())(
  `${TIMES} equal calls at once over real sockets, on $name`,
  ({ name, open }) => {
    let database: DatabaseHandle | null = null;
    let running: TestBuoy;
    let url: string;
    let token: string;

    beforeAll(async () => {
      if (name === 'postgres') database = await open();
      const source = database === null ? null : await sourceOf(database);
      running = await startTestBuoy(source?.engine === 'postgres' ? { DATABASE_URL: source.url } : {});
      url = await running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
      token = await running.signIn(SUPER_ID);
    });
    afterAll(async () => {
      await running.close();
      await database?.close();
    });

    type Answer = { status: number; body: string };
    const sendAll = (path: string, key: string, body: object | null): Promise<Answer[]> =>
      Promise.all(
        Array.from({ length: TIMES }, async (_, index) => {
          const response = await fetch(`${url}/api${path}`, {
            method: 'POST',
            headers: {
              authorization: `Bearer ${token}`,
              'idempotency-key': key,
              'x-request-id': `${key}-${index}`,
              ...(body === null ? {} : { 'content-type': 'application/json' }),
            },
            body: body === null ? null : JSON.stringify(body),
          });
          return { status: response.status, body: await response.text() };
        }),
      );
    /** "ok" and "ok, repeated", each with its count in the log for calls with this key. */
    const inTheLog = async (key: string, counted: Pick<AuditEntry, 'action' | 'result'>) => {
      const entries = (await auditLogOf(running, token)).filter(
        // Repetitions and refusals of the same minute are counted in one entry without a request id.
        ({ requestId, details, action, result }) =>
          requestId?.startsWith(`${key}-`) ||
          ('count' in details && action === counted.action && result === counted.result),
      );
      return Object.fromEntries(
        [
          ...Map.groupBy(entries, ({ result, details }) =>
            details.repeated === true || (result === 'ok' && 'count' in details)
              ? `${result}, repeated`
              : result,
          ),
        ].map(([said, list]) => [
          said,
          list.reduce((sum, { details }) => sum + Number(details.count ?? 1), 0),
        ]),
      );
    };
    const get = async (path: string) => (await running.call('GET', path, { token })).json();

    test('create one server, get the same answer, and are marked as repeated in the audit log', async () => {
      const answers = await sendAll('/servers', 'create', newServer);
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: TIMES }, () => 201));
      const { servers } = await get('/servers');
      expect(servers.map(({ id }: { id: string }) => id)).toEqual([JSON.parse(answers[0]!.body).server.id]);
      expect(await inTheLog('create', { action: 'POST /servers', result: 'ok' })).toEqual({
        ok: 1,
        'ok, repeated': TIMES - 1,
      });
    });

    test('start one task, and none gets 409', async () => {
      const { servers } = await get('/servers');
      const answers = await sendAll(`/servers/${servers[0].id}/openclaw/restart`, 'restart', null);
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: TIMES }, () => 202));
      const ids = new Set(answers.map(({ body }) => JSON.parse(body).task.id));
      expect((await get('/tasks')).tasks.map(({ id }: { id: string }) => id)).toEqual([...ids]);
      const restarts = { action: 'POST /servers/:id/openclaw/restart', result: 'ok' } as const;
      expect(await inTheLog('restart', restarts)).toEqual({ ok: 1, 'ok, repeated': TIMES - 1 });
    });

    test('are all refused alike', async () => {
      const answers = await sendAll('/servers', 'refused', { ...newServer, jumpServerId: 'srv_none' });
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
      expect(answers[0]).toMatchObject({ status: 400 });
      expect((await get('/servers')).servers).toHaveLength(1);
      expect(await inTheLog('refused', { action: 'POST /servers', result: 'failed' })).toEqual({
        failed: TIMES,
      });
    });
  },
);
