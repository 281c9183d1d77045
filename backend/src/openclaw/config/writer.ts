// The one place that changes a config: one change at a time for a server, on the file that the caller saw, with its revision.
import type { ConfigChange } from '@buoy/contract';
import { type ConfigObject, isHidden } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { createOneATurn } from '../../lib/one-a-turn.ts';
import { APPLY_MS, CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { explained } from '../gateway/refusals.ts';
import type { ConfigApplied } from './config-applied.ts';
import { changesBetween, listPaths } from './config-changes.ts';
import type { ChangeContext, ConfigHistory } from './history.ts';
import { expectUsualPatch, type NamedChange, namedChanges, wantedChanges } from './patch-changes.ts';
import { type ConfigReading, readConfig } from './read-config.ts';
import { reloadKindAt } from './schema-node.ts';
import type { ServerLocks } from './server-locks.ts';
import { refusals, stale, tooMany } from './writer-refusals.ts';

export type ConfigPatch = {
  /** Merged as OpenClaw does it: objects deep, entries with an id by that, other lists as a whole; null removes. A mask keeps the current value. */
  patch: ConfigObject;
  /** Lists of entries with ids are replaced as a whole, too. */
  replacesLists?: boolean;
  /** The hash of the config that the caller saw; without it the patch applies to any config. */
  baseHash?: string;
  /** The user who makes the change. */
  by: string | null;
  /** Why, in words for the history; OpenClaw does not get it. */
  note: string | null;
};

export type PatchedConfig = {
  hash: string;
  changes: ConfigChange[];
  restart: boolean;
  /** False when the gateway did not apply it before the deadline: the file is written in any case. null: the version does not report it. */
  applied: boolean | null;
  /** 0 when OpenClaw reports no hash. */
  rev: number;
};

export type ChangeOptions = {
  signal?: AbortSignal | undefined;
  /** Asked right before the change is sent, for which it may have waited long; it throws when it may not be sent any more. */
  mayWrite?: (() => Promise<unknown>) | undefined;
};

export type ConfigWriter = {
  /**
   * Patches the config, waits until the gateway has applied it and stores the revision. Throws AppError: `stale_version` when
   * the config is another one than `baseHash` (what changed in details), `refused` with OpenClaw's issues in details, or as any call.
   */
  patchConfig(serverId: string, patch: ConfigPatch, options: ChangeOptions): Promise<PatchedConfig>;
};

/** Milliseconds until a gateway that restarts for a change has applied it: measured 6 to 19 s, as long as a start on a small or busy server. */
const RESTART_MS = 90_000;
/** Milliseconds from the moment a change is sent until it ends, whatever the gateway does: a restart, and the calls around it. */
const CHANGE_TOTAL_MS = RESTART_MS + 2 * CHANGE_MS;
/** Schema lookups for one change, 1 ms each. */
const MAX_LOOKUPS = 50;
/** Attempts while others change the config concurrently. */
const MAX_ATTEMPTS = 3;

const patched = z.looseObject({
  noop: z.boolean().optional().catch(undefined),
  hash: z.string().nullish().catch(null),
  sentinel: z
    .looseObject({
      payload: z
        .looseObject({ stats: z.looseObject({ requiresRestart: z.boolean().nullish() }).nullish() })
        .nullish(),
    })
    .nullish()
    .catch(null),
});

export function createConfigWriter({
  gateways,
  configApplied,
  history,
  locks,
  clock,
}: {
  gateways: Gateways;
  configApplied: ConfigApplied;
  history: ConfigHistory;
  locks: ServerLocks;
  clock: Clock;
}): ConfigWriter {
  const myTurn = createOneATurn();

  /** What is left, each time it is asked, of `wholeMs` milliseconds that begin now. */
  const limitOf = (wholeMs: number): (() => number) => {
    const endsAt = clock.now() + wholeMs;
    return () => Math.max(0, endsAt - clock.now());
  };

  const read = (
    serverId: string,
    { signal, leftMs = CHANGE_MS }: { signal?: AbortSignal | undefined; leftMs?: number },
  ): Promise<ConfigReading> =>
    readConfig((method, params, schema) =>
      gateways.call(serverId, method, params, schema, {
        deadlineMs: Math.min(CHANGE_MS, leftMs),
        signal,
        retry: true,
      }),
    );

  /** Earlier changes must not count as part of Buoy's own change. */
  const catchUp = (serverId: string, reading: ConfigReading): Promise<number> =>
    history.record(serverId, reading, () => ({ origin: 'outside', by: null, note: null }));

  /** The config once the gateway has applied it, or at the deadline; null when it does not answer. */
  async function settled(
    serverId: string,
    restart: boolean,
    leftMs: () => number,
  ): Promise<ConfigReading | null> {
    try {
      await configApplied(serverId, { deadlineMs: Math.min(restart ? RESTART_MS : APPLY_MS, leftMs()) });
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
    return read(serverId, { leftMs: leftMs() }).catch((error: unknown) => {
      if (isAppError(error)) return null;
      throw error;
    });
  }

  /** Whether the gateway restarts for these changes, where its answer does not say it. */
  async function restartsFor(
    serverId: string,
    changes: NamedChange[],
    leftMs: () => number,
  ): Promise<boolean> {
    const deadlineMs = limitOf(Math.min(CHANGE_MS, leftMs()));
    for (const { keys } of changes.slice(0, MAX_LOOKUPS)) {
      if (deadlineMs() === 0) return false;
      const kind = await reloadKindAt(
        (method, params, schema) =>
          gateways.call(serverId, method, params, schema, { deadlineMs: deadlineMs() }),
        keys,
      ).catch(() => null);
      if (kind === 'restart') return true;
    }
    return false;
  }

  /** Whether a change whose answer was lost is in the file: 2026.7.35 may restart for it before it answers. */
  async function stands(
    serverId: string,
    before: ConfigReading,
    wanted: ConfigObject,
    leftMs: () => number,
  ): Promise<boolean> {
    const now = await settled(serverId, true, leftMs);
    if (now?.config == null || now.hash === before.hash) return false;
    await myTurn(serverId);
    // A new secret cannot be told from the old one.
    return namedChanges(now.config, wanted).every(({ before: there }) => isHidden(there));
  }

  async function patchOnce(
    serverId: string,
    { patch, replacesLists = false, baseHash, by, note }: ConfigPatch,
    { signal, mayWrite }: ChangeOptions,
  ): Promise<PatchedConfig> {
    expectUsualPatch(patch);
    const before = await read(serverId, { signal });
    const rev = await catchUp(serverId, before);
    if (baseHash !== undefined && before.hash !== null && before.hash !== baseHash)
      throw stale(before, await history.changesSince(serverId, baseHash, before));
    const { wanted, named } = await wantedChanges(before.config ?? {}, patch, () => myTurn(serverId));
    const nothing: PatchedConfig = {
      hash: before.hash ?? '',
      changes: [],
      restart: false,
      applied: before.applied,
      rev,
    };
    if (Object.keys(wanted).length === 0) return nothing;
    const replacePaths = listPaths(wanted, before.config ?? {}, { replacesLists });
    await mayWrite?.();
    signal?.throwIfAborted();
    // Not cancelled with the caller: a sent change may be written, and belongs in the history.
    const leftMs = limitOf(CHANGE_TOTAL_MS);
    const answer = await explained(
      gateways.call(
        serverId,
        'config.patch',
        {
          raw: JSON.stringify(wanted),
          ...(before.hash === null ? {} : { baseHash: before.hash }),
          ...(replacePaths.length === 0 ? {} : { replacePaths }),
        },
        patched,
        { deadlineMs: CHANGE_MS },
      ),
      refusals,
    ).catch(async (error: unknown) => {
      const tooOften = tooMany(error);
      if (tooOften !== null) throw tooOften;
      const isLost = isAppError(error, 'gateway_unavailable', 'deadline');
      if (isLost && (await stands(serverId, before, wanted, leftMs))) return patched.parse({});
      throw error;
    });
    if (answer.noop === true) return nothing;
    const occasion: ChangeContext = { origin: 'buoy', by, note, paths: named.map(({ path }) => path) };
    const keep = (reading: ConfigReading) => history.record(serverId, reading, () => occasion);
    const written = await read(serverId, { leftMs: leftMs() }).catch(() => null);
    const kept = written === null ? null : await keep(written);
    const told = answer.sentinel?.payload?.stats?.requiresRestart;
    const restart = told ?? (await restartsFor(serverId, named, leftMs));
    const after = await settled(serverId, restart, leftMs);
    const shown = written ?? after;
    await myTurn(serverId);
    const seen = shown?.config == null ? [] : changesBetween(before.config ?? {}, shown.config);
    const paths = new Set(seen.map(({ path }) => path));
    return {
      hash: after?.hash ?? shown?.hash ?? answer.hash ?? '',
      changes: [
        ...seen,
        ...named.filter(({ path }) => !paths.has(path)).map(({ keys: _keys, ...change }) => change),
      ],
      restart,
      applied: after === null ? false : after.applied,
      rev: kept ?? (after === null ? rev : await keep(after)),
    };
  }

  return {
    patchConfig: (serverId, patch, options) => {
      const { signal } = options;
      const work = async (): Promise<PatchedConfig> => {
        for (let attempt = 1; ; attempt += 1) {
          try {
            return await patchOnce(serverId, patch, options);
          } catch (error) {
            if (!isAppError(error, 'conflict')) throw error;
            if (patch.baseHash === undefined && attempt < MAX_ATTEMPTS) continue;
            const now = await read(serverId, { signal });
            await catchUp(serverId, now);
            const { baseHash } = patch;
            throw stale(
              now,
              baseHash === undefined ? null : await history.changesSince(serverId, baseHash, now),
            );
          }
        }
      };
      return locks.run(serverId, work, signal);
    },
  };
}
