// Selects the requested lines from those read.
import { type LogLevel, logLevel, type OpenclawLogs } from '@buoy/contract';
import { createTextSearch } from '../../lib/text-search.ts';

const severity = new Map<LogLevel, number>(logLevel.options.map((level, index) => [level, index]));

/** The last `lines` at or above the level that contain `q`; a line without a level always counts. */
export function selectLines(
  logs: OpenclawLogs,
  { lines, level, q }: { lines: number; level?: LogLevel | undefined; q?: string | undefined },
): OpenclawLogs {
  const least = level === undefined ? 0 : (severity.get(level) ?? 0);
  const wanted = q === undefined ? undefined : createTextSearch(q.toLowerCase());
  const found = logs.lines.filter(
    (line) =>
      (line.level === null || (severity.get(line.level) ?? 0) >= least) &&
      (wanted === undefined || wanted.isIn(`${line.subsystem ?? ''} ${line.message}`.toLowerCase())),
  );
  return { ...logs, lines: found.slice(-lines), truncated: logs.truncated || found.length > lines };
}
