// Which Node a server may have: never one that its OpenClaw refuses.
import { isInRange } from '../lib/version-range.ts';
import type { NewestVersions } from './newest-versions.ts';

/** The line that setup installs; OpenClaw runs on no older one. */
const FIRST_LINE = 24;
/** Lines behind the one that is there which are tried: twice a year one appears, and every second is supported for years. */
const MAX_LINES = 10;

/**
 * The newest version of the line that is there or, where OpenClaw no longer runs on that one, of the first supported one behind it. null: not known.
 * @param engines which versions OpenClaw names, as in its package.json; null: it names none
 */
export function newestNode(
  newest: Pick<NewestVersions, 'node'>,
  { current, engines }: { current: string | null; engines: string | null },
): string | null {
  const own = Math.max(FIRST_LINE, Number(current?.split('.')[0] ?? 0) || 0);
  for (let line = own; line < own + MAX_LINES; line += 1) {
    // Lines of odd numbers end after half a year.
    const version = line === own || line % 2 === 0 ? newest.node(line) : null;
    if (version !== null && runsOn(version, engines)) return version;
  }
  return null;
}

/** Whether OpenClaw runs on that Node. A range that is not understood holds for none. */
export function runsOn(version: string, engines: string | null): boolean {
  return engines === null || isInRange(version, engines) === true;
}
