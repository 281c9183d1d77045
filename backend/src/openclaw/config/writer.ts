// The one place that changes a config: one change at a time for a server, on the file that the caller saw, with its revision.
import type { ConfigChange } from '@buoy/contract';
import { type ConfigObject, isHidden } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { APPLY_MS, CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { explained, type Meaning } from '../gateway/refusals.ts';
import type { ConfigApplied } from './config-applied.ts';
import { changesBetween, listPaths } from './config-changes.ts';
import type { ChangeContext, ConfigHistory } from './history.ts';
import {
  expectUsualPatch,
  type NamedChange,
  namedChanges,
  refuseHiddenInLists,
  withoutHidden,
} from './patch-changes.ts';
import { type ConfigReading, configIssues, plain, readConfig } from './read-config.ts';
import { reloadKindAt } from './schema-node.ts';
import type { ServerLocks } from './server-locks.ts';

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

export type ConfigWriter = {
  /**
   * Patches the config, waits until the gateway has applied it and stores the revision. Throws AppError: `stale_version` when
   * the config is another one than `baseHash` (what changed in details), `refused` with OpenClaw's issues in details, or as any call.
   */
  patchConfig(
    serverId: string,
    patch: ConfigPatch,
    options: { signal?: AbortSignal },
  ): Promise<PatchedConfig>;
};

/** Milliseconds until a gateway that restarts for a change has applied it: measured 6 to 19 s, as long as a start on a small or busy server. */
const RESTART_MS = 90_000;
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

const refusals: Meaning[] = [
  { when: ({ message }) => message.startsWith('config changed since last load'), is: () => overtaken() },
  {
    when: ({ details }) => plain(configIssues.parse(details.issues)).length > 0,
    is: ({ message, details }) => invalid(message, plain(configIssues.parse(details.issues))),
  },
];

export function createConfigWriter({
  gateways,
  configApplied,
  history,
  locks,
}: {
  gateways: Gateways;
  configApplied: ConfigApplied;
  history: ConfigHistory;
  locks: ServerLocks;
}): ConfigWriter {
  const read = (serverId: string, signal: AbortSignal | undefined): Promise<ConfigReading> =>
    readConfig((method, params, schema) =>
      gateways.call(serverId, method, params, schema, { deadlineMs: CHANGE_MS, signal, retry: true }),
    );

  /** Earlier changes must not count as part of Buoy's own change. */
  const catchUp = (serverId: string, reading: ConfigReading): Promise<number> =>
    history.record(serverId, reading, () => ({ origin: 'outside', by: null, note: null }));

  /** The config once the gateway has applied it, or at the deadline; null when it does not answer. */
  async function settled(serverId: string, restart: boolean): Promise<ConfigReading | null> {
    try {
      await configApplied(serverId, { deadlineMs: restart ? RESTART_MS : APPLY_MS });
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
    return read(serverId, undefined).catch((error: unknown) => {
      if (isAppError(error)) return null;
      throw error;
    });
  }

  /** Whether the gateway restarts for these changes, where its answer does not say it. */
  async function restartsFor(serverId: string, changes: NamedChange[]): Promise<boolean> {
    for (const { keys } of changes.slice(0, MAX_LOOKUPS)) {
      const kind = await reloadKindAt(
        (method, params, schema) =>
          gateways.call(serverId, method, params, schema, { deadlineMs: CHANGE_MS }),
        keys,
      ).catch(() => null);
      if (kind === 'restart') return true;
    }
    return false;
  }

  /** Whether a change whose answer was lost is in the file: 2026.7.35 may restart for it before it answers. */
  async function stands(serverId: string, before: ConfigReading, wanted: ConfigObject): Promise<boolean> {
    const now = await settled(serverId, true);
    if (now?.config == null || now.hash === before.hash) return false;
    // A new secret cannot be told from the old one.
    return namedChanges(now.config, wanted).every(({ before: there }) => isHidden(there));
  }

  async function patchOnce(
    serverId: string,
    { patch, replacesLists = false, baseHash, by, note }: ConfigPatch,
    signal: AbortSignal | undefined,
  ): Promise<PatchedConfig> {
    expectUsualPatch(patch);
    const before = await read(serverId, signal);
    const rev = await catchUp(serverId, before);
    if (baseHash !== undefined && before.hash !== null && before.hash !== baseHash)
      throw stale(before, await history.changesSince(serverId, baseHash, before));
    const wanted = withoutHidden(patch);
    refuseHiddenInLists(wanted);
    const named = namedChanges(before.config ?? {}, wanted);
    const nothing: PatchedConfig = {
      hash: before.hash ?? '',
      changes: [],
      restart: false,
      applied: before.applied,
      rev,
    };
    if (Object.keys(wanted).length === 0) return nothing;
    const replacePaths = listPaths(wanted, before.config ?? {}, { replacesLists });
    // Not cancelled with the caller: a sent change may be written, and belongs in the history.
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
      if (isLost && (await stands(serverId, before, wanted))) return patched.parse({});
      throw error;
    });
    if (answer.noop === true) return nothing;
    const occasion: ChangeContext = { origin: 'buoy', by, note, paths: named.map(({ path }) => path) };
    const keep = (reading: ConfigReading) => history.record(serverId, reading, () => occasion);
    const written = await read(serverId, undefined).catch(() => null);
    const kept = written === null ? null : await keep(written);
    const told = answer.sentinel?.payload?.stats?.requiresRestart;
    const restart = told ?? (await restartsFor(serverId, named));
    const after = await settled(serverId, restart);
    const shown = written ?? after;
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
    patchConfig: (serverId, patch, { signal }) =>
      locks.run(serverId, async () => {
        if (signal?.aborted) throw new AppError('cancelled', 'The call was cancelled.');
        for (let attempt = 1; ; attempt += 1) {
          try {
            return await patchOnce(serverId, patch, signal);
          } catch (error) {
            if (!isAppError(error, 'conflict')) throw error;
            if (patch.baseHash === undefined && attempt < MAX_ATTEMPTS) continue;
            const now = await read(serverId, signal);
            await catchUp(serverId, now);
            const { baseHash } = patch;
            throw stale(
              now,
              baseHash === undefined ? null : await history.changesSince(serverId, baseHash, now),
            );
          }
        }
      }),
  };
}

function overtaken(): AppError {
  return new AppError('conflict', 'The config was changed at the same time.');
}

export function stale(now: ConfigReading, changes: ConfigChange[] | null): AppError {
  return new AppError('stale_version', 'The config has changed since you read it; nothing was written.', {
    hint: 'Check what changed, then send your change again with the new hash.',
    details: { hash: now.hash, changes },
  });
}

function invalid(message: string, issues: Array<{ path: string; message: string }>): AppError {
  const isFile = message.includes('before patching');
  return new AppError(
    'refused',
    isFile
      ? 'The config file itself is not valid, so OpenClaw does not change it.'
      : 'OpenClaw rejected this config; nothing was written.',
    {
      hint: isFile ? 'Repair the file on the server first.' : 'The details list each problem with its path.',
      details: { issues, openclaw: { message } },
    },
  );
}

/** 2026.7.35 accepts 3 changes in a minute, 2026.9.6 accepts 30. */
const busy = z.looseObject({
  openclaw: z.looseObject({ message: z.string().startsWith('rate limit exceeded') }),
  retryAfterMs: z.number().catch(60_000),
});

function tooMany(error: unknown): AppError | null {
  if (!isAppError(error, 'gateway_unavailable')) return null;
  const { data } = busy.safeParse(error.details);
  if (data === undefined) return null;
  const retryAfterS = Math.max(1, Math.ceil(data.retryAfterMs / 1_000));
  return new AppError('rate_limited', 'OpenClaw accepts no more config changes right now.', {
    hint: `Wait ${retryAfterS} s, or combine several changes into one.`,
    details: { retryAfterS },
    cause: error,
  });
}
