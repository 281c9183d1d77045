// The gateway's log: the last lines at once, or live. While the gateway is down, the journal of its service.
import { type LogLevel, openclawLogs } from '@buoy/contract';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { createOneATurn } from '../../lib/one-a-turn.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { RememberedEvents } from '../gateway/remembered-events.ts';
import type { Installations } from '../host/installation.ts';
import type { GatewayCall, Reader } from '../reads/reader.ts';
import { createFollower, type Follower, type LogEvent } from './follower.ts';
import { readFileLines, readJournalLine } from './log-line.ts';
import { readLogPosition } from './log-position.ts';
import { beginningOf, type ModelError, modelErrorsIn } from './model-errors.ts';
import { selectLines } from './select-lines.ts';
import { MAX_TAIL_BYTES, MAX_TAIL_LINES, tailAnswer } from './tail.ts';

/** Bytes of a line, generously: measured 600 to 1,000. */
const LINE_BYTES = 1_200;
/** Lines of the journal that are read at most. */
const JOURNAL_LINES = 1_000;
/** Milliseconds of one read of a followed log. */
const READ_MS = 5_000;
/** Milliseconds for which a log without followers is remembered, for listeners that reconnect. */
const REMEMBER_MS = 60_000;
/** Milliseconds before now of which the errors of models are read. */
const ERRORS_MS = 10 * 60_000;
/** Bytes of the log that are read for them first; only a busier log is read up to its limit. */
const ERRORS_BYTES = 64 * 1024;

export type OpenclawLogsReader = ReturnType<typeof createOpenclawLogs>;

export function createOpenclawLogs({
  gateways,
  remembered,
  installations,
  reader,
  clock,
}: {
  gateways: Gateways;
  remembered: RememberedEvents;
  installations: Installations;
  reader: Reader;
  clock: Clock;
}) {
  const followers = new Map<string, { follower: Follower; stopForgetting: () => void }>();
  const myTurn = createOneATurn();

  gateways.onStateChange((serverId, state) => {
    if (state === 'reset') followers.get(serverId)?.follower.restart();
  });

  function followerOf(serverId: string): Follower {
    const known = followers.get(serverId);
    if (known !== undefined) {
      known.stopForgetting();
      return known.follower;
    }
    const follower = createFollower({
      tail: (params) => gateways.call(serverId, 'logs.tail', params, tailAnswer, { deadlineMs: READ_MS }),
      clock,
      onIdle() {
        const entry = followers.get(serverId);
        if (entry?.follower !== follower) return;
        const forget = () => {
          entry.stopForgetting();
          followers.delete(serverId);
        };
        const stopTimer = clock.after(REMEMBER_MS, forget);
        const kept = remembered.keep(serverId, follower.length, forget);
        entry.stopForgetting = () => {
          stopTimer();
          kept.end();
        };
      },
    });
    followers.set(serverId, { follower, stopForgetting: () => {} });
    return follower;
  }

  return {
    async read(
      serverId: string,
      wanted: { lines: number; level?: LogLevel | undefined; q?: string | undefined },
      options: { signal: AbortSignal },
    ) {
      const isFiltered = wanted.level !== undefined || wanted.q !== undefined;
      const answer = await reader.read(
        serverId,
        {
          // One entry for all filters: they are answered from the same lines.
          what: 'logs',
          schema: z.object({ logs: openclawLogs }),
          keep: 'memory',
          fromGateway: (ask) => lastLines(ask, isFiltered ? MAX_TAIL_LINES : wanted.lines),
          fromHost: async (_call, limits) => {
            const lines = await installations.journal(serverId, { lines: JOURNAL_LINES, ...limits });
            return {
              logs: {
                file: null,
                cursor: null,
                lines: lines.map(readJournalLine),
                truncated: lines.length >= JOURNAL_LINES,
              },
            };
          },
        },
        options,
      );
      return { ...answer, logs: await selectLines(answer.logs, wanted, () => myTurn(serverId)) };
    },

    /** The errors of model providers in the last 10 minutes, oldest first: of a busier log, those in its last megabyte, and those of its current file. */
    async modelErrors(serverId: string, { signal }: { signal: AbortSignal }): Promise<ModelError[]> {
      const fromMs = clock.now() - ERRORS_MS;
      const tail = (maxBytes: number) =>
        gateways.call(serverId, 'logs.tail', { limit: MAX_TAIL_LINES, maxBytes }, tailAnswer, {
          deadlineMs: READ_MS,
          signal,
        });
      let answer = await tail(ERRORS_BYTES);
      const isShort = answer.truncated && (beginningOf(answer.lines) ?? fromMs + 1) > fromMs;
      if (isShort) answer = await tail(MAX_TAIL_BYTES);
      await myTurn(serverId);
      return await modelErrorsIn(answer.lines, fromMs, clock.now() + ERRORS_MS);
    },

    /** Lines as they come, after the last `lines` or after the event `lastEventId`; ends when `signal` aborts. */
    stream(
      serverId: string,
      { lines, lastEventId, signal }: { lines: number; lastEventId: string | null; signal: AbortSignal },
    ): AsyncGenerator<LogEvent> {
      return followerOf(serverId).listen({ lines, after: readLogPosition(lastEventId), signal });
    },
  };
}

/** Reads few bytes first: a whole million blocks the gateway for some time. */
async function lastLines(ask: GatewayCall, lines: number) {
  const guess = Math.min(MAX_TAIL_BYTES, lines * LINE_BYTES);
  const first = await ask('logs.tail', { limit: lines, maxBytes: guess }, tailAnswer);
  const isShort = first.lines.length < lines && first.truncated && guess < MAX_TAIL_BYTES;
  const { file, cursor, truncated, ...answer } = isShort
    ? await ask('logs.tail', { limit: lines, maxBytes: MAX_TAIL_BYTES }, tailAnswer)
    : first;
  return { logs: { file, cursor, lines: await readFileLines(answer.lines), truncated } };
}
