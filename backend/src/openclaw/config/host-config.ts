// The config from the host: the file read over SSH, a dry run of OpenClaw's command, and whether OpenClaw repaired it.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { ConfigIssue, ConfigProblem } from '@buoy/contract';
import { type ConfigObject, isObject } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { CallOptions, Ssh } from '../../ssh/ssh.ts';
import { expectUsualConfig, parseJson, parseJson5 } from '../gateway/json-limits.ts';
import type { RunAsGateway } from '../host/as-gateway.ts';
import type { GatewayFiles } from '../host/gateway-files.ts';
import type { Installations } from '../host/installation.ts';
import { dryRunScript } from '../host/scripts.ts';
import { firstOf } from '../reads/bounded.ts';
import { redactConfig } from './redact-config.ts';

/** Bytes: the largest seen has 12 KB. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** As many as of a config that the gateway answers. */
const MAX_ISSUES = 500;

const newestRepairScript = readFileSync(new URL('newest-repair.sh', import.meta.url), 'utf8');

const place = z.looseObject({
  message: z.string(),
  lineNumber: z.number().int().nonnegative(),
  columnNumber: z.number().int().nonnegative(),
});

const dryRun = z.looseObject({
  ok: z.boolean(),
  errors: firstOf(z.looseObject({ message: z.string() }), MAX_ISSUES)
    .optional()
    .catch(undefined),
});

export type HostConfig = {
  /** Secrets hidden; null when the file is no JSON5. */
  config: ConfigObject | null;
  /** Where it is no JSON5. */
  problem: ConfigProblem | null;
  path: string;
};

export type HostConfigs = ReturnType<typeof createHostConfigs>;

export function createHostConfigs({
  ssh,
  runAsGateway,
  gatewayFiles,
  installations,
}: {
  ssh: Pick<Ssh, 'script'>;
  runAsGateway: RunAsGateway;
  gatewayFiles: GatewayFiles;
  installations: Installations;
}) {
  return {
    /** Reads and parses openclaw.json. Throws AppError: `not_found` when there is none. */
    async read(serverId: string, options: CallOptions): Promise<HostConfig> {
      const { configPath } = await installations.find(serverId, options);
      if (configPath === null) throw noConfig();
      const place = {
        folder: posix.dirname(configPath),
        name: posix.basename(configPath),
        maxBytes: MAX_FILE_BYTES,
      };
      const file = await gatewayFiles.read(serverId, place, options);
      if (file === null) throw noConfig();
      return { ...parseConfigFile(file.content), path: configPath };
    },

    /** What OpenClaw's command says of `patch`; writes nothing. 2 to 6 s. Throws AppError. */
    async check(
      serverId: string,
      patch: ConfigObject,
      options: CallOptions,
    ): Promise<{ valid: boolean; issues: ConfigIssue[] }> {
      const { binaryPath, nodePath } = await installations.find(serverId, options);
      if (binaryPath === null)
        throw new AppError('not_installed', 'OpenClaw is not installed on this server.', {
          hint: 'Install it with the setup wizard.',
        });
      const { stdout } = await ssh.script(
        serverId,
        dryRunScript,
        [nodePath ?? binaryPath, binaryPath, JSON.stringify(patch)],
        options,
      );
      return readDryRun(stdout);
    },

    /** Seconds since OpenClaw last put a broken config aside; null when it never did. Throws AppError. */
    async repairedAgoS(serverId: string, options: CallOptions): Promise<number | null> {
      const { configPath } = await installations.find(serverId, options);
      if (configPath === null) return null;
      const { stdout } = await runAsGateway(serverId, newestRepairScript, [configPath], {
        ...options,
        reads: true,
      });
      const age = Number.parseInt(stdout, 10);
      return Number.isNaN(age) ? null : Math.max(0, age);
    },
  };
}

function noConfig(): AppError {
  return new AppError('not_found', 'OpenClaw has no config file on this server.', {
    hint: 'Set OpenClaw up first.',
  });
}

/** The parser's words may quote the file: only its first line of them is taken, which names one character. */
export function parseConfigFile(text: string): Pick<HostConfig, 'config' | 'problem'> {
  try {
    const value: unknown = parseJson5(text);
    expectUsualConfig(value);
    if (isObject(value)) return { config: redactConfig(value) as ConfigObject, problem: null };
    return { config: null, problem: broken('The file does not contain an object.', null, null) };
  } catch (error) {
    if (isAppError(error)) return { config: null, problem: broken(error.message, null, null) };
    const parsed = place.safeParse(error);
    if (!parsed.success) return { config: null, problem: broken('The file is not valid JSON5.', null, null) };
    const { message, lineNumber, columnNumber } = parsed.data;
    const words = message.replace(/^JSON5: /, '').replace(/ at \d+:\d+$/, '');
    return {
      config: null,
      problem: broken(`The file is not valid JSON5: ${words}.`, lineNumber, columnNumber),
    };
  }
}

/** `errors[].message` has a line `- path: what` for each issue (2026.7.35 and 2026.9.6). */
export function readDryRun(stdout: string): { valid: boolean; issues: ConfigIssue[] } {
  const parsed = dryRun.safeParse(parseJson(stdout));
  if (!parsed.success)
    throw new AppError('bad_gateway', 'OpenClaw did not say whether this config is valid.', {
      hint: 'Try `openclaw config validate` on the server.',
    });
  const lines = (parsed.data.errors ?? []).flatMap(({ message }) => message.split('\n', MAX_ISSUES));
  return {
    valid: parsed.data.ok,
    issues: lines
      .filter((line) => line.trim() !== '')
      .slice(0, MAX_ISSUES)
      .map((line) => {
        const [, path, message] = /^- ([^:\s]+): (.*)$/.exec(line) ?? [];
        return path === undefined
          ? { path: '', message: line }
          : { path: path === '<root>' ? '' : path, message: message! };
      }),
  };
}

function broken(message: string, line: number | null, column: number | null): ConfigProblem {
  return { message, line, column, issues: [] };
}
