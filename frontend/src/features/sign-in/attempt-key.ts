// A key of this browser. It lets the server distinguish a repeated session renewal from a stolen cookie.
import { randomKey } from '../../random-key.ts';

const STORED_AS = 'buoy.attempt';

/**
 * The key for all tabs of this browser: made at its first use, found again after a reload.
 * Tabs share it, so that two that renew at once without a lock between them do not look like two browsers.
 * @param storage null: the browser keeps nothing, and the key is good for this page alone
 */
export function attemptKeyOf(storage: Pick<Storage, 'getItem' | 'setItem'> | null): string {
  try {
    const kept = storage?.getItem(STORED_AS);
    if (kept != null && /^[0-9a-f]{32}$/.test(kept)) return kept;
    const made = randomKey();
    storage?.setItem(STORED_AS, made);
    return made;
  } catch {
    // Full, or forbidden.
    return randomKey();
  }
}
