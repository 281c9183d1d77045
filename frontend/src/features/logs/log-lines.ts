// The log lines of a page: appending, limiting and filtering them.
import type { LogLevel, LogLine } from '@buoy/contract';

/** What a page can still scroll and search at once; older lines are let go. */
export const KEPT_LINES = 5_000;

/** A line, or a word about where lines may be missing. `number` tells entries apart, and grows. */
export type LogEntry =
  | ({ kind: 'line'; number: number } & LogLine)
  | { kind: 'reset'; number: number }
  | { kind: 'gap'; number: number; message: string };

/** An entry as it comes, before it has its number. */
export type NewEntry = ({ kind: 'line' } & LogLine) | { kind: 'reset' } | { kind: 'gap'; message: string };

export type LogView = { entries: readonly LogEntry[]; nextNumber: number };

export const emptyLog: LogView = { entries: [], nextNumber: 0 };

/** The view after more has come: the last `kept` entries. Of words that follow one another about the same thing the last one stays. */
export function append(view: LogView, added: readonly NewEntry[], kept = KEPT_LINES): LogView {
  const numbered = added.map((entry, index): LogEntry => ({ ...entry, number: view.nextNumber + index }));
  const entries = [...view.entries, ...numbered].filter(
    ({ kind }, index, all) => kind === 'line' || all[index + 1]?.kind !== kind,
  );
  return { entries: entries.slice(-kept), nextNumber: view.nextNumber + added.length };
}

/** From the least to the worst. */
export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const satisfies LogLevel[];

export type LogFilter = {
  /** At least this bad; null: all. */
  level: LogLevel | null;
  /** Lines that hold this text, in any case; empty: all. */
  text: string;
};

/** Lines that do not tell their level are kept, as Buoy's API does. While a filter hides lines, words about missing ones stay. */
export function filterLog(entries: readonly LogEntry[], { level, text }: LogFilter): readonly LogEntry[] {
  const wanted = text.trim().toLowerCase();
  if (level === null && wanted === '') return entries;
  const least = level === null ? 0 : levels.indexOf(level);
  return entries.filter((entry) => {
    if (entry.kind !== 'line') return true;
    if (entry.level !== null && levels.indexOf(entry.level) < least) return false;
    return wanted === '' || `${entry.subsystem ?? ''} ${entry.message}`.toLowerCase().includes(wanted);
  });
}

/** Marks in one text; a row has two. Thousands of them would hold the page up, and nobody counts them. */
const MAX_HITS = 50;

/** A text cut where `wanted` stands in it first, in any case; `isHit` tells the parts apart. */
export function cutAtHits(text: string, wanted: string): Array<{ text: string; isHit: boolean }> {
  const needle = wanted.trim().toLowerCase();
  const lower = text.toLowerCase();
  // Letters whose small form is longer would shift every cut behind them.
  if (needle === '' || lower.length !== text.length) return [{ text, isHit: false }];
  const parts: Array<{ text: string; isHit: boolean }> = [];
  let from = 0;
  for (let hits = 0; hits < MAX_HITS; hits += 1) {
    const hit = lower.indexOf(needle, from);
    if (hit === -1) break;
    if (hit > from) parts.push({ text: text.slice(from, hit), isHit: false });
    from = hit + needle.length;
    parts.push({ text: text.slice(hit, from), isHit: true });
  }
  if (from < text.length) parts.push({ text: text.slice(from), isHit: false });
  return parts;
}

/** As text for a file or the clipboard, with times in UTC as servers write them. */
export function logAsText(entries: readonly LogEntry[]): string {
  return entries
    .flatMap((entry) =>
      entry.kind === 'line'
        ? [[entry.at, entry.level?.toUpperCase(), entry.subsystem, entry.message].filter(Boolean).join(' ')]
        : [],
    )
    .map((line) => `${line}\n`)
    .join('');
}
