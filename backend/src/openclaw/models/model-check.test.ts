// The model check against a scripted gateway.
import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { createFastForwardClock } from '../../tasks/testing/fast-forward-clock.ts';
import { rpcFailure } from '../gateway/failures.ts';
import { createModelCheck } from './model-check.ts';

type Params = Record<string, unknown>;

/** By method; one that is missing is unknown to this version. */
let methods: Record<string, (params: Params) => unknown>;
let calls: Array<[string, Params]>;
let log: ReturnType<typeof createRecordingLogger>;

const defaults = { defaults: { modelProvider: 'fake', model: 'fake-1' }, sessions: [] };

beforeEach(() => {
  calls = [];
  log = createRecordingLogger();
  methods = { 'sessions.list': () => defaults };
});

function check(provider?: string, signal = new AbortController().signal) {
  const run = createModelCheck({
    gateways: {
      async call(_serverId, method, params, schema) {
        calls.push([method, params]);
        const answer = methods[method];
        if (answer === undefined)
          throw rpcFailure(
            method,
            { code: 'INVALID_REQUEST', message: `unknown method: ${method}` },
            '2026.7.35',
          );
        return schema.parse(await answer(params));
      },
    },
    clock: createFastForwardClock(),
    logger: log.logger,
  });
  return run('s1', { provider }, { signal });
}

describe('model check by models.probe', () => {
  test('an answer has the model and the time', async () => {
    methods['models.probe'] = () => ({
      provider: 'fake',
      status: 'ok',
      latencyMs: 6208.4,
      results: [{ label: 'Configured credential · fake/fake-1', status: 'ok', latencyMs: 6208.4 }],
    });
    expect(await check()).toEqual({
      ok: true,
      status: 'ok',
      provider: 'fake',
      model: 'fake-1',
      latencyMs: 6208,
      detail: 'The model answers.',
    });
    expect(calls.at(-1)).toEqual(['models.probe', { provider: 'fake', timeoutMs: 30_000 }]);
  });

  test.for([
    ['auth', /^The provider refuses the key/],
    ['billing', /billing/],
    ['rate_limit', /overloaded/],
    ['timeout', /did not answer in time/],
    ['format', /does not accept/],
    ['no_model', /^No model is set up/],
  ] as const)('%s has a message of Buoy and that of OpenClaw', async ([status, words]) => {
    methods['models.probe'] = () => ({
      status,
      error: 'In general.',
      results: [
        { label: 'Profile a', status: 'unknown', error: 'Other.' },
        { label: 'Profile openai:manual · openai/gpt-9', status, error: 'The reason.' },
      ],
    });
    const answer = await check('openai');
    expect(answer).toMatchObject({ ok: false, status, provider: 'openai', model: 'gpt-9', latencyMs: null });
    expect(answer.detail).toMatch(words);
    expect(answer.detail.endsWith(' The reason.')).toBe(true);
  });

  test('an unknown status, and a provider without a result', async () => {
    methods['models.probe'] = () => ({ status: 'moon', results: [{ status: 'moon' }] });
    expect(await check()).toMatchObject({ ok: false, status: 'failed', model: 'fake-1' });
    methods['models.probe'] = () => ({ status: 'unknown', error: 'No probe targets.', results: [] });
    expect(await check('nosuch')).toMatchObject({
      status: 'no_model',
      model: null,
      detail: 'No model is set up for this provider. No probe targets.',
    });
  });

  test('a provider without a model is not asked', async () => {
    methods['sessions.list'] = () => ({ defaults: { modelProvider: null, model: null } });
    expect(await check()).toMatchObject({ ok: false, status: 'no_model', provider: null });
    methods['sessions.list'] = () => ({ sessions: [] });
    expect(await check()).toMatchObject({ status: 'no_model' });
  });

  test('an unavailable gateway is an error, not a result', async () => {
    methods['models.probe'] = () => {
      throw new AppError('gateway_unavailable', 'It restarts.');
    };
    await expect(check()).rejects.toMatchObject({ code: 'gateway_unavailable' });
  });
});

describe('model check by a turn, without models.probe', () => {
  let deleted: unknown[];
  beforeEach(() => {
    deleted = [];
    Object.assign(methods, {
      'agents.list': () => ({ defaultId: 'main', agents: [] }),
      'models.list': () => ({
        models: [
          { id: 'fake-1', provider: 'fake' },
          { id: 'b', provider: 'other' },
        ],
      }),
      'sessions.create': ({ key }: Params) => ({ ok: true, key }),
      agent: ({ idempotencyKey }: Params) => ({ runId: idempotencyKey, status: 'accepted' }),
      'agent.wait': () => ({ status: 'ok', stopReason: 'stop' }),
      'sessions.delete': ({ key }: Params) => {
        deleted.push(key);
        return { ok: true, deleted: true };
      },
    });
  });
  const created = () => calls.find(([method]) => method === 'sessions.create')?.[1];

  test('uses a session of its own and deletes it afterwards', async () => {
    expect(await check()).toMatchObject({ ok: true, provider: 'fake', model: 'fake-1' });
    expect(created()?.key).toMatch(/^agent:main:buoy-check-[0-9a-f-]{36}$/);
    expect(created()).not.toHaveProperty('model');
    expect(deleted).toEqual([created()?.key]);
    const asked = calls.find(([method]) => method === 'agent')?.[1];
    expect(asked).toMatchObject({ deliver: false, sessionKey: created()?.key });
  });

  test('asks another provider by its first model, and reports one without models', async () => {
    expect(await check('other')).toMatchObject({ ok: true, provider: 'other', model: 'b' });
    expect(created()).toMatchObject({ model: 'other/b' });
    calls = [];
    expect(await check('nosuch')).toMatchObject({ ok: false, status: 'no_model', provider: 'nosuch' });
    expect(created()).toBeUndefined();
  });

  test.for([
    ['FailoverError: 401 Incorrect API key provided: sk-abcdefghijklmnopqrstuvwxyz', 'auth'],
    ['FailoverError: 429 You exceeded your current quota, check your billing details', 'billing'],
    ['FailoverError: 429 Too Many Requests', 'rate_limit'],
    ['Unknown model: fake/none', 'no_model'],
    ['LLM request timed out.', 'timeout'],
    ['400 Bad Request: unsupported parameter', 'format'],
    ['FailoverError: 500 fake upstream failure', 'failed'],
    [null, 'failed'],
  ] as const)('%s is %s', async ([error, status]) => {
    methods['agent.wait'] = () => ({ status: 'error', error });
    const answer = await check();
    expect(answer).toMatchObject({ ok: false, status });
    expect(answer.detail).not.toContain('sk-abc');
    expect(deleted).toHaveLength(1);
  });

  test('a provider that does not answer is a timeout', async () => {
    methods['agent.wait'] = () => ({ status: 'timeout' });
    expect(await check()).toMatchObject({ ok: false, status: 'timeout' });
    expect(deleted).toHaveLength(1);
  });

  test('deletes the session even when the turn fails or the caller leaves', async () => {
    methods['agent.wait'] = () => {
      throw new AppError('cancelled', 'The call was cancelled.');
    };
    await expect(check()).rejects.toMatchObject({ code: 'cancelled' });
    expect(deleted).toHaveLength(1);
  });

  test('deletes a session in use a little later, and only logs a failed deletion', async () => {
    let attempts = 0;
    methods['sessions.delete'] = () => {
      attempts += 1;
      if (attempts < 3) throw new AppError('gateway_unavailable', 'Session is still active.');
      return { ok: true };
    };
    expect(await check()).toMatchObject({ ok: true });
    expect(attempts).toBe(3);
    expect(log.text()).toBe('');
    attempts = -10;
    expect(await check()).toMatchObject({ ok: true });
    expect(log.text()).toContain('could not delete');
  });
});
