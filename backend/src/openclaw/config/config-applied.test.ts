import { describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { createFastForwardClock } from '../../tasks/testing/fast-forward-clock.ts';
import { createConfigApplied } from './config-applied.ts';

/** @param answers of config.get, one by one; the last one stays. A failure is thrown. */
function prepare(answers: unknown[]) {
  const clock = createFastForwardClock();
  let calls = 0;
  const applied = createConfigApplied({
    gateways: {
      async call(_serverId, _method, _params, schema, { signal }) {
        const answer = answers[Math.min(calls, answers.length - 1)];
        calls += 1;
        if (signal?.aborted) throw new AppError('cancelled', 'The call was cancelled.');
        if (answer instanceof Error) throw answer;
        return schema.parse(answer);
      },
    },
    clock,
  });
  return {
    applied: (signal?: AbortSignal) => applied('s1', { deadlineMs: 20_000, signal }),
    calls: () => calls,
  };
}

const pending = { configRevisionHash: 'new', appliedConfigHash: 'old' };
const done = { configRevisionHash: 'new', appliedConfigHash: 'new' };

describe('waiting for a changed config', () => {
  test('ends when the gateway has applied the written config', async () => {
    const { applied, calls } = prepare([pending, pending, done]);
    await applied();
    expect(calls()).toBe(3);
  });

  test('ends immediately for a version that does not report it', async () => {
    const { applied, calls } = prepare([{ hash: 'abc' }]);
    await applied();
    expect(calls()).toBe(1);
  });

  test.for(['gateway_unavailable', 'deadline'] as const)('continues through a restart (%s)', async (code) => {
    const { applied, calls } = prepare([pending, new AppError(code, 'Restarting.'), done]);
    await applied();
    expect(calls()).toBe(3);
  });

  test('fails with a hint when the gateway has not applied it in time', async () => {
    const { applied, calls } = prepare([pending]);
    await expect(applied()).rejects.toMatchObject({
      code: 'deadline',
      message: expect.stringContaining('The change is written'),
    });
    expect(calls()).toBeGreaterThan(50);
  });

  test('passes on every other error', async () => {
    const { applied } = prepare([new AppError('unreachable', 'The server does not answer.')]);
    await expect(applied()).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('ends when its caller leaves', async () => {
    const { applied } = prepare([pending]);
    const caller = new AbortController();
    const waiting = applied(caller.signal);
    caller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  });
});
