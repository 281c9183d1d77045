// Keeps the server list live: writes Buoy's event stream into the shared query.
import type { Server, StreamEventOf, servers } from '@buoy/contract';
import type { Api } from '../../api.ts';
import { followStream, type StreamState } from '../events/follow-stream.ts';

export type ListEvent = StreamEventOf<(typeof servers)['GET /servers/events']>;

/** Milliseconds in which changes are gathered: a hundred servers that go silent at once are drawn once. */
const GATHER_MS = 100;

/**
 * Follows the list until `signal` aborts.
 * @param change applies an update to the displayed list, which is undefined while no list is known
 * @param onLive true while what `change` made is the list as Buoy knows it
 */
export async function followList(
  api: Pick<Api, 'openStream'>,
  options: {
    change: (newer: (shown: readonly Server[] | undefined) => Server[] | undefined) => void;
    onLive: (isLive: boolean) => void;
    wait: (ms: number, signal: AbortSignal) => Promise<void>;
    signal: AbortSignal;
  },
): Promise<void> {
  const { change, onLive, wait, signal } = options;
  /** Server id → what became of it since the list was changed; null: it is gone. */
  let pending = new Map<string, Server | null>();
  let isWhole = false;
  let timer: ReturnType<typeof setTimeout> | null = null;

  const reset = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    pending = new Map();
    isWhole = false;
  };
  const applyChanges = () => {
    timer = null;
    const changes = pending;
    pending = new Map();
    change((shown) => shown && withChanges(shown, changes));
  };
  const onEvent = (event: ListEvent) => {
    if (event.event === 'complete') {
      const all = [...pending.values()].filter((server) => server !== null);
      pending = new Map();
      isWhole = true;
      change(() => all);
      return onLive(true);
    }
    if (event.event === 'removed') pending.set(event.data.id, null);
    else pending.set(event.data.id, event.data);
    if (isWhole) timer ??= setTimeout(applyChanges, GATHER_MS);
  };
  const onState = (state: StreamState) => {
    reset();
    if (state.state !== 'open') onLive(false);
  };
  const meaning = { parse: parseListEvent, isSuccess: () => true };
  await followStream(api, '/servers/events', meaning, { lastEventId: null, onEvent, onState, wait, signal });
  reset();
  onLive(false);
}

/** Existing servers keep their places and new ones come last; the caller sorts. */
function withChanges(shown: readonly Server[], changes: ReadonlyMap<string, Server | null>): Server[] {
  const known = new Set(shown.map(({ id }) => id));
  const changed = shown.map((server) => (changes.has(server.id) ? (changes.get(server.id) ?? null) : server));
  const added = [...changes].map(([id, server]) => (known.has(id) ? null : server));
  return [...changed, ...added].filter((server) => server !== null);
}

/** @returns null for an event that this app does not know, or that names no server */
function parseListEvent({ event, data }: { event: string; data: string }): ListEvent | null {
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== 'object' || parsed === null) return null;
    if (event === 'complete') return { event, data: parsed } as ListEvent;
    const isOfServer = event === 'server' || event === 'removed';
    return isOfServer && 'id' in parsed && typeof parsed.id === 'string'
      ? ({ event, data: parsed } as ListEvent)
      : null;
  } catch {
    return null;
  }
}
