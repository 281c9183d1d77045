// The list of servers and who may see them, read once for all who follow it: in this process, at each change and every 2 s.
import type { Role, Server } from '@buoy/contract';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import { createSignal } from '../lib/signal.ts';

/** Milliseconds between two reads of the list without a change: for roles, outdated observations and writes of other processes. */
const READ_AGAIN_MS = 2_000;
/** Milliseconds between a change and the reading of it: many servers often change within one moment. */
const GATHER_MS = 200;

export type SharedServer = Omit<Server, 'role'>;

/** A server as it was at `revision`; the same object while it is unchanged, however often the list is read. */
export type ListedServer = { server: SharedServer; revision: number };

export type ServerList = {
  /** Grows with each list that differs from the one before. */
  revision: number;
  /** By name. */
  servers: readonly ListedServer[];
  /** New, or different from the list before. */
  changed: readonly ListedServer[];
  /** Ids of all servers; the same object while no server comes or goes. */
  ids: ReadonlySet<string>;
  /** User id of those who follow → server id → role; the inner map is the same object while this person's roles stay. */
  roles: ReadonlyMap<string, ReadonlyMap<string, Role>>;
};

/** @param userIds whose grants are read: those of everybody are as many as their owners like */
export type ReadServerList = (userIds: readonly string[]) => Promise<{
  servers: readonly SharedServer[];
  grants: ReadonlyArray<{ serverId: string; userId: string; role: Role }>;
}>;

export type ServerListWatch = {
  /**
   * The list from now on: as it is, then each time that it differs. Ends when `signal` aborts; fails when it cannot be read.
   * @param userId whose roles it has; null: for somebody who sees all servers without a role
   */
  follow(userId: string | null, signal: AbortSignal): AsyncGenerator<ServerList, void, void>;
};

/** @param onChange subscribes to writes by this process; returns the unsubscribe function */
export function createServerListWatch({
  read,
  onChange,
  clock,
}: {
  read: ReadServerList;
  onChange: (listener: () => void) => () => void;
  clock: Clock;
}): ServerListWatch {
  let latest: ServerList = {
    revision: 0,
    servers: [],
    changed: [],
    ids: new Set(),
    roles: new Map(),
  };
  /** The error of the last read, until one succeeds. */
  let failure: { cause: unknown } | null = null;
  const followers = new Map<() => void, string | null>();
  let reading: Promise<void> | null = null;
  let queued: Promise<void> | null = null;
  let stop: AbortController | null = null;

  const followedIds = (): string[] => [...new Set(followers.values())].filter((id) => id !== null);

  const readNow = async (): Promise<void> => {
    try {
      const next = listAfter(latest, await read(followedIds()));
      failure = null;
      if (next === latest) return;
      latest = next;
    } catch (cause) {
      failure = { cause };
    }
    for (const wake of followers.keys()) wake();
  };

  /** Resolves after a reading that began after this call; all who wait share it. */
  const readFresh = (): Promise<void> => {
    if (reading === null) {
      reading = readNow().finally(() => {
        reading = null;
      });
      return reading;
    }
    queued ??= reading.then(() => {
      queued = null;
      return readFresh();
    });
    return queued;
  };

  const keepReading = async (signal: AbortSignal): Promise<void> => {
    const changed = createSignal(clock, signal);
    const unsubscribe = onChange(changed.notify);
    while (!signal.aborted) {
      changed.reset();
      await readFresh();
      await changed.wait(READ_AGAIN_MS);
      await pause(clock, GATHER_MS, signal);
    }
    unsubscribe();
    changed.dispose();
  };

  const enter = (wake: () => void, userId: string | null): void => {
    followers.set(wake, userId);
    if (stop !== null) return;
    stop = new AbortController();
    void keepReading(stop.signal);
  };
  const leave = (wake: () => void): void => {
    followers.delete(wake);
    if (followers.size > 0) return;
    stop?.abort();
    stop = null;
  };

  return {
    async *follow(userId, signal) {
      if (signal.aborted) return;
      let wake = () => {};
      const onAbort = () => wake();
      enter(onAbort, userId);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        // An earlier read may show servers that this person has lost access to.
        await readFresh();
        let told = -1;
        while (!signal.aborted) {
          if (failure !== null) throw failure.cause;
          if (latest.revision !== told) {
            told = latest.revision;
            yield latest;
          } else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
        leave(onAbort);
      }
    },
  };
}

/** The next list; `before` itself when nothing differs. What stays the same is taken over, so that many lists share it. */
function listAfter(before: ServerList, { servers, grants }: Awaited<ReturnType<ReadServerList>>): ServerList {
  const revision = before.revision + 1;
  const known = new Map(before.servers.map((one) => [one.server.id, one]));
  const changed: ListedServer[] = [];
  const listed = servers.map((server) => {
    const earlier = known.get(server.id);
    if (earlier !== undefined && JSON.stringify(earlier.server) === JSON.stringify(server)) return earlier;
    const now = { server, revision };
    changed.push(now);
    return now;
  });
  const isSameSet =
    listed.length === before.ids.size && listed.every(({ server }) => before.ids.has(server.id));
  const roles = rolesAfter(before.roles, grants);
  if (isSameSet && changed.length === 0 && roles === before.roles && before.revision > 0) return before;
  return {
    revision,
    servers: listed,
    changed,
    ids: isSameSet ? before.ids : new Set(listed.map(({ server }) => server.id)),
    roles,
  };
}

function rolesAfter(
  before: ServerList['roles'],
  grants: Awaited<ReturnType<ReadServerList>>['grants'],
): ServerList['roles'] {
  const next = new Map<string, Map<string, Role>>();
  for (const { userId, serverId, role } of grants) {
    const held = next.get(userId) ?? new Map<string, Role>();
    next.set(userId, held.set(serverId, role));
  }
  let isSame = next.size === before.size;
  const shared = new Map<string, ReadonlyMap<string, Role>>();
  for (const [userId, held] of next) {
    const earlier = before.get(userId);
    const stays =
      earlier !== undefined &&
      earlier.size === held.size &&
      [...held].every(([serverId, role]) => earlier.get(serverId) === role);
    shared.set(userId, stays ? earlier : held);
    isSame &&= stays;
  }
  return isSame ? before : shared;
}
