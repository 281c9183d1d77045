// Reads an event stream to its end: reconnects and resumes after a break.
import { ApiError } from '@buoy/contract/client';
import { readEventStream } from '@buoy/contract/event-stream';
import { CommandError, type Context } from './command.ts';

/** Milliseconds between two attempts. */
const RETRY_MS = 1_000;
/** Consecutive failures after which the server counts as unreachable. */
const MAX_FAILURES = 30;

export type StreamReader = {
  /** Called with each event and its parsed data; true stops reading. */
  onEvent(event: string, data: unknown): Promise<boolean> | boolean;
  /** Called after a break, before reconnecting; true stops reading. */
  onBreak?(): Promise<boolean>;
};

/** Whether a retry is useless. */
export function isFinal(error: unknown): boolean {
  return (
    error instanceof CommandError || (error instanceof ApiError && error.status < 500 && error.status !== 429)
  );
}

/**
 * Ends when a callback returns true, or on Ctrl-C.
 * @param path below `/api`. @throws what the server refused, or the last failure when it is away for long
 */
export async function followStream(context: Context, path: string, reader: StreamReader): Promise<void> {
  const { openStream, terminal } = context;
  const { signal } = terminal;
  let lastEventId: string | null = null;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const { body } = await openStream(path, { lastEventId, signal });
      if (body !== null)
        for await (const { event, data, id } of readEventStream(body)) {
          failures = 0;
          lastEventId = id;
          if (await reader.onEvent(event, JSON.parse(data))) return;
        }
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (isFinal(error) || failures > MAX_FAILURES) throw error;
    }
    await terminal.pause(RETRY_MS, signal);
    if (!signal.aborted && (await reader.onBreak?.())) return;
  }
}
