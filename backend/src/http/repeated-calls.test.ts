import { OTHER_CALLS } from '@buoy/contract/repetitions';
import { describe, expect, test } from 'vitest';
import type { Audit } from '../audit/audit.ts';
import type { AuditContext } from '../audit/audit-recorder.ts';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { until } from '../lib/testing/until.ts';
import { createRepeatedCalls, type RepeatableCall } from './repeated-calls.ts';

type RecordedEntry = AuditContext & { result: string };

/** The calls, and what was written of them; `firsts` are the entries that calls wrote themselves. */
function prepare() {
  const clock = createFakeClock();
  const written: RecordedEntry[] = [];
  const firsts: RepeatableCall[] = [];
  const state = { isFull: false };
  const audit = {
    recorder: (start: AuditContext) => {
      const end = async (result: string) => {
        if (state.isFull) throw new Error('the disk is full');
        written.push({ ...start, result });
      };
      return { succeed: () => end('ok'), end };
    },
  } as unknown as Pick<Audit, 'recorder'>;
  const { logger } = createRecordingLogger();
  const calls = createRepeatedCalls({ audit, clock, logger });
  return {
    ...{ clock, written, firsts, state, calls },
    async send(changes: Partial<RepeatableCall> = {}, times = 1) {
      const call: RepeatableCall = {
        ...{ action: 'GET /servers', userId: null, apiTokenId: null, serverId: null, target: null },
        ...{ ip: '192.0.2.1', result: 'denied', error: 'unauthenticated', ...changes },
      };
      for (let index = 0; index < times; index += 1)
        await calls.record(call, async () => void firsts.push(call));
    },
  };
}

describe('repeated calls', () => {
  test('write the first at once and the rest of the minute as one entry with a count', async () => {
    const { send, firsts, written, clock } = prepare();
    await send({}, 58);
    expect(firsts).toHaveLength(1);
    expect(written).toEqual([]);
    clock.pass(60_000);
    await until(() => written.length === 1, 'the summary is written');
    expect(written).toMatchObject([
      {
        ...{ action: 'GET /servers', userId: null, ip: '192.0.2.1', result: 'denied', requestId: null },
        details: { count: 57, errors: { unauthenticated: 57 } },
      },
    ]);
    await send();
    expect(firsts).toHaveLength(2);
  });

  test('write nothing after a minute without repetitions', async () => {
    const { send, written, clock, calls } = prepare();
    await send();
    clock.pass(60_000);
    await calls.flush();
    expect(written).toEqual([]);
  });

  test('count calls that may have had an effect where they say the very same, and leave none of the others out', async () => {
    const { send, firsts, written, calls } = prepare();
    const failed = {
      ...{ userId: 'ada', serverId: 'srv_1', target: 'j1' },
      result: 'failed',
      error: 'refused',
    } as const;
    await send({ ...failed, request: 'one' }, 20);
    await send({ ...failed, request: 'two' });
    expect(firsts).toHaveLength(2);
    for (let index = 0; index < 400; index += 1) await send({ ...failed, request: `other ${index}` });
    expect(firsts).toHaveLength(402);
    await calls.flush();
    expect(written).toMatchObject([
      { serverId: 'srv_1', target: 'j1', result: 'failed', details: { count: 19, errors: { refused: 19 } } },
    ]);
  });

  test('count addresses of one IPv6 /64 together', async () => {
    const { send, firsts, written, calls } = prepare();
    await send({ ip: '2001:db8:0:1::1' });
    await send({ ip: '2001:db8:0:1:ffff::2' });
    await send({ ip: '2001:db8:0:2::1' });
    await calls.flush();
    expect(firsts).toHaveLength(2);
    expect(written).toMatchObject([{ ip: '2001:db8:0:1::/64', details: { count: 1 } }]);
  });

  test('count all errors of an unauthenticated caller on a route together, by code', async () => {
    const { send, firsts, written, calls } = prepare();
    await send();
    await send({ error: 'session_revoked' }, 2);
    await send();
    await calls.flush();
    expect(firsts).toHaveLength(1);
    expect(written[0]?.details).toMatchObject({
      count: 3,
      errors: { session_revoked: 2, unauthenticated: 1 },
    });
  });

  test("count a person's successes per target and address, and say which", async () => {
    const { send, firsts, written, calls } = prepare();
    const renewal = { userId: 'ada', result: 'ok' as const, error: null, target: 'ses_1' };
    await send(renewal, 3);
    await send({ ...renewal, target: 'ses_2' });
    await send({ ...renewal, ip: '192.0.2.2' });
    await calls.flush();
    expect(firsts).toHaveLength(3);
    expect(written).toMatchObject([
      { userId: 'ada', target: 'ses_1', ip: '192.0.2.1', result: 'ok', details: { count: 2 } },
    ]);
  });

  test("count a person's calls per error, token and visible server", async () => {
    const { send, firsts } = prepare();
    const ada = { userId: 'ada', error: 'forbidden', serverId: 'srv_1' };
    await send(ada, 3);
    await send({ ...ada, serverId: 'srv_2' });
    await send({ ...ada, apiTokenId: 'tok_1' });
    await send({ ...ada, error: 'not_approved' });
    await send({ ...ada, userId: 'bob' });
    expect(firsts).toHaveLength(5);
  });

  test('count servers that the person cannot see together, without naming them', async () => {
    const { send, firsts, written, calls } = prepare();
    for (let index = 0; index < 50; index += 1)
      await send({ userId: 'ada', error: 'not_found', serverId: `srv_${index}` });
    await calls.flush();
    expect(firsts).toHaveLength(1);
    expect(written).toMatchObject([{ userId: 'ada', serverId: null, details: { count: 49 } }]);
  });

  test('fold very many addresses into one entry with the number of calls', async () => {
    const { send, firsts, written, calls } = prepare();
    for (let index = 0; index < 2_000; index += 1) await send({ ip: `10.0.${index >> 8}.${index & 255}` });
    await calls.flush();
    expect(firsts).toHaveLength(500);
    expect(written).toMatchObject([
      { action: OTHER_CALLS, userId: null, ip: null, details: { count: 1_500 } },
    ]);
  });

  test('list the calls of the folded entry, most frequent first', async () => {
    const { send, written, calls, state } = prepare();
    const ada = { userId: 'ada', error: 'forbidden' };
    for (let index = 0; index < 200; index += 1) await send({ ...ada, action: `GET /${index}` });
    await send({ ...ada, action: 'POST /me/tokens' });
    await send({ ...ada, action: 'DELETE /servers/:id', serverId: 'srv_1' }, 2);
    state.isFull = true;
    await calls.flush();
    state.isFull = false;
    await send({ ...ada, action: 'POST /me/tokens' }, 3);
    await calls.flush();
    expect(written.map(({ action, details }) => [action, details.actions])).toEqual([
      [
        OTHER_CALLS,
        [
          { action: 'POST /me/tokens', count: 4 },
          { action: 'DELETE /servers/:id', count: 2 },
        ],
      ],
    ]);
  });

  test.each([{ userId: 'ada' }, { userId: null }])(
    'deliberate failures do not hide denied calls: %o',
    async (who) => {
      const { send, firsts } = prepare();
      for (let index = 0; index < 1_000; index += 1)
        await send({ ...who, action: `POST /${index}`, result: 'failed', error: 'invalid_request' });
      await send({ ...who, action: 'DELETE /servers/:id', error: 'forbidden' });
      expect(firsts.at(-1)).toMatchObject({ action: 'DELETE /servers/:id', result: 'denied' });
    },
  );

  test('one address cannot use up the entries of others', async () => {
    const { send, firsts } = prepare();
    for (let index = 0; index < 1_000; index += 1) await send({ action: `GET /${index}` });
    expect(firsts).toHaveLength(250);
    await send({ ip: '192.0.2.2' });
    expect(firsts.at(-1)?.ip).toBe('192.0.2.2');
  });

  test('a day of varied calls from very many addresses writes at most a few thousand entries', async () => {
    const { send, firsts, written, clock, calls } = prepare();
    for (let minute = 0; minute < 1_440; minute += 1) {
      for (let index = 0; index < 20; index += 1)
        await send({ ip: `10.${minute >> 8}.${minute & 255}.${index}` });
      clock.pass(60_000);
      await calls.flush();
    }
    expect(firsts.length + written.length).toBeLessThan(11_000);
  });

  test('a failed write keeps the counts for the next minute', async () => {
    const { send, written, state, calls, clock } = prepare();
    await send({}, 3);
    state.isFull = true;
    await calls.flush();
    clock.pass(60_000);
    await calls.flush();
    state.isFull = false;
    await send();
    await calls.close();
    expect(written).toMatchObject([{ details: { count: 3 } }]);
  });

  test('close writes the pending counts', async () => {
    const { send, written, calls } = prepare();
    await send({}, 2);
    await calls.close();
    expect(written).toMatchObject([{ details: { count: 1 } }]);
  });
});
