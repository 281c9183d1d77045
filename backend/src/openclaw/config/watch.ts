// Detects config changes outside of Buoy: reads the hash over each kept gateway connection. No event reports them (2026.9.6).
import { isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { LASTING_MS } from '../gateway/back-off.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { ChangeContext, ConfigHistory } from './history.ts';
import type { HostConfigs } from './host-config.ts';
import { readChangedConfig } from './read-config.ts';
import type { RevisionRow } from './revisions.store.ts';
import type { ServerLocks } from './server-locks.ts';

/** Milliseconds between two checks; each takes 1 ms of the gateway. An edit must be in the history within 5 s, but for one right after a short connection. */
const CHECK_INTERVAL_MS = 2_000;
/** Milliseconds after the last check to the first one over a new connection, except after one that had lasted: a gateway may come and go. */
const FIRST_CHECK_MS = 15_000;
/** Changes of one server that are stored as soon as they are detected, and milliseconds in which it may have one more of them. */
const MAX_QUICK_CHANGES = 10;
const CHANGE_MS = 60_000;
/** Milliseconds of one check. */
const CHECK_MS = 5_000;
/** A host reports whole seconds. */
const CLOCK_SLACK_MS = 1_000;

export type ConfigWatch = {
  /** Aborts all checks and resolves when none is running. */
  close(): Promise<void>;
};

export function watchConfigs({
  gateways,
  hostConfigs,
  history,
  locks,
  clock,
  logger,
}: {
  gateways: Gateways;
  hostConfigs: Pick<HostConfigs, 'repairedAgoS'>;
  history: ConfigHistory;
  locks: ServerLocks;
  clock: Clock;
  logger: Logger;
}): ConfigWatch {
  const watched = new Map<string, { cancel: () => void; seen: string | null; since: number }>();
  /** Server → when its config was last checked, also of servers that are not connected now. */
  const checkedAt = new Map<string, number>();
  /** Server → until when its changes so far would take, one in CHANGE_MS; also of servers that are not connected now. */
  const paidUntil = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  const ending = new AbortController();

  /** Milliseconds until the next change of the server may be stored. */
  const restMs = (serverId: string): number =>
    (paidUntil.get(serverId) ?? 0) - clock.now() - MAX_QUICK_CHANGES * CHANGE_MS;

  function countChange(serverId: string): void {
    const now = clock.now();
    for (const [id, until] of paidUntil) if (until <= now) paidUntil.delete(id);
    paidUntil.set(serverId, Math.max(now, paidUntil.get(serverId) ?? 0) + CHANGE_MS);
  }

  /** Milliseconds from connecting to the first check. */
  function firstCheckMs(serverId: string): number {
    const now = clock.now();
    for (const [id, at] of checkedAt) if (now - at >= FIRST_CHECK_MS) checkedAt.delete(id);
    const at = checkedAt.get(serverId);
    return at === undefined ? 0 : at + FIRST_CHECK_MS - now;
  }

  function schedule(serverId: string, atLeastMs: number): void {
    const watch = watched.get(serverId);
    if (watch === undefined || ending.signal.aborted) return;
    watch.cancel();
    watch.cancel = clock.after(Math.max(atLeastMs, restMs(serverId)), () => {
      // A change through Buoy also stores the revision.
      const checking = locks.isTaken(serverId) ? Promise.resolve() : checkQuietly(serverId);
      underWay.add(checking);
      void checking.finally(() => {
        underWay.delete(checking);
        if (watched.get(serverId) === watch) schedule(serverId, CHECK_INTERVAL_MS);
      });
    });
  }

  async function checkQuietly(serverId: string): Promise<void> {
    try {
      await locks.run(serverId, () => check(serverId));
    } catch (error) {
      if (isAppError(error)) logger.debug({ serverId, err: error }, 'could not check the config for changes');
      else logger.warn({ serverId, err: error }, 'could not store a config change');
    }
  }

  async function check(serverId: string): Promise<void> {
    const watch = watched.get(serverId);
    if (watch === undefined) return;
    checkedAt.set(serverId, clock.now());
    const last = await history.latest(serverId);
    // Buoy may have changed it since the last check, and someone reverted that.
    const known = watch.seen === last?.hash ? watch.seen : null;
    const reading = await readChangedConfig(
      (method, params, schema) =>
        gateways.call(serverId, method, params, schema, { deadlineMs: CHECK_MS, signal: ending.signal }),
      known,
    );
    if (reading === null) return;
    if (reading.hash === null) return countChange(serverId);
    // A restored file has its earlier hash: only OpenClaw's copy of the broken one shows the repair.
    const mayBeBack = last !== null && reading.valid && (watch.seen === null || last.problem !== null);
    const isBack = mayBeBack && (await isPutBack(serverId, last));
    const rev = await history.record(serverId, reading, () => occasion(last, isBack), { even: isBack });
    if (rev !== (last?.rev ?? 0)) countChange(serverId);
    watch.seen = reading.hash;
  }

  /** Whether OpenClaw has replaced a broken file by its last good one since the last revision. */
  async function isPutBack(serverId: string, last: RevisionRow): Promise<boolean> {
    const limits = { deadlineMs: CHECK_MS, signal: ending.signal };
    const agoS = await hostConfigs.repairedAgoS(serverId, limits).catch(() => null);
    return agoS !== null && clock.now() - agoS * 1_000 > Date.parse(last.at) - CLOCK_SLACK_MS;
  }

  const stopListening = gateways.onStateChange((serverId, state) => {
    const before = watched.get(serverId);
    before?.cancel();
    watched.delete(serverId);
    if (before !== undefined && clock.now() - before.since >= LASTING_MS) checkedAt.delete(serverId);
    if (state !== 'connected') return;
    watched.set(serverId, { cancel: () => {}, seen: null, since: clock.now() });
    schedule(serverId, firstCheckMs(serverId));
  });

  return {
    async close() {
      stopListening();
      ending.abort();
      for (const { cancel } of watched.values()) cancel();
      watched.clear();
      await Promise.all(underWay);
    },
  };
}

function occasion(last: RevisionRow | null, isBack: boolean): ChangeContext {
  if (last === null) return { origin: 'outside', by: null, note: 'First config that Buoy read' };
  return isBack
    ? { origin: 'openclaw', by: null, note: 'OpenClaw restored the last config that it could read' }
    : { origin: 'outside', by: null, note: null };
}
