// Keeps an event stream open: resumes after the last event when the stream ends or breaks.
import { readEventStream, type ServerEvent } from './event-stream.ts';

/** `success`: the count of failures starts again; `no-success`: it continues; `stop`: the follower ends. */
export type EventMeaning = 'success' | 'no-success' | 'stop';

export type Follower = {
  /** Opens the stream after `lastEventId`; null: no stream this time. */
  open(options: {
    lastEventId: string | null;
    signal: AbortSignal;
  }): Promise<ReadableStream<Uint8Array> | null>;
  /** Its `id` is the last received one. What this throws breaks the stream, which is resumed after this event. */
  onEvent(event: ServerEvent): EventMeaning | Promise<EventMeaning>;
  /**
   * Waits as long as the next try should wait, or ends the follower: by `stop`, or by what it throws.
   * @param reason.error null when the stream ended or was not there
   * @param reason.failures tries since the last success, this one included
   */
  onBreak(reason: { error: unknown; failures: number }): Promise<'stop' | undefined>;
  /** Where an earlier stream ended. */
  lastEventId?: string | null;
  signal: AbortSignal;
};

/** Resolves when a callback returns `stop` or `signal` aborts. @throws what `onBreak` throws */
export async function followStream(follower: Follower): Promise<void> {
  const { signal } = follower;
  let { lastEventId = null } = follower;
  let failures = 0;
  while (!signal.aborted) {
    let error: unknown = null;
    try {
      const stream = await follower.open({ lastEventId, signal });
      if (stream !== null)
        for await (const event of readEventStream(stream)) {
          if (signal.aborted) return;
          lastEventId = event.id ?? lastEventId;
          const meaning = await follower.onEvent({ ...event, id: lastEventId });
          if (meaning === 'stop') return;
          if (meaning === 'success') failures = 0;
        }
    } catch (reason) {
      error = reason;
    }
    if (signal.aborted) return;
    failures += 1;
    if ((await follower.onBreak({ error, failures })) === 'stop') return;
  }
}
