// A person sends changes of a megabyte to a gateway of theirs that never answers, and leaves: what waits behind it must not fill Buoy's memory, and
// the gateway must not decide how long it waits.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../src/lib/app-error.ts';
import { createFakeClock } from '../../src/lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../src/lib/testing/recording-logger.ts';
import { createAgentFiles } from '../../src/openclaw/agents/agent-files.ts';
import { createConfigApplied } from '../../src/openclaw/config/config-applied.ts';
import { createConfigHistory } from '../../src/openclaw/config/history.ts';
import { createCallWithConfigLock } from '../../src/openclaw/config/locked-call.ts';
import { createServerLocks } from '../../src/openclaw/config/server-locks.ts';
import { createMemoryRevisions } from '../../src/openclaw/config/testing/memory-revisions.ts';
import { createConfigWriter } from '../../src/openclaw/config/writer.ts';
import type { Gateways } from '../../src/openclaw/gateway/gateways.ts';
import { createCalledGateways, readerOf, refused } from '../../src/openclaw/testing/called-gateways.ts';

/** Behind the one that is under way. */
const MAX_WAITING = 16;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const config = { path: '/c', parsed: {}, valid: true, hash: 'h' };
/** As of the calls that a connection waits for: what waits behind them must not be forgotten for that alone. */
const unanswered: unknown[] = [];
const never = () => new Promise((resolve) => unanswered.push(resolve));

/** The three ways to change something on a server whose gateway says what its config is, and nothing else. */
function changesOf(gateways: Gateways) {
  const clock = createFakeClock();
  const history = createConfigHistory({ store: createMemoryRevisions(), clock });
  const configApplied = createConfigApplied({ gateways, clock });
  const locks = createServerLocks();
  const { logger } = createRecordingLogger();
  const writer = createConfigWriter({ gateways, configApplied, history, locks, clock });
  const call = createCallWithConfigLock({ gateways, configApplied, history, locks, clock, logger });
  const files = createAgentFiles({
    ...{ gateways, reader: readerOf(gateways), hostConfigs: {} as never },
    ...{ runAsGateway: never as never, gatewayFiles: { read: never as never } },
  });
  return {
    clock,
    'of the config': (content: object, signal: AbortSignal) =>
      writer.patchConfig('s1', { patch: { content }, by: 'mallory', note: null }, { signal }),
    'by which OpenClaw writes its config': (content: object, signal: AbortSignal) =>
      call('s1', 'agents.create', { content }, z.unknown(), { deadlineMs: 15_000, signal }),
    'of a file of an agent': (content: object, signal: AbortSignal) =>
      files.write('s1', { agentId: 'main', name: 'SOUL.md' }, { content: content as never }, { signal }),
  };
}

function silentGateways(): Gateways {
  const gateways = createCalledGateways();
  gateways.methods['config.get'] = () => config;
  for (const method of ['config.patch', 'agents.create', 'agents.files.get'])
    gateways.methods[method] = never;
  return gateways;
}

const kinds = ['of the config', 'by which OpenClaw writes its config', 'of a file of an agent'] as const;

describe.each(kinds)('changes %s that wait for a gateway that never answers', (kind) => {
  let changes: ReturnType<typeof changesOf>;
  beforeEach(() => {
    changes = changesOf(silentGateways());
  });
  const change = (content: object, signal: AbortSignal) => changes[kind](content, signal);

  test('are forgotten as soon as their callers leave', async () => {
    void change({}, new AbortController().signal).catch(() => undefined);
    await nextTurn();
    const kept: WeakRef<object>[] = [];
    const answers = Array.from({ length: MAX_WAITING }, () => {
      const content = { text: 'x' };
      kept.push(new WeakRef(content));
      const leaving = new AbortController();
      const answer = change(content, leaving.signal).catch((error: unknown) => error);
      leaving.abort(new AppError('cancelled', 'The client disconnected.'));
      return answer;
    });
    const first = await Promise.race([Promise.all(answers), nextTurn('none')]);
    expect(first).not.toBe('none');
    for (const error of await Promise.all(answers)) expect(error).toMatchObject({ code: 'cancelled' });
    answers.length = 0;
    await nextTurn();
    collectGarbage();
    expect(kept.filter((one) => one.deref() !== undefined)).toHaveLength(0);
  });

  test('are refused when too many wait already', async () => {
    const stay = new AbortController().signal;
    const waiting = Array.from({ length: 1 + MAX_WAITING }, () => change({}, stay));
    for (const one of waiting) one.catch(() => undefined);
    const oneMore = Promise.race([change({}, stay), nextTurn('waits')]);
    await expect(oneMore).rejects.toMatchObject({ code: 'queue_full' });
  });
});

/** Fifty, each below thirty names. */
const settings = (value: number): object => {
  const below = (names: number): object => (names === 0 ? { value } : { n: below(names - 1) });
  return Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, below(28)]));
};

describe('a config change on a gateway that answers as late as it may', () => {
  /** Milliseconds that a change takes. */
  async function tookMs(patchAnswer: () => unknown): Promise<number> {
    const gateways = createCalledGateways();
    const change = changesOf(gateways);
    const { clock } = change;
    const late = async (deadlineMs: number, answer: () => unknown) => {
      clock.pass(Math.max(0, deadlineMs - 1));
      return answer();
    };
    let isWritten = false;
    gateways.call = async (_serverId, method, _params, schema, { deadlineMs }) => {
      if (deadlineMs <= 0) throw new AppError('deadline', 'OpenClaw did not answer in time.');
      if (method === 'config.patch') {
        isWritten = true;
        return schema.parse(await late(deadlineMs, patchAnswer));
      }
      if (method === 'config.schema.lookup')
        return schema.parse(await late(deadlineMs, () => Promise.reject(refused('path not found'))));
      const written = { hash: 'new', configRevisionHash: 'new', appliedConfigHash: 'old' };
      const answer = { ...config, parsed: { content: settings(isWritten ? 1 : 0) } };
      return schema.parse(
        await late(isWritten ? deadlineMs : 1, () => ({ ...answer, ...(isWritten ? written : {}) })),
      );
    };
    const startedAt = clock.now();
    let isOver = false;
    const changed = change['of the config'](settings(1), new AbortController().signal)
      .catch(() => undefined)
      .finally(() => {
        isOver = true;
      });
    while (!isOver) {
      await nextTurn();
      clock.pass(100);
    }
    await changed;
    return clock.now() - startedAt;
  }

  test.each([
    ['that names no restart', () => ({ ok: true })],
    [
      'that never comes',
      () => {
        throw new AppError('deadline', 'OpenClaw did not answer in time.');
      },
    ],
  ])('with an answer %s is over in three minutes', async (_what, answer) => {
    expect(await tookMs(answer)).toBeLessThan(180_000);
  });
});
