// Keeps an event stream open: resumes after the last received event, with growing delays.
import { ApiError } from '@buoy/contract/client';
import { type ServerEvent as Frame, readEventStream } from '@buoy/contract/event-stream';
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
  const { onEvent, onState, wait, signal, now = Date.now } = options;
  let { lastEventId } = options;
  let failures = 0;
  onState({ state: 'connecting' });
  while (!signal.aborted) {
    let notBeforeMs = 0;
    let isFull = false;
    try {
      const stream = await api.openStream(path, { lastEventId, signal });
      if (signal.aborted) return;
      onState({ state: 'open' });
      for await (const frame of readEventStream(stream)) {
        if (signal.aborted) return;
        lastEventId = frame.id ?? lastEventId;
        const event = meaning.parse(frame);
        if (event === null) continue;
        if (meaning.isSuccess(event)) failures = 0;
        onEvent(event, lastEventId);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) return onState({ state: 'refused', problem: error });
      notBeforeMs = retryAfterMs(error);
      isFull = isStreamLimit(error);
    }
    if (signal.aborted) return;
    const pauseMs = Math.max(notBeforeMs, Math.min(RETRY_MS[1], RETRY_MS[0] * 2 ** failures));
    failures += 1;
    onState({ state: 'lost', retryAt: now() + pauseMs, isFull });
    await wait(pauseMs, signal);
    if (!signal.aborted) onState({ state: 'lost', retryAt: null, isFull });
  }
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
