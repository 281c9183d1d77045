// Follows a gateway's log stream and resumes it where it broke.
import type { LogLine } from '@buoy/contract';
import type { ApiError } from '@buoy/contract/client';
import type { ServerEvent } from '@buoy/contract/event-stream';
import type { Api } from '../../api.ts';
import { type FollowOptions, followStream } from '../events/follow-stream.ts';
import type { NewEntry } from './log-lines.ts';

/** Lines that are there already, as many as the stream gives. */
const FIRST_LINES = 500;

/**
 * Resolves when `signal` aborts. Events of kinds that are not known are passed over.
 * @param onOpen called with whether the stream is open
 * @throws ApiError when Buoy refuses the stream: no retry helps
 */
export async function followLog(
  api: Pick<Api, 'openStream'>,
  serverId: string,
  {
    onEntry,
    onOpen,
    place = { id: null },
    wait,
    signal,
  }: Pick<FollowOptions<NewEntry>, 'wait' | 'signal'> & {
    onEntry: (entry: NewEntry) => void;
    onOpen: (isOpen: boolean) => void;
    /** Where an earlier follower left the log; kept up to date. */
    place?: { id: string | null };
  },
): Promise<void> {
  const path = `/servers/${encodeURIComponent(serverId)}/openclaw/logs/stream?lines=${FIRST_LINES}`;
  const meaning = { parse: parseEntry, isSuccess: ({ kind }: NewEntry) => kind === 'line' };
  let hasStarted = place.id !== null;
  let refusal = null as ApiError | null;
  await followStream<NewEntry>(api, path, meaning, {
    lastEventId: place.id,
    wait,
    signal,
    onEvent(entry, id) {
      place.id = id;
      hasStarted ||= entry.kind === 'line';
      onEntry(entry);
    },
    onState(state) {
      onOpen(state.state === 'open');
      // Without a place to resume from, its first lines come once more.
      if (state.state === 'open' && hasStarted && place.id === null) onEntry({ kind: 'reset' });
      if (state.state === 'refused') refusal = state.problem;
    },
  });
  if (refusal !== null) throw refusal;
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
