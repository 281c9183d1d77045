import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import { systemClock } from '../lib/clock.ts';
import { createKeptLogger } from '../ssh/testing/kept-logger.ts';
import type { RemoteRuns } from './remote-run.ts';
import { remoteStep, remoteStepState } from './remote-step.ts';
import type { StepContext } from './task-kind.ts';

const cancelled = new AppError('cancelled', 'This task was cancelled.');

/** A command that goes on until it is cancelled; `calls` are those that the server sees, with what was stored before. */
function begin({ failing, reason = cancelled }: { failing?: keyof RemoteRuns; reason?: AppError } = {}) {
  const calls: string[] = [];
  const controller = new AbortController();
  const state = remoteStepState.parse({});
  let stored = state.exitCode;
  const call = async (name: keyof RemoteRuns) => {
    calls.push(stored === null ? name : `${name} after ${stored}`);
    if (name === failing) throw new AppError('unreachable', 'The server does not answer.');
  };
  const remoteRuns: RemoteRuns = {
    async start() {
      await call('start');
    },
    async follow() {
      await call('follow');
      controller.abort(reason);
      throw reason;
    },
    cancel: () => call('cancel'),
    remove: () => call('remove'),
  };
  const context: Partial<StepContext<unknown, unknown>> = {
    ...{ taskId: 'tsk_1', stepId: 'step', serverId: 'srv_1' },
    ...{ signal: controller.signal, clock: systemClock, logger: createKeptLogger().logger },
    ...{ output: () => {}, detail: () => {} },
    saveState: async () => {
      stored = state.exitCode;
    },
  };
  const ended = remoteStep(context as StepContext<unknown, unknown>, remoteRuns, {
    ...{ script: 'export KEY=planted', state, deadlineMs: 60_000, onGivenUp: 'kill' },
  });
  return { calls, controller, ended };
}

describe('a command whose task is cancelled', () => {
  it('leaves no files on the server once it is ended, and would not be started again', async () => {
    const { calls, ended } = begin();
    await expect(ended).rejects.toBe(cancelled);
    expect(calls).toEqual(['start', 'follow', 'cancel', 'remove after 143']);
  });

  it('keeps its files where it could not be ended', async () => {
    const { calls, ended } = begin({ failing: 'cancel' });
    await expect(ended).rejects.toBe(cancelled);
    expect(calls).toEqual(['start', 'follow', 'cancel']);
  });

  it('fails for the same reason where its files cannot be removed', async () => {
    await expect(begin({ failing: 'remove' }).ended).rejects.toBe(cancelled);
  });

  it('keeps the mark of the cancel for a start that may still be under way', async () => {
    const { calls, controller, ended } = begin({ failing: 'start' });
    controller.abort(cancelled);
    await expect(ended).rejects.toMatchObject({ code: 'unreachable' });
    expect(calls).toEqual(['start', 'cancel']);
  });
});

describe('the output of a command', () => {
  /** What the step shows of these pieces, each with whether its offset is stored with it. */
  const shownOf = async (pieces: string[], secrets?: Record<string, string>) => {
    const shown: string[] = [];
    const offsets: number[] = [];
    const state = remoteStepState.parse({});
    const context: Partial<StepContext<unknown, unknown>> = {
      ...{ taskId: 'tsk_1', stepId: 'step', serverId: 'srv_1' },
      ...{ signal: new AbortController().signal, clock: systemClock, logger: createKeptLogger().logger },
      ...{ output: (text) => shown.push(text), detail: () => {} },
      saveState: async () => void offsets.push(state.offset),
    };
    const remoteRuns: RemoteRuns = {
      ...{ cancel: async () => {}, remove: async () => {} },
      start: async (_serverId, _run, { secrets: given }) => void (await given?.()),
      async follow(_serverId, _run, { onOutput }) {
        let offset = 0;
        for (const piece of pieces) {
          offset += Buffer.byteLength(piece);
          await onOutput(piece, offset);
        }
        return { exitCode: 0 };
      },
    };
    await remoteStep(context as StepContext<unknown, unknown>, remoteRuns, {
      ...{ script: ':', state, deadlineMs: 60_000, onGivenUp: 'kill' },
      ...(secrets === undefined ? {} : { secrets: async () => secrets }),
    });
    return { shown, offsets };
  };

  it('is shown in whole lines, so that a secret that comes in two pieces is seen as one', async () => {
    expect(await shownOf(['öne\npass', 'word=x\ntwo'])).toEqual({
      shown: ['öne\n', 'password=x\n', 'two'],
      offsets: [0, 5, 16, 19],
    });
  });

  it('is shown without the secrets that the command was given', async () => {
    const { shown } = await shownOf(['+ tool Hunter2', 'secret\n+ tool yes\n'], {
      KEY: 'Hunter2secret',
      ANSWER: 'yes',
    });
    expect(shown).toEqual(['+ tool [redacted]\n+ tool yes\n']);
  });

  it('does not wait for the end of a line without end', async () => {
    const { shown } = await shownOf(['a'.repeat(10_000), 'b'.repeat(10_000), 'c']);
    expect(shown.map(({ length }) => length)).toEqual([20_000, 1]);
  });
});

it('a command does not begin when it may not any more once its server is reached, and goes on once it has begun', async () => {
  const forbidden = new AppError('forbidden', 'No longer.');
  const begun: string[] = [];
  const perform = (hasBegun: boolean) => {
    const context: Partial<StepContext<unknown, unknown>> = {
      ...{ taskId: 'tsk_1', stepId: 'step', serverId: 'srv_1' },
      ...{ signal: new AbortController().signal, clock: systemClock, logger: createKeptLogger().logger },
      ...{ output: () => {}, detail: () => {}, saveState: async () => {} },
      expectAllowed: () => Promise.reject(forbidden),
    };
    const remoteRuns: RemoteRuns = {
      ...{ cancel: async () => {}, remove: async () => {}, follow: async () => ({ exitCode: 0 }) },
      async start(_serverId, run, { beforeStart }) {
        await beforeStart?.();
        begun.push(run);
      },
    };
    return remoteStep(context as StepContext<unknown, unknown>, remoteRuns, {
      ...{ script: ':', state: remoteStepState.parse({ hasBegun }), deadlineMs: 60_000, onGivenUp: 'kill' },
    });
  };
  await expect(perform(false)).rejects.toBe(forbidden);
  expect(begun).toEqual([]);
  expect(await perform(true)).toEqual({ exitCode: 0 });
});

it('a command is ended when it may not begin any more, and an earlier attempt may have reached the server', async () => {
  const forbidden = new AppError('forbidden', 'No longer.');
  const calls: string[] = [];
  const perform = (onGivenUp: 'kill' | 'leave') => {
    let isAllowed = true;
    const context: Partial<StepContext<unknown, unknown>> = {
      ...{ taskId: 'tsk_1', stepId: 'step', serverId: 'srv_1' },
      ...{ signal: new AbortController().signal, clock: systemClock, logger: createKeptLogger().logger },
      ...{ output: () => {}, detail: () => {}, saveState: async () => {} },
      async expectAllowed() {
        if (!isAllowed) throw forbidden;
      },
    };
    const remoteRuns: RemoteRuns = {
      async start(_serverId, _run, { beforeStart }) {
        await beforeStart?.();
        // The answer of the first attempt was lost.
        isAllowed = false;
        await beforeStart?.();
        calls.push('begun');
      },
      follow: async () => ({ exitCode: 0 }),
      cancel: async () => void calls.push('cancel'),
      remove: async () => {},
    };
    return remoteStep(context as StepContext<unknown, unknown>, remoteRuns, {
      ...{ script: ':', state: remoteStepState.parse({}), deadlineMs: 60_000, onGivenUp },
    });
  };
  await expect(perform('kill')).rejects.toBe(forbidden);
  expect(calls).toEqual(['cancel']);
  expect(await perform('leave')).toEqual({ exitCode: 0 });
  expect(calls).toEqual(['cancel', 'begun']);
});

it('a command goes on, with its files, when Buoy stops', async () => {
  const reason = new AppError('shutting_down', 'Buoy is stopping.');
  const { calls, ended } = begin({ reason });
  await expect(ended).rejects.toBe(reason);
  expect(calls).toEqual(['start', 'follow']);
});

it('a step that is called again has kept of the output what it took before, and none of it twice', async () => {
  const stepState = z.object({ command: remoteStepState.prefault({}), printed: z.string().default('') });
  let stored = '{}';
  const call = (pieces: Record<number, string>, end: () => { exitCode: number }) => {
    const state = stepState.parse(JSON.parse(stored));
    const context: Partial<StepContext<unknown, unknown>> = {
      ...{ taskId: 'tsk_1', stepId: 'step', serverId: 'srv_1' },
      ...{ signal: new AbortController().signal, clock: systemClock, logger: createKeptLogger().logger },
      ...{ output: () => {}, detail: () => {} },
      saveState: async () => {
        stored = JSON.stringify(state);
      },
    };
    const remoteRuns: RemoteRuns = {
      ...{ start: async () => {}, cancel: async () => {}, remove: async () => {} },
      async follow(_serverId, _run, { offset, onOutput }) {
        for (const [at, piece] of Object.entries(pieces))
          if (Number(at) >= offset) await onOutput(piece, Number(at) + piece.length);
        return end();
      },
    };
    return remoteStep(context as StepContext<unknown, unknown>, remoteRuns, {
      ...{ script: ':', state: state.command, deadlineMs: 60_000, onGivenUp: 'kill' },
      onOutput: (text) => {
        state.printed += text;
      },
    });
  };
  const stopping = new AppError('shutting_down', 'Buoy is stopping.');
  await expect(
    call({ 0: 'SHA-' }, () => {
      throw stopping;
    }),
  ).rejects.toBe(stopping);
  expect(await call({ 0: 'SHA-', 4: '256\n' }, () => ({ exitCode: 0 }))).toEqual({ exitCode: 0 });
  expect(stepState.parse(JSON.parse(stored)).printed).toBe('SHA-256\n');
});
