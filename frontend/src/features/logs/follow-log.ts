// Follows the log of a server's gateway by its stream, which is taken up again where it broke.
import type { LogLine } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { readEventStream, type ServerEvent } from '@buoy/contract/event-stream';
import type { Api } from '../../api.ts';
import type { NewEntry } from './log-lines.ts';

/** Milliseconds; the server sends a heartbeat every 15 s. */
const SILENCE_MS = 40_000;
/** Milliseconds before the first retry; each further one waits twice as long, up to the second figure. */
const RETRY_MS = [1_000, 30_000] as const;
/** Lines that are there already, as many as the stream gives. */
const FIRST_LINES = 500;

export type FollowOptions = {
  onEntry: (entry: NewEntry) => void;
  /** Whether the stream is open. */
  onOpen: (isOpen: boolean) => void;
  /** Resolves after so many milliseconds, or when `signal` aborts. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
};

/**
 * Resolves when `signal` aborts. Events of kinds that are not known are passed over.
 * @throws ApiError when Buoy refuses the stream: no retry helps
 */
export async function followLog(api: Api, serverId: string, options: FollowOptions): Promise<void> {
  const { onEntry, onOpen, wait, signal } = options;
  const path = `/servers/${encodeURIComponent(serverId)}/openclaw/logs/stream?lines=${FIRST_LINES}`;
  let lastEventId: string | null = null;
  let failures = 0;
  let hasBegun = false;
  while (!signal.aborted) {
    try {
      const stream = await api.openStream(path, { lastEventId, signal });
      if (signal.aborted) return;
      onOpen(true);
      // Without a place to resume from, its first lines come once more.
      if (hasBegun && lastEventId === null) onEntry({ kind: 'reset' });
      for await (const frame of readEventStream(stream, SILENCE_MS)) {
        if (signal.aborted) return;
        lastEventId = frame.id ?? lastEventId;
        const entry = parseEntry(frame);
        if (entry === null) continue;
        if (entry.kind === 'line') {
          failures = 0;
          hasBegun = true;
        }
        onEntry(entry);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && error.status >= 400 && error.status < 429) throw error;
    }
    onOpen(false);
    await wait(Math.min(RETRY_MS[1], RETRY_MS[0] * 2 ** failures), signal);
    failures += 1;
  }
}

function parseEntry({ event, data }: ServerEvent): NewEntry | null {
  const parsed = asObject(data);
  if (parsed === null) return null;
  if (event === 'line' && typeof parsed.message === 'string')
    return { kind: 'line', ...(parsed as unknown as LogLine) };
  if (event === 'reset') return { kind: 'reset' };
  if (event === 'gap' && typeof parsed.message === 'string') return { kind: 'gap', message: parsed.message };
  return null;
}

function asObject(data: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(data);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
