// Reads an event stream to its end: reconnects and resumes after a break.
import { ApiError } from '@buoy/contract/client';
import { followStream as follow } from '@buoy/contract/follow-stream';
import { CommandError, type Context } from './command.ts';

/** Milliseconds between two attempts. */
const RETRY_MS = 1_000;
/** Consecutive errors after which the server counts as unreachable; a stream that only ends is none. */
export const MAX_ERRORS = 30;

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
  let errors = 0;
  await follow({
    signal,
    open: async (options) => (await openStream(path, options)).body,
    async onEvent({ event, data }) {
      errors = 0;
      return (await reader.onEvent(event, JSON.parse(data))) ? 'stop' : 'success';
    },
    async onBreak({ error }) {
      if (error !== null) errors += 1;
      if (isFinal(error) || errors > MAX_ERRORS) throw error;
      await terminal.pause(RETRY_MS, signal);
      return !signal.aborted && (await reader.onBreak?.()) ? 'stop' : undefined;
    },
  });
}
