// The config of OpenClaw for clients: read, schema lookup, preview, change and restore.
import { type ConfigChange, type ConfigIssue, configNode, openclawConfig } from '@buoy/contract';
import { type ConfigObject, isHidden, isObject, patchBetween, pathText } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { createOneATurn } from '../../lib/one-a-turn.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { GatewayCall, Reader } from '../reads/reader.ts';
import type { ConfigHistory } from './history.ts';
import type { HostConfigs } from './host-config.ts';
import { expectUsualPatch, wantedChanges } from './patch-changes.ts';
import { type ConfigReading, readConfig } from './read-config.ts';
import { holdsHidden, redactConfig } from './redact-config.ts';
import { findNode, reloadKindAt } from './schema-node.ts';
import type { ConfigWriter, PatchedConfig } from './writer.ts';
import { stale } from './writer-refusals.ts';

type Limits = { signal: AbortSignal };

/** Milliseconds for the file over SSH beside the gateway's answer. */
const FILE_MS = 1_000;
/** Milliseconds of a dry run by OpenClaw's command: measured 2 to 6 s. */
const CHECK_MS = 30_000;
/** Schema lookups for one change, 1 ms each. */
const MAX_LOOKUPS = 50;
/** UTF-16 units of a change that is searched for secrets before anything else is done with it, and paths of a longer one that are noted. */
const MAX_NOTED = 65_536;
const MAX_NOTED_PATHS = 100;

export function createConfigFeature({
  reader,
  gateways,
  hostConfigs,
  history,
  writer,
}: {
  reader: Reader;
  gateways: Gateways;
  hostConfigs: HostConfigs;
  history: ConfigHistory;
  writer: ConfigWriter;
}) {
  const myTurn = createOneATurn();
  const callOf =
    (serverId: string, signal: AbortSignal): GatewayCall =>
    (method, params, schema) =>
      gateways.call(serverId, method, params, schema, { deadlineMs: CHANGE_MS, signal });

  return {
    /** Secrets masked. From the host: without the hash and without OpenClaw's validation. */
    read: (serverId: string, { signal }: Limits) =>
      reader.read(
        serverId,
        {
          what: 'config',
          schema: openclawConfig,
          async fromGateway(call) {
            const reading = await readConfig(call);
            if (reading.config !== null) return present(reading);
            // OpenClaw returns no content of a file that it rejects.
            const file = await hostConfigs.read(serverId, { deadlineMs: FILE_MS, signal }).catch(() => null);
            return present({
              ...reading,
              config: file?.config ?? null,
              problem: file?.problem ?? reading.problem,
            });
          },
          async fromHost(_call, limits) {
            const { config, problem, path } = await hostConfigs.read(serverId, limits);
            return {
              config,
              hash: null,
              valid: problem === null ? null : false,
              problem,
              issues: [],
              warnings: [],
              applied: null,
              path: fromHome(path),
            };
          },
        },
        { signal },
      ),

    /** @param path dotted, `*` for any name; empty for the whole. @throws AppError `not_found` */
    schema: (serverId: string, path: string, { signal }: Limits) =>
      reader.read(
        serverId,
        {
          what: `config/schema/${path}`,
          schema: z.object({ node: configNode }),
          fromGateway: async (call) => ({ node: await findNode(call, path) }),
          keep: 'memory',
        },
        { signal },
      ),

    /** Writes nothing. @throws AppError `stale_version` when the config is another one than `hash` */
    async preview(
      serverId: string,
      { patch, hash }: { patch: ConfigObject; hash?: string | undefined },
      { signal }: Limits,
    ): Promise<{
      changes: Array<ConfigChange & { needsRestart: boolean | null }>;
      valid: boolean;
      issues: ConfigIssue[];
      hash: string;
    }> {
      expectUsualPatch(patch);
      const call = callOf(serverId, signal);
      const now = await readConfig(call);
      if (hash !== undefined && now.hash !== null && now.hash !== hash)
        throw stale(now, await history.changesSince(serverId, hash, now));
      const { wanted, named } = await wantedChanges(now.config ?? {}, patch, () => myTurn(serverId));
      const [checked, kinds] = await Promise.all([
        Object.keys(wanted).length === 0
          ? { valid: now.valid, issues: now.issues }
          : hostConfigs.check(serverId, wanted, { deadlineMs: CHECK_MS, signal }),
        Promise.all(named.slice(0, MAX_LOOKUPS).map(({ keys }) => reloadKindAt(call, keys))),
      ]);
      return {
        changes: named.map(({ keys: _keys, ...change }, index) => {
          const kind = kinds[index] ?? null;
          return { ...change, needsRestart: kind === null ? null : kind === 'restart' };
        }),
        ...checked,
        hash: now.hash ?? '',
      };
    },

    /** Lists replace existing ones. @throws AppError as `patchConfig` does */
    async put(
      serverId: string,
      { patch, hash, note = null }: { patch: ConfigObject; hash: string; note?: string | null | undefined },
      by: string,
      { signal }: Limits,
    ): Promise<PatchedConfig> {
      return writer.patchConfig(
        serverId,
        { patch, replacesLists: true, baseHash: hash, by, note },
        { signal },
      );
    },

    /** Restores the config of `rev`, except OpenClaw's own bookkeeping and the secrets. */
    async rollback(
      serverId: string,
      { rev, note = null }: { rev: number; note?: string | null | undefined },
      by: string,
      { signal }: Limits,
    ): Promise<PatchedConfig & { missingSecrets: string[] }> {
      const target = await history.configAt(serverId, rev);
      const now = await readConfig(callOf(serverId, signal));
      if (now.config === null || now.hash === null)
        throw new AppError(
          'refused',
          'The config file itself is not valid, so OpenClaw does not change it.',
          {
            hint: 'Repair the file on the server first: `openclaw doctor --fix` restores the last valid one.',
            details: { issues: now.issues },
          },
        );
      await myTurn(serverId);
      const { patch, missing } = withoutMissing(patchBetween(now.config, target), now.config);
      const done = await writer.patchConfig(
        serverId,
        {
          patch,
          replacesLists: true,
          baseHash: now.hash,
          by,
          note: note ?? `Restored revision ${rev}`,
        },
        { signal },
      );
      return { ...done, missingSecrets: missing };
    },

    /** The body of a change as the audit log may keep it: of a long one what it changes, since the history has what became of it. */
    withoutSecrets: (body: { patch: ConfigObject }) => ({
      ...body,
      patch:
        JSON.stringify(body.patch).length <= MAX_NOTED
          ? redactConfig(body.patch)
          : {
              tooLong: true,
              paths: Object.entries(body.patch)
                .flatMap(([name, value]) =>
                  isObject(value)
                    ? Object.keys(value).map((inner) => pathText([name, inner]))
                    : [pathText([name])],
                )
                .slice(0, MAX_NOTED_PATHS),
            },
    }),

    history: history.list,
    diff: history.diff,
  };
}

/** A patch to an earlier config without the values that were masked in it and no longer exist. */
export function withoutMissing(
  patch: ConfigObject,
  now: ConfigObject,
  keys: readonly string[] = [],
): { patch: ConfigObject; missing: string[] } {
  const kept = new Map<string, unknown>();
  const missing: string[] = [];
  for (const [key, value] of Object.entries(patch)) {
    const path = [...keys, key];
    const old = now[key];
    if (isObject(value)) {
      const inner = withoutMissing(value, isObject(old) ? old : {}, path);
      missing.push(...inner.missing);
      if (Object.keys(inner.patch).length > 0 || Object.keys(value).length === 0) kept.set(key, inner.patch);
    } else if (isHidden(value) || (Array.isArray(value) && holdsHidden(value))) missing.push(pathText(path));
    else kept.set(key, value);
  }
  return { patch: Object.fromEntries(kept), missing };
}

function present({ path, ...reading }: ConfigReading) {
  return { ...reading, path: path === null ? null : fromHome(path) };
}

function fromHome(path: string): string {
  return path.replace(/^\/(?:home\/[^/]+|root)\//, '~/');
}
