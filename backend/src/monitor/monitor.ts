// The monitor: checks all servers once in each interval, a few at a time and in turn by owner, one when something happens to it,
// and one immediately on request.
import type { Alerts } from '../alerts/alerts.ts';
import { evaluateUpdates } from '../alerts/conditions.ts';
import type { FailedUpdate } from '../alerts/update-failed.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { createFairSlots } from '../lib/fair-slots.ts';
import type { LoadThrottle } from '../lib/load-throttle.ts';
import type { Logger } from '../lib/logger.ts';
import { pause } from '../lib/pause.ts';
import { createSharedWork } from '../lib/shared-work.ts';
import type { Signal } from '../lib/signal.ts';
import type { Ssh } from '../ssh/ssh.ts';
import type { CheckOutcome, CheckServer } from './check-server.ts';
import { createEventChecks } from './event-checks.ts';
import type { LastRound, MonitoredServer, MonitorStore } from './monitor.store.ts';

/** Milliseconds after a start in which no round begins: Buoy serves its people first. */
const AFTER_START_MS = 15_000;
/** Milliseconds between the beginnings of two checks in a round, behind the first few: checks in between leave room for the calls of people. */
const CHECK_APART_MS = 50;
/** The share of an interval in which all checks of a round begin, however many there are. */
const BEGINNINGS_SHARE = 0.5;
/** Milliseconds between two checks of clock and database: the machine may be suspended, and another Buoy may take the round. */
const WAIT_MS = { min: 1_000, max: 60_000 };

export type Monitor = {
  /**
   * Starts the rounds. The first round of a new database is one interval later: adding a server already runs its first test,
   * and a Buoy that runs for minutes, as in a test, makes no connections by itself.
   */
  start(): void;
  /**
   * Checks one server now, trying to connect also where Buoy pauses to; joins such a check that runs. Throws when `signal` aborts.
   */
  checkNow(serverId: string, signal: AbortSignal): Promise<void>;
  /** Something happened to that server: it is checked now, and again until its gateway has started or stopped. */
  checkOnEvent(serverId: string): void;
  /** An update of that server ended: its alert begins or ends now, also where the server does not answer. */
  checkUpdates(serverId: string): void;
  /** When the last round ended, and how long it took. */
  lastRound(): Promise<LastRound>;
  /** Aborts running checks and resolves when none is running. */
  close(): Promise<void>;
};

/**
 * @param parts.intervalMs milliseconds between the beginnings of two rounds
 * @param parts.maxAtOnce servers that are probed at the same time
 */
export function createMonitor(parts: {
  store: MonitorStore;
  check: CheckServer;
  alerts: Pick<Alerts, 'forgetOld' | 'record'>;
  /** The updates of a server whose last try failed. */
  failedUpdates: (serverId: string) => Promise<FailedUpdate[]>;
  ssh: Pick<Ssh, 'state' | 'reset'>;
  /** A round of this Buoy has ended, and that is stored. */
  onRoundEnded: () => void;
  /** Resolves when a probe may begin. */
  throttle: LoadThrottle;
  intervalMs: number;
  maxAtOnce: number;
  clock: Clock;
  logger: Logger;
}): Monitor {
  const { throttle, store, check, alerts, failedUpdates, ssh, intervalMs, maxAtOnce, clock, logger } = parts;
  const ending = new AbortController();
  const { signal } = ending;
  let stopTimer = () => {};
  let working = Promise.resolve();

  const wait = (delayMs: number): void => {
    if (signal.aborted) return;
    stopTimer = clock.after(delayMs, () => {
      working = work();
    });
  };

  const work = async (): Promise<void> => {
    let delayMs = WAIT_MS.max;
    try {
      const startedAt = clock.now();
      const next = startedAt + intervalMs;
      let dueAt = Date.parse(await store.dueAt(isoTime(next)));
      if (dueAt <= startedAt && (await store.take(isoTime(startedAt), isoTime(next)))) {
        await runRound();
        dueAt = next;
      }
      delayMs = dueAt - clock.now();
    } catch (error) {
      if (!signal.aborted) logger.error({ err: error }, 'a monitoring round failed');
    }
    wait(Math.min(WAIT_MS.max, Math.max(WAIT_MS.min, delayMs)));
  };

  const slots = createFairSlots({ limit: maxAtOnce });
  /**
   * Running checks by the person who entered the server: servers that take longer than an interval do not delay the
   * next round of others. Only in this process: another Buoy that takes the next round may check such servers concurrently.
   */
  const runs = new Map<string, { startedAt: number; ended: Promise<void> }>();

  let runEnded = Promise.withResolvers<void>();

  /** As one of those of a round. Does not throw: it logs what it could not store. */
  const checkInTurn = async (
    { serverId, enteredBy, everAnswered }: MonitoredServer,
    event?: Signal,
  ): Promise<CheckOutcome> => {
    const inTurn = async <T>(probe: () => Promise<T>): Promise<T> => {
      const release = await slots.acquire(enteredBy, signal);
      try {
        await throttle(signal);
        signal.throwIfAborted();
        return await probe();
      } finally {
        release();
      }
    };
    try {
      return await check(serverId, { signal, atOnce: false, briefly: !everAnswered, inTurn, event });
    } catch (error) {
      if (!signal.aborted) logger.error({ serverId, err: error }, 'could not store the result of a check');
      return { isSettled: true };
    }
  };

  const eventChecks = createEventChecks({
    async check(serverId, event) {
      const server = await store.server(serverId).catch((error: unknown) => {
        logger.error({ serverId, err: error }, 'could not read what to check');
        return undefined;
      });
      return server === undefined ? { isSettled: true } : checkInTurn(server, event);
    },
    clock,
  });

  const checkAll = async (
    enteredBy: string,
    servers: readonly MonitoredServer[],
    delayMsOf: ReadonlyMap<string, number>,
  ): Promise<void> => {
    await Promise.all(
      servers.map(async (server) => {
        await pause(clock, delayMsOf.get(server.serverId) ?? 0, signal);
        const { isSettled } = await checkInTurn(server);
        if (!isSettled) eventChecks.request(server.serverId);
      }),
    );
    runs.delete(enteredBy);
    runEnded.resolve();
    runEnded = Promise.withResolvers();
  };

  const runRound = async (): Promise<void> => {
    const all = await store.servers();
    const due = Map.groupBy(all, ({ enteredBy }) => enteredBy);
    const apartMs = Math.min(CHECK_APART_MS, (intervalMs * BEGINNINGS_SHARE) / all.length);
    const roundEnd = new AbortController();
    const intervalOver = pause(clock, intervalMs, AbortSignal.any([signal, roundEnd.signal])).then(
      () => true,
    );
    let isOver = false;
    let longestMs = 0;
    while (!isOver && runs.size + due.size > 0) {
      const ready = [...due].filter(([enteredBy]) => !runs.has(enteredBy));
      const delayMsOf = delaysInTurn(
        ready.map(([, servers]) => servers),
        { atOnce: maxAtOnce, apartMs },
      );
      for (const [enteredBy, servers] of ready) {
        runs.set(enteredBy, { startedAt: clock.now(), ended: checkAll(enteredBy, servers, delayMsOf) });
        due.delete(enteredBy);
      }
      const oldest = Math.min(...[...runs.values()].map(({ startedAt }) => startedAt));
      isOver = await Promise.race([intervalOver, runEnded.promise.then(() => false)]);
      longestMs = Math.max(longestMs, clock.now() - oldest);
    }
    roundEnd.abort();
    signal.throwIfAborted();
    await alerts.forgetOld();
    await store.ended(isoTime(clock.now()), longestMs);
    parts.onRoundEnded();
  };

  const checkNow = createSharedWork(async (serverId, callersSignal) => {
    const state = ssh.state(serverId);
    if (state === 'backing_off' || state === 'circuit_open') ssh.reset(serverId);
    await check(serverId, { signal: AbortSignal.any([signal, callersSignal]), atOnce: true });
  });

  const storeUpdates = async (serverId: string): Promise<void> => {
    // It may have been deleted meanwhile.
    if ((await store.server(serverId)) === undefined) return;
    await alerts.record(serverId, evaluateUpdates(await failedUpdates(serverId)));
  };
  const storing = new Set<Promise<void>>();

  return {
    start: () => wait(AFTER_START_MS),

    checkNow,

    checkOnEvent: eventChecks.request,

    checkUpdates(serverId) {
      const stored = storeUpdates(serverId)
        .catch((error: unknown) => {
          logger.error({ serverId, err: error }, 'could not store how an update ended');
        })
        .finally(() => storing.delete(stored));
      storing.add(stored);
    },

    lastRound: () => store.last(),

    async close() {
      ending.abort(new AppError('shutting_down', 'Buoy is stopping.'));
      stopTimer();
      await Promise.all([working, eventChecks.close()]);
      await Promise.all(storing);
      await Promise.all([...runs.values()].map(({ ended }) => ended));
    },
  };
}

/** Milliseconds before the check of each server begins: one of each person in turn, the first few at once and the others some time apart. */
function delaysInTurn(
  byPerson: readonly (readonly MonitoredServer[])[],
  { atOnce, apartMs }: { atOnce: number; apartMs: number },
): ReadonlyMap<string, number> {
  const delays = new Map<string, number>();
  const most = Math.max(0, ...byPerson.map(({ length }) => length));
  for (let turn = 0; turn < most; turn += 1)
    for (const servers of byPerson) {
      const server = servers[turn];
      if (server !== undefined) delays.set(server.serverId, Math.max(0, delays.size - atOnce) * apartMs);
    }
  return delays;
}
