// Reads a stream of events for as long as it takes: one that breaks is taken up where it was.
import { ApiError } from '@buoy/contract/client';
import { readEventStream } from '@buoy/contract/event-stream';
import { CommandError, type Context } from './command.ts';

/** Milliseconds; the server sends a heartbeat every 15 s. */
const SILENCE_MS = 40_000;
const RETRY_MS = 1_000;
/** Breaks in a row after which the server counts as away. */
const MAX_FAILURES = 30;

export type StreamReader = {
  /** Each event with its data parsed; true ends the reading. */
  onEvent(event: string, data: unknown): Promise<boolean> | boolean;
  /** After a break, before the stream is opened again; true ends the reading. */
  onBreak?(): Promise<boolean>;
};

/** Whether asking again is of no use. */
export function isFinal(error: unknown): boolean {
  return (
    error instanceof CommandError || (error instanceof ApiError && error.status < 500 && error.status !== 429)
  );
}

/**
 * Ends when a callback says so, or when Ctrl-C was pressed.
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
        for await (const { event, data, id } of readEventStream(body, SILENCE_MS)) {
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
