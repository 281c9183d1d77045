// The last config that was known to work: a copy that OpenClaw keeps beside its file, or one of Buoy's revisions.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { ConfigChange } from '@buoy/contract';
import {
  type ConfigObject,
  hiddenInConfig,
  isHidden,
  isObject,
  isSame,
  withoutBookkeeping,
} from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { isoTime } from '../../lib/clock.ts';
import { createOneATurn } from '../../lib/one-a-turn.ts';
import type { CallOptions } from '../../ssh/ssh.ts';
import { changesBetween } from '../config/config-changes.ts';
import type { ConfigHistory } from '../config/history.ts';
import { parseConfigFile } from '../config/host-config.ts';
import { parseJson } from '../gateway/json-limits.ts';
import type { RunAsGateway } from '../host/as-gateway.ts';
import type { GatewayFiles } from '../host/gateway-files.ts';
import type { Installations } from '../host/installation.ts';

const listScript = readFileSync(new URL('earlier-configs.sh', import.meta.url), 'utf8');

/** Bytes: as of a config that is shown. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;
/** UTF-16 units of a revision that is sent: Linux takes 128 KiB for one argument, and the largest config seen has 12 KB. */
const MAX_REVISION = 32_000;
/** Changes that are shown, and UTF-16 units of them. */
const MAX_CHANGES = 100;
const MAX_SHOWN = 100_000;

/** Names of copies behind that of the config file, as OpenClaw 2026.9.6 writes them. */
const copyNames = ['last-good', 'bak', 'bak.1', 'bak.2', 'bak.3', 'bak.4'] as const;
const sum = z.string().regex(/^[0-9a-f]{64}$/);

/** What a rollback goes back to, and what it replaces: exactly these. */
export const configRollbackInput = z.strictObject({
  /** SHA-256 of the file that is there now. */
  present: sum,
  target: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('copy'), name: z.enum(copyNames), sha256: sum }),
    z.strictObject({ kind: z.literal('revision'), rev: z.number().int().positive() }),
  ]),
});
export type ConfigRollbackInput = z.output<typeof configRollbackInput>;

export type EarlierConfig = {
  /** null: there is none. */
  input: ConfigRollbackInput | null;
  /** Why there is none, in a sentence; null: there is one. */
  missing: string | null;
  /** Absolute, on the server. */
  path: string;
  /** When it was written, or Buoy first saw it, ISO 8601. */
  at: string;
  /** Secrets masked; null: the present file cannot be read. */
  changes: ConfigChange[] | null;
};

type Copy = { name: 'present' | (typeof copyNames)[number]; sha256: string; at: string };
const copyLine = /^([0-9a-f]{64}) (\d{1,10}) (\d{1,12}) ([a-z0-9.-]+)$/;

export type FindEarlierConfig = (serverId: string, options: CallOptions) => Promise<EarlierConfig>;

/** @throws AppError those of an unreachable server, `not_found` without a config, and `refused` where the account of the gateway is out of reach */
export function createFindEarlierConfig({
  installations,
  runAsGateway,
  gatewayFiles,
  history,
}: {
  installations: Pick<Installations, 'find'>;
  runAsGateway: RunAsGateway;
  gatewayFiles: GatewayFiles;
  history: Pick<ConfigHistory, 'lastWorking'>;
}): FindEarlierConfig {
  const myTurn = createOneATurn();

  return async (serverId, options) => {
    const { configPath } = await installations.find(serverId, options);
    if (configPath === null)
      throw new AppError('not_found', 'OpenClaw has no config file on this server.', {
        hint: 'Set OpenClaw up first.',
      });
    const contentOf = async (name: Copy['name']): Promise<string | null> => {
      const base = posix.basename(configPath);
      const place = { folder: posix.dirname(configPath), maxBytes: MAX_FILE_BYTES };
      const file = await gatewayFiles.read(
        serverId,
        { ...place, name: name === 'present' ? base : `${base}.${name}` },
        options,
      );
      await myTurn(serverId);
      return file?.content ?? null;
    };
    const { stdout } = await runAsGateway(
      serverId,
      listScript,
      [configPath, String(MAX_FILE_BYTES)],
      options,
    );
    const copies = copiesIn(stdout);
    const present = copies.find(({ name }) => name === 'present');
    const none = (missing: string): EarlierConfig => ({
      ...{ input: null, missing, path: configPath, at: '', changes: null },
    });
    if (present === undefined)
      return none('The config file is no regular file, or too large to be replaced.');

    const text = await contentOf('present');
    const now = text === null ? null : parseConfigFile(text).config;
    const others = copies.filter(({ name, sha256 }) => name !== 'present' && sha256 !== present.sha256);
    const working = await history.lastWorking(serverId, (config) => now === null || differ(now, config));
    const found = (target: ConfigRollbackInput['target'], at: string, config: ConfigObject | null) => ({
      ...{ input: { present: present.sha256, target }, missing: null, path: configPath, at },
      changes: now === null || config === null ? null : shownChanges(now, config),
    });
    const copyOf = (copy: Copy): ConfigRollbackInput['target'] => ({
      ...{ kind: 'copy', name: copy.name as (typeof copyNames)[number], sha256: copy.sha256 },
    });

    let lastGood: EarlierConfig | null = null;
    for (const copy of others) {
      const content = await contentOf(copy.name);
      const config = content === null ? null : parseConfigFile(content).config;
      if (config === null) continue;
      // The copy has the keys and passwords of that time, too.
      if (working !== null && !differ(config, working.config)) return found(copyOf(copy), copy.at, config);
      if (copy.name === 'last-good') lastGood = found(copyOf(copy), copy.at, config);
    }
    if (lastGood !== null) return lastGood;
    if (working === null)
      return none('Neither OpenClaw nor Buoy has an earlier config that is known to have worked.');
    if (JSON.stringify(working.config).length > MAX_REVISION)
      return none('The last config that worked is too large to be sent back. Restore a snapshot instead.');
    if (!isPlainJson(text))
      return none(
        'The file is not valid JSON, so its keys and passwords cannot be taken over into an earlier revision.',
      );
    return found({ kind: 'revision', rev: working.rev }, working.at, working.config);
  };
}

function copiesIn(stdout: string): Copy[] {
  const names: readonly string[] = ['present', ...copyNames];
  return stdout.split('\n', names.length).flatMap((line) => {
    const [, sha256, , seconds, name] = copyLine.exec(line) ?? [];
    if (sha256 === undefined || name === undefined || !names.includes(name)) return [];
    return [{ name: name as Copy['name'], sha256, at: isoTime(Number(seconds) * 1_000) }];
  });
}

/** A secret that one of them hides counts as the same: nobody can tell. */
function differ(one: ConfigObject, other: ConfigObject): boolean {
  return visibleChanges(one, other).length > 0;
}

function visibleChanges(before: ConfigObject, after: ConfigObject): ConfigChange[] {
  return changesBetween(
    alike(withoutBookkeeping(before)) as ConfigObject,
    alike(withoutBookkeeping(after)) as ConfigObject,
  ).filter((change) => change.kind !== 'changed' || !(isHidden(change.before) || isHidden(change.after)));
}

/** OpenClaw and Buoy hide in different words. */
function alike(value: unknown): unknown {
  if (isHidden(value)) return hiddenInConfig[1];
  if (Array.isArray(value)) return value.map(alike);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, alike(inner)]));
}

function shownChanges(now: ConfigObject, target: ConfigObject): ConfigChange[] | null {
  if (isSame(now, target)) return [];
  const changes: ConfigChange[] = [];
  let length = 0;
  for (const change of visibleChanges(now, target)) {
    length += JSON.stringify(change).length;
    if (changes.length === MAX_CHANGES || length > MAX_SHOWN) break;
    changes.push(change);
  }
  return changes;
}

/** The program on the server reads no JSON5. */
function isPlainJson(text: string | null): boolean {
  return text !== null && isObject(parseJson(text));
}
