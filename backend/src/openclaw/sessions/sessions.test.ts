// Sessions over a scripted gateway on loopback and a scripted host.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { systemClock } from '../../lib/clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { createGateways } from '../gateway/create-gateways.ts';
import type { Gateways } from '../gateway/gateways.ts';
import {
  type ScriptedAnswer,
  type ScriptedGateway,
  startScriptedGateway,
} from '../gateway/testing/scripted-gateway.ts';
import { createCli } from '../host/cli.ts';
import { createInstallations } from '../host/create-installations.ts';
import { createReader } from '../reads/reader.ts';
import { createCalledGateways } from '../testing/called-gateways.ts';
import { createLoopbackSsh } from '../testing/loopback-ssh.ts';
import { openPort } from '../testing/open-port.ts';
import { configOn, inspectionOf } from '../testing/running-host.ts';
import { createSessionChanges } from './change-sessions.ts';
import { createSessions, type Sessions } from './sessions.ts';

let gateway: ScriptedGateway;
let gateways: Gateways;
let sessions: Sessions;
/** Method and parameters of each call, in order. */
let calls: Array<[string, Record<string, unknown>]>;
let onHost: object[];

const key = 'agent:main:lab1';
const options = { signal: new AbortController().signal };
const everything = { archived: false, limit: 50 };

beforeEach(async () => {
  gateway = await startScriptedGateway();
  gateway.pages['/healthz'] = { status: 200, body: JSON.stringify({ ok: true, status: 'live' }) };
  calls = [];
  onHost = [];
  const ssh = createLoopbackSsh();
  ssh.onScript = (args) => {
    if (args[0] !== 'all' && args[0] !== 'service') return JSON.stringify({ sessions: onHost });
    return inspectionOf(configOn(gateway.port));
  };
  const { logger } = createRecordingLogger();
  const installations = createInstallations({ ssh, clock: systemClock, logger });
  gateways = createGateways({
    ownerOf: async () => 'ada',
    portGuard: openPort,
    ssh,
    installations,
    clock: systemClock,
    logger,
  });
  const snapshots = { put: async () => {}, find: async () => null };
  const cli = createCli({ ssh, installations, clock: systemClock });
  const reader = createReader({ gateways, ssh, cli, snapshots, clock: systemClock, logger });
  sessions = createSessions({ reader, gateways });
  answer('sessions.describe', () => ({ payload: { session: { key, sessionId: 'sid-1' } } }));
});

afterEach(async () => {
  await gateways.close();
  await gateway.stop();
});

function answer(method: string, how: (params: Record<string, unknown>) => ScriptedAnswer): void {
  gateway.methods[method] = (params) => {
    calls.push([method, params as Record<string, unknown>]);
    return how(params as Record<string, unknown>);
  };
}

const refusal = (message: string, details?: Record<string, unknown>): ScriptedAnswer => ({
  error: { code: 'INVALID_REQUEST', message, details },
});
const isMissing = () => answer('sessions.describe', () => ({ payload: { session: null } }));

describe('session list', () => {
  test('is requested by page, agent and search text, and returns the next cursor', async () => {
    answer('sessions.list', () => ({
      payload: { sessions: [{ key }], hasMore: true, nextOffset: 3 },
    }));
    const page = await sessions.list(
      's1',
      { agentId: 'main', q: 'lab', archived: true, limit: 1, cursor: '2' },
      options,
    );
    expect(calls).toEqual([
      ['sessions.list', { limit: 1, offset: 2, agentId: 'main', search: 'lab', archived: true }],
    ]);
    expect(page).toMatchObject({ sessions: [{ key }], nextCursor: '3', source: 'gateway' });
  });

  test('comes from the host when the gateway is down, filtered and paged the same', async () => {
    await gateway.stop();
    onHost = [
      { key: 'agent:main:old', updatedAt: 1 },
      { key: 'agent:main:new', updatedAt: 3, label: 'A plan' },
      { key: 'agent:sales:main', updatedAt: 2 },
    ];
    const keys = async (query: object) => {
      const {
        sessions: found,
        nextCursor,
        source,
      } = await sessions.list('s1', { ...everything, ...query }, options);
      expect(source).toBe('cli');
      return [...found.map((one) => one.key), nextCursor];
    };
    expect(await keys({})).toEqual(['agent:main:new', 'agent:sales:main', 'agent:main:old', null]);
    expect(await keys({ limit: 2 })).toEqual(['agent:main:new', 'agent:sales:main', '2']);
    expect(await keys({ limit: 2, cursor: '2' })).toEqual(['agent:main:old', null]);
    expect(await keys({ agentId: 'sales' })).toEqual(['agent:sales:main', null]);
    expect(await keys({ q: 'a PLAN' })).toEqual(['agent:main:new', null]);
    expect((await sessions.find('s1', 'agent:sales:main', options)).session.agentId).toBe('sales');
  });

  test.each(['x', '-1', '1.5', '9999999999'])('returns 400 for the cursor %s', async (cursor) => {
    const work = async () => sessions.list('s1', { ...everything, cursor }, options);
    await expect(work()).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('session history', () => {
  /** Answers pages over `total` messages, numbered from the oldest, as the gateway does. */
  const history = (total: () => number) =>
    answer('chat.history', ({ limit, offset }) => {
      const all = Array.from({ length: total() }, (_, index) => ({
        role: 'user',
        content: String(index + 1),
        __openclaw: { seq: index + 1 },
      }));
      const end = all.length - Number(offset);
      const start = Math.max(0, end - Number(limit));
      return {
        payload: {
          sessionId: 'sid-1',
          messages: all.slice(start, Math.max(0, end)),
          hasMore: start > 0,
          ...(start > 0 ? { nextOffset: all.length - start } : {}),
        },
      };
    });
  const texts = (page: { messages: Array<{ text: string }> }) => page.messages.map(({ text }) => text);

  test('comes newest first, each message once, though messages arrive between two pages', async () => {
    let total = 5;
    history(() => total);
    const first = await sessions.messages('s1', key, { limit: 2 }, options);
    expect(texts(first)).toEqual(['4', '5']);
    total = 8;
    const second = await sessions.messages('s1', key, { limit: 2, cursor: first.nextCursor ?? '' }, options);
    expect(texts(second)).toEqual(['2', '3']);
    const third = await sessions.messages('s1', key, { limit: 2, cursor: second.nextCursor ?? '' }, options);
    expect(texts(third)).toEqual(['1']);
    expect(third.nextCursor).toBeNull();
  });

  test('ends when the session was reset between two pages', async () => {
    let total = 5;
    history(() => total);
    const { nextCursor } = await sessions.messages('s1', key, { limit: 2 }, options);
    total = 1;
    const next = await sessions.messages('s1', key, { limit: 2, cursor: nextCursor ?? '' }, options);
    expect([texts(next), next.nextCursor]).toEqual([[], null]);
  });

  test('returns 404 for an unknown session, which OpenClaw answers with an empty list', async () => {
    answer('chat.history', () => ({ payload: { sessionKey: key, messages: [] } }));
    const work = sessions.messages('s1', key, { limit: 2 }, options);
    await expect(work).rejects.toMatchObject({ code: 'not_found' });
  });

  test('returns 400 for a cursor of another list', async () => {
    const work = async () => sessions.messages('s1', key, { limit: 2, cursor: '7' }, options);
    await expect(work()).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('changes', () => {
  test('a message is sent with a key of its own each time', async () => {
    answer('chat.send', ({ idempotencyKey }) => ({ payload: { runId: idempotencyKey, status: 'started' } }));
    const one = await sessions.send('s1', key, 'hi', options);
    const other = await sessions.send('s1', key, 'hi', options);
    expect(one).toMatchObject({ sessionKey: key, status: 'started' });
    expect(other.id).not.toBe(one.id);
    answer('chat.send', () => ({ payload: { runId: 'r1', status: 'in_flight' } }));
    expect((await sessions.send('s1', key, 'hi', options)).status).toBe('queued');
    answer('chat.send', () => refusal('Agent "nobody" no longer exists in configuration'));
    await expect(sessions.send('s1', key, 'hi', options)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a timed-out message is reported as possibly delivered, without advice to send it again', async () => {
    const late = createCalledGateways();
    late.methods['chat.send'] = () => {
      throw new AppError('deadline', 'OpenClaw did not answer in time.', { hint: 'Try again.' });
    };
    const work = createSessionChanges({ gateways: late }).send('s1', key, 'hi', options);
    await expect(work).rejects.toMatchObject({
      code: 'deadline',
      hint: expect.stringMatching(/may have arrived/),
    });
  });

  test.each([
    ['abort', () => sessions.abort('s1', key, undefined, options)],
    ['reset', () => sessions.reset('s1', key, options)],
    ['compact', () => sessions.compact('s1', key, options)],
    ['change', () => sessions.change('s1', key, { label: 'x' }, options)],
    ['remove', () => sessions.remove('s1', key, options)],
  ])('%s never creates an unknown session', async (_name, work) => {
    isMissing();
    await expect(work()).rejects.toMatchObject({ code: 'not_found' });
    expect(calls.map(([method]) => method)).toEqual(['sessions.describe']);
  });

  test('archiving names the session that was seen, where OpenClaw knows how', async () => {
    answer('sessions.patch', () => ({ payload: { ok: true } }));
    await sessions.change('s1', key, { archived: true }, options);
    expect(calls).toContainEqual(['sessions.patch', { key, archived: true, expectedSessionId: 'sid-1' }]);
    calls = [];
    answer('sessions.patch', ({ expectedSessionId }) =>
      expectedSessionId === undefined
        ? { payload: { ok: true } }
        : refusal("invalid sessions.patch params: at root: unexpected property 'expectedSessionId'"),
    );
    await sessions.change('s1', key, { archived: true }, options);
    expect(calls.filter(([method]) => method === 'sessions.patch').at(-1)).toEqual([
      'sessions.patch',
      { key, archived: true },
    ]);
  });

  test('null removes a label, and thinking is sent under the name that OpenClaw uses', async () => {
    answer('sessions.patch', () => ({ payload: { ok: true } }));
    await sessions.change('s1', key, { label: null, thinking: 'off' }, options);
    expect(calls).toContainEqual(['sessions.patch', { key, label: null, thinkingLevel: 'off' }]);
  });

  test('deleting returns 409 for a main session and 404 for one removed in the meantime', async () => {
    answer('sessions.delete', () => refusal('Cannot delete the main session (agent:main:main).'));
    await expect(sessions.remove('s1', key, options)).rejects.toMatchObject({ code: 'conflict' });
    answer('sessions.delete', () => ({ payload: { ok: true, deleted: false, archived: [] } }));
    await expect(sessions.remove('s1', key, options)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('deleting waits for a turn that is writing, and returns 409 when it does not end', async () => {
    const changed = () => refusal('Session changed.', { reason: 'session-changed' });
    let refusals = 2;
    answer('sessions.delete', () =>
      refusals-- > 0 ? changed() : { payload: { ok: true, deleted: true, archived: [] } },
    );
    await sessions.remove('s1', key, options);
    answer('sessions.delete', changed);
    await expect(sessions.remove('s1', key, options)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('returns 409 when OpenClaw times out waiting for the end of a run', async () => {
    answer('sessions.delete', () => ({
      error: { code: 'UNAVAILABLE', message: `Session ${key} is still active; try again in a moment.` },
    }));
    await expect(sessions.remove('s1', key, options)).rejects.toMatchObject({ code: 'conflict' });
    answer('sessions.patch', () => refusal('Cannot archive a session with an active run.'));
    const work = sessions.change('s1', key, { archived: true }, options);
    await expect(work).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a run that was not started by a chat is aborted too', async () => {
    answer('chat.abort', () => ({ payload: { ok: true, aborted: false, runIds: [] } }));
    answer('sessions.abort', () => ({ payload: { ok: true, abortedRunId: 'cron-1' } }));
    expect(await sessions.abort('s1', key, undefined, options)).toEqual({
      aborted: true,
      runIds: ['cron-1'],
    });
    answer('sessions.abort', () => ({ payload: { ok: true, abortedRunId: null, status: 'no-active-run' } }));
    expect(await sessions.abort('s1', key, 'r1', options)).toEqual({ aborted: false, runIds: [] });
  });

  test('a compaction without a result says why', async () => {
    answer('sessions.compact', () => ({
      payload: { ok: false, compacted: false, reason: 'Already compacted' },
    }));
    expect((await sessions.compact('s1', key, options)).compaction).toEqual({
      compacted: false,
      reason: 'Already compacted',
      tokensBefore: null,
    });
    answer('sessions.compact', () => ({
      payload: { ok: true, compacted: true, result: { tokensBefore: 13_037 } },
    }));
    expect((await sessions.compact('s1', key, options)).compaction).toMatchObject({ tokensBefore: 13_037 });
  });
});
