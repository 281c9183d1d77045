// The gateway's answer about its config file, made safe to show: `config.get` of 2026.7.35 and 2026.9.6.
import type { ConfigIssue, ConfigProblem } from '@buoy/contract';
import { type ConfigObject, isObject } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { expectUsualConfig } from '../gateway/json-limits.ts';
import { cut, cutText, firstOf, MAX_NAME } from '../reads/bounded.ts';
import type { GatewayCall } from '../reads/reader.ts';
import { redactConfig } from './redact-config.ts';

export type ConfigReading = {
  /** The file as it is written, secrets hidden; null when OpenClaw does not take it. */
  config: ConfigObject | null;
  /** OpenClaw's own hash of the file's text; null when it reports none. */
  hash: string | null;
  valid: boolean;
  problem: ConfigProblem | null;
  issues: ConfigIssue[];
  warnings: ConfigIssue[];
  /** null on 2026.7.35, which does not report it. */
  applied: boolean | null;
  /** Absolute, on the host. */
  path: string | null;
};

const issue = z.looseObject({
  path: z.unknown().transform(issuePath),
  message: cutText(2_000).catch('OpenClaw does not name the problem.'),
});
/** Issues as OpenClaw lists them, also in the details of a refusal. */
export const configIssues = firstOf(issue, 500).catch([]);

/** A path as a text or a list of names and numbers; empty for anything else. An error of zod for each of its parts would take 2 µs. */
function issuePath(path: unknown): string {
  if (typeof path === 'string') return cut(path, MAX_NAME);
  const parts: unknown[] = Array.isArray(path) ? path.slice(0, 100) : [];
  const isPath = parts.every((part) => typeof part === 'string' || typeof part === 'number');
  return isPath ? cut(parts.map((part) => cut(String(part), MAX_NAME)).join('.'), MAX_NAME) : '';
}

/** Of OpenClaw, a SHA-256; a longer one is none, since it is kept with each revision. */
const hash = z.string().max(256).nullish().catch(null);

const configGet = z.looseObject({
  path: z.string().nullish().catch(null),
  parsed: z.unknown().optional(),
  valid: z.boolean().catch(true),
  issues: configIssues.optional(),
  warnings: configIssues.optional(),
  hash,
  configRevisionHash: z.string().nullish().catch(null),
  appliedConfigHash: z.string().nullish().catch(null),
});

/** @throws AppError as the call does */
export async function readConfig(call: GatewayCall): Promise<ConfigReading> {
  return readingOf(await call('config.get', {}, configGet));
}

/**
 * null where the file still has the hash `known`: to search a config for secrets takes milliseconds, and this is asked every few seconds.
 * @throws AppError as the call does
 */
export async function readChangedConfig(
  call: GatewayCall,
  known: string | null,
): Promise<ConfigReading | null> {
  const answer = await call('config.get', {}, configGet);
  return known !== null && answer.hash === known ? null : readingOf(answer);
}

/** @throws AppError `output_too_large` */
function readingOf(answer: z.output<typeof configGet>): ConfigReading {
  const issues = plain(answer.issues);
  const written = answer.configRevisionHash;
  const applied = answer.appliedConfigHash;
  expectUsualConfig(answer.parsed);
  return {
    config: isObject(answer.parsed) && answer.valid ? (redactConfig(answer.parsed) as ConfigObject) : null,
    hash: answer.hash ?? null,
    valid: answer.valid,
    problem: answer.valid ? null : problemOf(issues),
    issues,
    warnings: plain(answer.warnings),
    applied: written == null || applied == null ? (answer.valid ? null : false) : written === applied,
    path: answer.path ?? null,
  };
}

/** `JSON5 parse failed: SyntaxError: JSON5: invalid character 'o' at 4:10`: its words and its place. */
const parseFailure = /(?:SyntaxError: )?(?:JSON5: )?([^:]*) at (\d+):(\d+)$/;

/** The problem in one sentence, with the position where the file is not valid JSON5. */
export function problemOf(issues: ConfigIssue[]): ConfigProblem {
  const [first] = issues;
  if (first === undefined)
    return { message: 'OpenClaw rejects its config file.', line: null, column: null, issues };
  const [, words, line, column] = parseFailure.exec(first.message) ?? [];
  if (words !== undefined)
    return {
      message: `The file is not valid JSON5: ${words}.`,
      line: Number(line),
      column: Number(column),
      issues,
    };
  const message = first.path === '' ? first.message : `${first.path}: ${first.message}`;
  return { message, line: null, column: null, issues };
}

/** Only what the API shows of issues. */
export function plain(issues: z.output<typeof configIssues> | undefined): ConfigIssue[] {
  return (issues ?? []).map(({ path, message }) => ({ path, message }));
}
