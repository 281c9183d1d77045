// Starts a backup and waits for it, also across broken connections.
import type { Backup } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import type { Api } from '../../api.ts';

/** Milliseconds before the same question again. */
const PAUSE_MS = 3_000;
/** With the deadline of a call: a quarter of an hour for a large database, a minute when Buoy is gone. */
const MAX_FAILURES = 20;

/**
 * @param key of one decision to back up: the same key again waits for the same backup and makes no second one
 * @param pause waits that many milliseconds
 * @throws ApiError in Buoy's words, or that it does not answer
 */
export async function runBackup(
  call: Api['call'],
  key: string,
  pause: (ms: number) => Promise<void>,
): Promise<Backup> {
  for (let failures = 1; ; failures += 1)
    try {
      return (await call('POST /admin/backups/run', { headers: { 'idempotency-key': key } })).backup;
    } catch (error) {
      const isNoAnswer = error instanceof ApiError && error.status === 0;
      if (!isNoAnswer || failures >= MAX_FAILURES) throw error;
      await pause(PAUSE_MS);
    }
}
