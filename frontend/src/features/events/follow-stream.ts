// Follows an event stream with growing delays between the tries, and tells how the stream is.
import { ApiError } from '@buoy/contract/client';
import type { ServerEvent as Frame } from '@buoy/contract/event-stream';
import { followStream as follow } from '@buoy/contract/follow-stream';
import { type Api, isRefusal } from '../../api.ts';

/** Milliseconds before the first retry; each further one waits twice as long, up to the second figure. */
const RETRY_MS = [1_000, 60_000] as const;

/** How the stream itself is, which is not how what it tells of is. */
export type StreamState =
  | { state: 'connecting' }
  | { state: 'open' }
  /** `retryAt`: milliseconds since the epoch; null while a try is under way. `isFull`: as many streams are open as may be. */
  | { state: 'lost'; retryAt: number | null; isFull: boolean }
  /** Buoy has said no; nothing is tried any more. */
  | { state: 'refused'; problem: ApiError };

export type FollowOptions<Event> = {
  /** Where an earlier stream ended; null: from now on. */
  lastEventId: string | null;
  onEvent: (event: Event, id: string | null) => void;
  onState: (streamState: StreamState) => void;
  /** Resolves when the next try should not wait any longer, or when `signal` aborts. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
  now?: () => number;
};

/**
 * Resolves when `signal` aborts or Buoy refuses the stream.
 * @param path below the root of the API
 * @param meaning `parse` gives null for what is to be passed over; after an event that is no success the pauses go on growing
 */
export async function followStream<Event>(
  api: Pick<Api, 'openStream'>,
  path: string,
  meaning: { parse: (frame: Frame) => Event | null; isSuccess: (event: Event) => boolean },
  options: FollowOptions<Event>,
): Promise<void> {
  const { lastEventId, onEvent, onState, wait, signal, now = Date.now } = options;
  onState({ state: 'connecting' });
  await follow({
    lastEventId,
    signal,
    async open(from) {
      const stream = await api.openStream(path, from);
      if (!signal.aborted) onState({ state: 'open' });
      return stream;
    },
    onEvent(frame) {
      const event = meaning.parse(frame);
      if (event === null) return 'no-success';
      onEvent(event, frame.id);
      return meaning.isSuccess(event) ? 'success' : 'no-success';
    },
    async onBreak({ error, failures }) {
      if (isFinal(error)) {
        onState({ state: 'refused', problem: error });
        return 'stop';
      }
      const isFull = isStreamLimit(error);
      const grownMs = Math.min(RETRY_MS[1], RETRY_MS[0] * 2 ** (failures - 1));
      const pauseMs = Math.max(retryAfterMs(error), grownMs);
      onState({ state: 'lost', retryAt: now() + pauseMs, isFull });
      await wait(pauseMs, signal);
      if (!signal.aborted) onState({ state: 'lost', retryAt: null, isFull });
    },
  });
}

/** Absent, forbidden, signed out, not possible there: no retry helps. */
export function isFinal(error: unknown): error is ApiError {
  return error instanceof ApiError && isRefusal(error);
}

/** Milliseconds that Buoy wants its client to wait; 0 where it has said nothing. */
export function retryAfterMs(error: unknown): number {
  const { retryAfterS } = Object(error instanceof ApiError ? error.details : null) as {
    retryAfterS?: unknown;
  };
  return typeof retryAfterS === 'number' && retryAfterS > 0 ? retryAfterS * 1_000 : 0;
}

/** `open` is there when it is the streams of this person that are too many, and not their requests. */
function isStreamLimit(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.code === 'too_many_streams' || (error.status === 429 && 'open' in Object(error.details));
}
