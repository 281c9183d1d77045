// Reads the log of one server each second for all its followers: the gateway has no event for its log.
import type { openclawLogsEndpoints, StreamEventOf } from '@buoy/contract';
import { isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { textLength } from '../../lib/text-length.ts';
import { meansUnreachable } from '../gateway/failures.ts';
import { readFileLines } from './log-line.ts';
import { type LogPosition, logPositionId } from './log-position.ts';
import { MAX_TAIL_BYTES, MAX_TAIL_LINES, type TailAnswer, type TailParams } from './tail.ts';

export type LogEvent = StreamEventOf<(typeof openclawLogsEndpoints)['GET /servers/:id/openclaw/logs/stream']>;

/** Milliseconds between two reads, and between two attempts while the gateway does not answer. */
const READ_INTERVAL_MS = 1_000;
const RETRY_INTERVAL_MS = 3_000;
/** Events kept for slow and returning listeners, and the UTF-16 units of their texts. */
const MAX_KEPT = { events: 2_000, length: 2 * 1024 * 1024 };
/** Lines read when following begins, for listeners that request the last ones. */
const FIRST_LINES = 500;

export type Follower = {
  /**
   * Existing and new lines, until `signal` aborts; for an unreachable server it sends the error and ends.
   * `lines`: the number of existing ones.
   */
  listen(options: {
    lines: number;
    after: LogPosition | null;
    signal: AbortSignal;
  }): AsyncGenerator<LogEvent>;
  /** UTF-16 units of what is kept. */
  length(): number;
  /** The server may be another host from now on. */
  restart(): void;
};

/**
 * @param tail asks `logs.tail`; throws AppError when the gateway does not answer
 * @param onIdle called when the last listener has left
 */
export function createFollower({
  tail,
  clock,
  onIdle,
}: {
  tail(params: TailParams): Promise<TailAnswer>;
  clock: Clock;
  onIdle(): void;
}): Follower {
  let kept: LogEvent[] = [];
  let keptLength = 0;
  /** How many events came before the first kept one. */
  let dropped = 0;
  let position: LogPosition | null = null;
  let problem: { message: string; isUnreachable: boolean } | null = null;
  let listeners = 0;
  let isReading = false;
  let hasRead = false;
  let news = Promise.withResolvers<void>();

  function add(...events: LogEvent[]): void {
    kept.push(...events);
    for (const event of events) keptLength += textLength(event);
    let surplus = 0;
    while (kept.length - surplus > MAX_KEPT.events || keptLength > MAX_KEPT.length) {
      keptLength -= textLength(kept[surplus]!);
      surplus += 1;
    }
    kept = kept.slice(surplus);
    dropped += surplus;
  }

  async function readOnce(): Promise<void> {
    const from = position;
    const answer = await tail(
      from === null
        ? { limit: FIRST_LINES, maxBytes: MAX_TAIL_BYTES }
        : { cursor: from.cursor, limit: MAX_TAIL_LINES, maxBytes: MAX_TAIL_BYTES },
    );
    const read = await readFileLines(answer.lines);
    // Restarted in the meantime, or nobody listens any more: what is remembered then does not grow.
    if (from !== position || listeners === 0) return;
    problem = null;
    const file = baseName(answer.file);
    if (from !== null && file !== from.file) {
      add({ event: 'reset', data: { file: answer.file } });
      // Its lines come with the next call, a second later: a gateway that names another file each time causes no extra work.
      position = { file, cursor: 0, lines: 0 };
      return;
    }
    if (answer.reset) add({ event: 'reset', data: { file: answer.file } });
    // Where the first line begins is known only when nothing was left out before it.
    const start = from === null || answer.reset || answer.truncated ? null : from.cursor;
    const end = { file, cursor: answer.cursor, lines: 0 };
    add(
      ...read.map((line, index): LogEvent => {
        const place =
          index === read.length - 1 ? end : start === null ? null : { file, cursor: start, lines: index + 1 };
        const id = place === null ? null : logPositionId(place);
        return { event: 'line', data: line, ...(id === null ? {} : { id }) };
      }),
    );
    position = end;
  }

  async function keepReading(): Promise<void> {
    isReading = true;
    while (listeners > 0) {
      try {
        await readOnce();
      } catch (error) {
        const message = isAppError(error) ? error.message : 'The log could not be read.';
        if (problem === null) add({ event: 'gap', data: { message } });
        problem = { message, isUnreachable: meansUnreachable(error) };
      }
      hasRead = true;
      news.resolve();
      news = Promise.withResolvers();
      await new Promise<void>((resolve) => {
        clock.after(problem === null ? READ_INTERVAL_MS : RETRY_INTERVAL_MS, resolve);
      });
    }
    isReading = false;
    hasRead = false;
  }

  async function* listen({
    lines,
    after,
    signal,
  }: {
    lines: number;
    after: LogPosition | null;
    signal: AbortSignal;
  }): AsyncGenerator<LogEvent> {
    const gone = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    listeners += 1;
    try {
      // This is the first listener of the log: it continues where this listener left off.
      const isFirst = !hasRead && position === null && after !== null;
      let skip = isFirst ? after.lines : 0;
      if (isFirst) position = { ...after, lines: 0 };
      const firstRead = news.promise;
      if (!isReading) void keepReading();
      if (!hasRead) await Promise.race([firstRead, gone]);
      if (problem?.isUnreachable) {
        // Nothing to wait for: clients retry by themselves.
        yield { event: 'gap', data: { message: problem.message } };
        return;
      }
      let next = dropped;
      if (after === null) {
        next = Math.max(dropped, dropped + kept.length - lines);
        if (problem !== null && next === dropped + kept.length)
          yield { event: 'gap', data: { message: problem.message } };
      } else if (!isFirst) {
        const known = kept.findIndex(({ id }) => id === logPositionId(after));
        if (known === -1) yield { event: 'reset', data: { file: position?.file ?? null } };
        next = dropped + known + 1;
      }
      while (!signal.aborted) {
        const arrival = news.promise;
        if (next < dropped) {
          // Too slow: the lines in between are dropped.
          next = dropped;
          yield { event: 'reset', data: { file: position?.file ?? null } };
        }
        const event = kept[next - dropped];
        if (event === undefined) {
          await Promise.race([arrival, gone]);
          continue;
        }
        next += 1;
        if (event.event === 'reset') skip = 0;
        if (event.event === 'line' && skip > 0) skip -= 1;
        else yield event;
      }
    } finally {
      listeners -= 1;
      if (listeners === 0) onIdle();
    }
  }

  return {
    listen,
    length: () => keptLength,
    restart() {
      add({ event: 'reset', data: { file: null } });
      position = null;
    },
  };
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
