// Finds a process of this machine by its command line.
import { readdirSync, readFileSync } from 'node:fs';

/** The id of the process whose command line has these words, each with a NUL behind it; null: there is none yet. */
export function processWith(words: string): string | null {
  const has = (id: string): boolean => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(words);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').find((id) => /^\d+$/.test(id) && has(id)) ?? null;
}
