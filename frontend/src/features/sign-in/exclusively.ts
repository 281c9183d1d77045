// Serializes session renewals over all tabs: each use rotates the cookie, so two at once would fail.

export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>;

const LOCK = 'buoy.renewal';
/** Milliseconds; a tab that the phone has put to sleep may hold the lock for as long as it sleeps. */
const WAIT_MS = 5_000;

/**
 * @param locks undefined where the browser has none (pages opened by plain http): work then runs at once
 * @param waitMs after which work runs without the lock
 */
export function createExclusively(locks: LockManager | undefined, waitMs = WAIT_MS): Exclusively {
  return async (work) => {
    if (locks === undefined) return work();
    let hasStarted = false;
    try {
      return await locks.request(LOCK, { signal: AbortSignal.timeout(waitMs) }, () => {
        hasStarted = true;
        return work();
      });
    } catch (error) {
      if (hasStarted) throw error;
      return work();
    }
  };
}
