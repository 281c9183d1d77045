// Finds the errors of model providers in the gateway's log, by the events that OpenClaw 2026.7.35 and 2026.9.6 record.
import { setImmediate as pause } from 'node:timers/promises';
import { z } from 'zod';
import { toldTime } from '../../lib/clock.ts';
import { ownText } from '../../lib/own-text.ts';
import { redactText } from '../../lib/redact.ts';
import { holdsTooMuch, parseJson } from '../gateway/json-limits.ts';
import { cut, nameOrNull, textOrNull } from '../reads/bounded.ts';

export type ModelError = {
  /** ISO 8601, by the server's clock. */
  at: string;
  provider: string | null;
  /** HTTP status; null where OpenClaw names none. */
  status: number | null;
  /** Secrets masked. */
  text: string;
  /** It was the last model that could answer: the turn ended without an answer. */
  isLastModel: boolean;
};

/** Errors that are kept, the newest: enough for a count, and a hostile log may hold thousands. */
const MAX_ERRORS = 200;
/** Lines that name one of the events and are parsed, the newest. */
const MAX_PARSED = 500;
/** UTF-16 units and JSON values of a line; OpenClaw's have about 1,000, and some dozens. */
const MAX_LINE = 16 * 1024;
const MAX_VALUES = 500;
/** Milliseconds of reading lines in one go. */
const PAUSE_AFTER_MS = 20;
/** UTF-16 units of an error, and those read beyond it, so that the head of a secret across the cut is still recognised. */
const MAX_TEXT = 300;
const BEYOND_CUT = 250;

const text = textOrNull(MAX_TEXT + BEYOND_CUT);
const line = z.object({ time: z.string(), 1: z.looseObject({ event: z.string() }) });
const attempt = z.object({
  isError: z.literal(true),
  provider: nameOrNull,
  failoverReason: nameOrNull,
  rawErrorPreview: text,
  error: text,
});
const decision = z.object({
  fallbackStepFinalOutcome: z.literal('chain_exhausted'),
  candidateProvider: nameOrNull,
  reason: nameOrNull,
  status: z.number().int().min(100).max(599).nullish().catch(null),
  errorPreview: text,
});

/** Where the text of an error does not begin with the status. */
const statusOfReason: Readonly<Record<string, number>> = {
  auth: 401,
  rate_limit: 429,
  server_error: 500,
  overloaded: 503,
};

const names = ['embedded_run_agent_end', 'model_fallback_decision'] as const;

/**
 * The errors of a log that happened between two moments, oldest first.
 * @param lines of the file, oldest first
 */
export async function modelErrorsIn(
  lines: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<ModelError[]> {
  const errors: ModelError[] = [];
  let parsed = 0;
  let since = performance.now();
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const one = lines[index]!;
    if (one.length > MAX_LINE || !names.some((name) => one.includes(name))) continue;
    const error = errorIn(one, fromMs, toMs);
    parsed += 1;
    if (error !== null) errors.push(error);
    if (parsed === MAX_PARSED || errors.length === MAX_ERRORS) break;
    if (performance.now() - since < PAUSE_AFTER_MS) continue;
    await pause();
    since = performance.now();
  }
  return errors.reverse();
}

/** When the first of these lines was written, milliseconds since the epoch; null where it does not say. */
export function beginningOf([first = '']: readonly string[]): number | null {
  if (first.length > MAX_LINE) return null;
  const { data } = z.looseObject({ time: z.string() }).safeParse(parseJson(first));
  const ms = Date.parse(data?.time ?? '');
  return Number.isNaN(ms) ? null : ms;
}

function errorIn(whole: string, fromMs: number, toMs: number): ModelError | null {
  if (holdsTooMuch(whole, MAX_VALUES)) return null;
  const parsed = line.safeParse(parseJson(whole)).data;
  const atMs = Date.parse(parsed?.time ?? '');
  const at = toldTime(atMs);
  if (parsed === undefined || at === null || atMs < fromMs || atMs > toMs) return null;
  const { 1: event } = parsed;
  if (event.event === names[0]) {
    const { data } = attempt.safeParse(event);
    if (data === undefined) return null;
    const { provider = null, failoverReason, rawErrorPreview, error } = data;
    const said = rawErrorPreview ?? error ?? '';
    return {
      ...{ at, provider, isLastModel: false },
      status: statusIn(said, failoverReason),
      text: shown(said),
    };
  }
  if (event.event !== names[1]) return null;
  const { data } = decision.safeParse(event);
  if (data === undefined) return null;
  const { candidateProvider: provider = null, reason, errorPreview } = data;
  const said = errorPreview ?? reason ?? 'OpenClaw does not say why';
  const status = data.status ?? statusIn(said, reason);
  return { ...{ at, provider, isLastModel: true }, status, text: shown(said) };
}

function statusIn(said: string, reason: string | null | undefined): number | null {
  const [, told] = /^(?:HTTP )?([45]\d\d)\b/.exec(said) ?? [];
  if (told !== undefined) return Number(told);
  return reason != null && Object.hasOwn(statusOfReason, reason) ? statusOfReason[reason]! : null;
}

function shown(said: string): string {
  return cut(ownText(redactText(said)), MAX_TEXT);
}
