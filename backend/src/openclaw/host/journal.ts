// Reads the lines that journal.sh prints: systemd's journal as it is, or OpenClaw's own log of JSON lines.
import { z } from 'zod';
import { parseJson } from '../gateway/json-limits.ts';

const logLine = z.looseObject({
  time: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});

/** The last `limit` lines, oldest first, as plain text. `sinceMs` leaves out older lines of OpenClaw's own log. */
export function parseJournal(
  stdout: string,
  { limit, sinceMs }: { limit: number; sinceMs: number | null },
): string[] {
  const [first = '', ...rest] = stdout.split('\n');
  const lines =
    first.trim() === 'from=file'
      ? // journal.sh sends no more. The error for a line that is no JSON takes some 5 µs, so a server must not choose how many there are.
        rest.slice(-limit - 1).flatMap((line) => fileLine(line, sinceMs))
      : rest.map(plainText);
  return first.trim() === 'from=none' ? [] : lines.filter((line) => line.trim() !== '').slice(-limit);
}

/** Without colour codes and other control characters. */
export function plainText(text: string): string {
  return text
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, '')
    .replace(/\x1b\][^\x07\x1b]*(\x07|\x1b\\)?/g, '')
    .replace(/\t/g, ' ')
    .replace(/[\x00-\x1f\x7f-\x9f]/g, '')
    .trimEnd();
}

function fileLine(line: string, sinceMs: number | null): string[] {
  const parsed = logLine.safeParse(parseJson(line));
  // The first line may be cut at the byte limit.
  if (!parsed.success) return [];
  const { time, message } = parsed.data;
  if (sinceMs !== null && time !== undefined && Date.parse(time) < sinceMs) return [];
  const text = message ?? numbered(parsed.data);
  return text.split('\n').map((part) => plainText(time === undefined ? part : `${time} ${part}`));
}

/** Older lines have no `message` but the arguments of the call under "0", "1" and so on; an object there names the subsystem. */
export function numbered(line: Record<string, unknown>): string {
  return Object.keys(line)
    .filter((key) => /^\d+$/.test(key))
    .map((key) => line[key])
    .filter((value): value is string => typeof value === 'string' && !value.startsWith('{'))
    .join(' ');
}
