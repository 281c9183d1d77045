// Converts one line of the gateway's log file (a JSON object) or of its service's journal (plain text) to the contract.
import { setImmediate as pause } from 'node:timers/promises';
import { type LogLevel, type LogLine, logLevel } from '@buoy/contract';
import { z } from 'zod';
import { toldTime } from '../../lib/clock.ts';
import { ownText } from '../../lib/own-text.ts';
import { redactText } from '../../lib/redact.ts';
import { parseJson } from '../gateway/json-limits.ts';
import { numbered, plainText } from '../host/journal.ts';
import { nameText } from '../reads/bounded.ts';

/** Milliseconds of reading lines in one go. */
const PAUSE_AFTER_MS = 20;
/** UTF-16 units; some lines carry whole answers of programs. */
const MAX_MESSAGE = 4_000;
/** UTF-16 units of a line that are read; a longer one is truncated, no longer JSON, and shown as plain text. */
const MAX_LINE = 64 * 1024;
/** UTF-16 units read beyond the cut, so that the head of a secret across it is still recognised. */
const BEYOND_CUT = 1_000;

const words = z.string().optional().catch(undefined);
const fileLine = z.looseObject({
  time: words,
  message: words,
  _meta: z.looseObject({ date: words, logLevelName: words, name: words }).optional().catch(undefined),
});
const part = nameText.optional().catch(undefined);
/** `_meta.name` is JSON in a text: which part of OpenClaw speaks. */
const speaker = z.looseObject({ subsystem: part, module: part });

/** Parses lines of the file, yielding to the event loop in between: thousands would block it too long. */
export async function readFileLines(lines: readonly string[]): Promise<LogLine[]> {
  const read: LogLine[] = [];
  let since = performance.now();
  for (const line of lines) {
    read.push(readFileLine(line));
    if (performance.now() - since < PAUSE_AFTER_MS) continue;
    await pause();
    since = performance.now();
  }
  return read;
}

/** A line of the file as `logs.tail` gives it; one that is not JSON is taken as plain words. */
export function readFileLine(whole: string): LogLine {
  const line = whole.slice(0, MAX_LINE);
  const parsed = fileLine.safeParse(parseJson(line)).data;
  if (parsed === undefined) return readJournalLine(plainText(line));
  const { subsystem, module } = speaker.safeParse(parseJson(parsed._meta?.name ?? '')).data ?? {};
  return {
    at: moment(parsed.time ?? parsed._meta?.date),
    level: levelOf(parsed._meta?.logLevelName),
    message: shown(parsed.message ?? numbered(parsed)),
    subsystem: subsystem ?? module ?? null,
  };
}

/** `2026-11-25T10:40:40.400+00:00 [reload] config hot reload applied`; time and subsystem may be missing. */
export function readJournalLine(line: string): LogLine {
  const [, time, rest = line] = /^(\d{4}-\d\d-\d\dT[\d:.]{8,15}(?:Z|[+-]\d\d:\d\d)) (.*)$/s.exec(line) ?? [];
  const [, subsystem, message = rest] = /^\[([\w./-]{1,80})\] (.*)$/s.exec(rest) ?? [];
  return {
    at: moment(time),
    level: null,
    message: shown(message),
    subsystem: subsystem === undefined ? null : ownText(subsystem),
  };
}

function moment(time: string | undefined): string | null {
  return toldTime(Date.parse(time ?? ''));
}

function levelOf(name: string | undefined): LogLevel | null {
  const level = name?.toLowerCase();
  return level === 'silly' ? 'trace' : (logLevel.safeParse(level).data ?? null);
}

/** Lines stay lines, without colour codes; secrets masked. */
function shown(message: string): string {
  const text = message
    .slice(0, MAX_MESSAGE + BEYOND_CUT)
    .split('\n')
    .map(plainText)
    .join('\n');
  const redacted = redactText(text);
  return ownText(redacted.length > MAX_MESSAGE ? `${redacted.slice(0, MAX_MESSAGE)}…` : redacted);
}
