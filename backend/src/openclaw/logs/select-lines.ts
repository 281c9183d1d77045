// Selects the requested lines from those read.
import { type LogLevel, type LogLine, logLevel, type OpenclawLogs } from '@buoy/contract';
import { createTextSearch } from '../../lib/text-search.ts';

/** Milliseconds of searching in one turn of the event loop. */
const TURN_MS = 5;

const severity = new Map<LogLevel, number>(logLevel.options.map((level, index) => [level, index]));

/**
 * The last `lines` at or above the level that contain `q`; a line without a level always counts.
 * @param myTurn resolves in a turn of the event loop, for a search through megabytes
 */
export async function selectLines(
  logs: OpenclawLogs,
  { lines, level, q }: { lines: number; level?: LogLevel | undefined; q?: string | undefined },
  myTurn: () => Promise<void>,
): Promise<OpenclawLogs> {
  const least = level === undefined ? 0 : (severity.get(level) ?? 0);
  const wanted = q === undefined ? undefined : createTextSearch(q.toLowerCase());
  const isWanted = (line: LogLine): boolean =>
    (line.level === null || (severity.get(line.level) ?? 0) >= least) &&
    (wanted === undefined || wanted.isIn(`${line.subsystem ?? ''} ${line.message}`.toLowerCase()));
  const found: LogLine[] = [];
  let since = performance.now();
  for (const line of logs.lines) {
    if (isWanted(line)) found.push(line);
    if (performance.now() - since < TURN_MS) continue;
    await myTurn();
    since = performance.now();
  }
  return { ...logs, lines: found.slice(-lines), truncated: logs.truncated || found.length > lines };
}
