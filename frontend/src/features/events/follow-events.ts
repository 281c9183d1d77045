// Keeps a server's event stream open: takes it up again after the last event that came, with growing pauses while it cannot.
import { ApiError } from '@buoy/contract/client';
import { readEventStream } from '@buoy/contract/event-stream';
import type { Api } from '../../api.ts';
import { parseServerEvent, type ServerEvent } from './server-event.ts';

/** Milliseconds; the server sends a heartbeat every 15 s. */
const SILENCE_MS = 40_000;
/** Milliseconds before the first retry; each further one waits twice as long, up to the second figure. */
const RETRY_MS = [1_000, 60_000] as const;

/** How the stream itself is, which is not how the gateway is (event `gateway`). */
export type Link =
  | { state: 'connecting' }
  | { state: 'open' }
  /** `retryAt`: milliseconds since the epoch; null while a try is under way. */
  | { state: 'lost'; retryAt: number | null }
  /** Buoy has said no; nothing is tried any more. */
  | { state: 'refused'; problem: ApiError };

export type FollowOptions = {
  /** Where an earlier stream ended; null: from now on. */
  lastEventId: string | null;
  onEvent: (event: ServerEvent, id: string | null) => void;
  onLink: (link: Link) => void;
  /** Resolves when the next try should not wait any longer, or when `signal` aborts. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
  now?: () => number;
};

/** Resolves when `signal` aborts or Buoy refuses the stream. Events of kinds that are not known are passed over. */
export async function followEvents(api: Api, serverId: string, options: FollowOptions): Promise<void> {
  const { onEvent, onLink, wait, signal, now = Date.now } = options;
  let { lastEventId } = options;
  let failures = 0;
  onLink({ state: 'connecting' });
  while (!signal.aborted) {
    try {
      const stream = await api.openStream(`/servers/${encodeURIComponent(serverId)}/openclaw/events`, {
        lastEventId,
        signal,
      });
      onLink({ state: 'open' });
      for await (const frame of readEventStream(stream, SILENCE_MS)) {
        if (signal.aborted) return;
        lastEventId = frame.id ?? lastEventId;
        const event = parseServerEvent(frame);
        if (event === null) continue;
        if (isSuccess(event)) failures = 0;
        onEvent(event, lastEventId);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) return onLink({ state: 'refused', problem: error });
    }
    if (signal.aborted) return;
    const pauseMs = Math.min(RETRY_MS[1], RETRY_MS[0] * 2 ** failures);
    failures += 1;
    onLink({ state: 'lost', retryAt: now() + pauseMs });
    await wait(pauseMs, signal);
    if (!signal.aborted) onLink({ state: 'lost', retryAt: null });
  }
}

/** The stream of a server that is not there says so, and perhaps that events are missing, and ends. */
function isSuccess({ event, data }: ServerEvent): boolean {
  return event === 'gateway' ? data.state === 'connected' : event !== 'missed';
}

/** Absent, forbidden, signed out: no retry helps. */
function isFinal(error: unknown): error is ApiError {
  return error instanceof ApiError && [401, 403, 404].includes(error.status);
}
