// Picks from the gateway's log the line that says why it failed, so that a failed restart names its cause.

/**
 * The line or lines that name why the gateway failed, newest first in importance; null when nothing is recognised.
 * @param lines as `Installations.journal` gives them: newest last, without colour codes
 */
export function causeFromJournal(lines: readonly string[]): string | null {
  return lines.at(-1) ?? null;
}
