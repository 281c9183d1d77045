// The reasons for a degraded Buoy, as sentences.
import type { DetailedHealth } from '@buoy/contract';

/** Milliseconds for one database query. A call makes about four, so that people begin to notice at this value. */
const SLOW_DATABASE_MS = 250;
/** Milliseconds; one timer in a hundred fires so much later that live output and keep-alives stutter. */
const SLOW_EVENT_LOOP_MS = 200;
/** Hours; a daily backup and two more for one that runs late. */
const BACKUP_TOO_OLD_H = 26;
/** Seconds. A task begins at once unless 32 others run; one that waits longer than this waits for something that is stuck. */
const QUEUED_TOO_LONG_S = 300;

const HOUR_S = 3_600;

/** What this page asks others about, in the words of its reasons. */
export type Question =
  | 'the size of the database'
  | 'the servers'
  | 'the monitor'
  | 'the tasks'
  | 'the backups'
  | 'the vault';

export type HealthFacts = Omit<DetailedHealth, 'status' | 'reasons'> & {
  /** How long the task that has waited longest has been queued; null when none is. */
  queuedForS: number | null;
  /** For how long no round of the monitor has ended; null: that is not too long. */
  quietForS: number | null;
  /** Milliseconds between the beginnings of two rounds of the monitor. */
  monitorIntervalMs: number;
  /** Checks without a result. */
  unknown: Question[];
};

/** @returns sentences; none when all is well */
export function degradedReasons(facts: HealthFacts): string[] {
  const { database, eventLoop, backup, monitor, vault, uptimeS, queuedForS, quietForS } = facts;
  const { monitorIntervalMs, unknown } = facts;
  const reasons: string[] = [];
  if (!database.ok) reasons.push('The database does not answer.');
  else if (database.latencyMs !== null && database.latencyMs > SLOW_DATABASE_MS)
    reasons.push(`The database is slow: it took ${Math.round(database.latencyMs)} ms to answer.`);
  if (unknown.length > 0) reasons.push(`Buoy could not check ${unknown.join(', ')}.`);
  if (backup.lastOk === false) reasons.push('The last backup failed; the log of Buoy says why.');
  else if (!unknown.includes('the backups') && backupIsMissing(backup.ageS, uptimeS, monitor.servers))
    reasons.push(backupWords(backup.ageS));
  if (eventLoop.lagP99Ms > SLOW_EVENT_LOOP_MS)
    reasons.push(
      `Buoy itself is busy: 1 % of its timers are at least ${Math.round(eventLoop.lagP99Ms)} ms late.`,
    );
  if (vault.outdated !== null && vault.outdated > 0)
    reasons.push(
      `${vault.outdated} stored ${vault.outdated === 1 ? 'secret is' : 'secrets are'} sealed under an old vault key; rotate the vault.`,
    );
  if (quietForS !== null)
    reasons.push(
      `No round of server checks has ended for ${Math.round(quietForS / 60)} minutes. Problems on servers may go unnoticed.`,
    );
  if (monitor.durationMs !== null && monitor.durationMs >= monitorIntervalMs)
    reasons.push(
      `The monitor needs longer for a round than its interval of ${monitorIntervalMs / 1000} s: ${Math.round(monitor.durationMs / 1000)} s. Some servers are checked late.`,
    );
  if (queuedForS !== null && queuedForS > QUEUED_TOO_LONG_S)
    reasons.push(`A task has been waiting for ${Math.round(queuedForS / 60)} minutes to begin.`);
  return reasons;
}

/** A Buoy without servers has nothing to lose, and one that was just started may have slept through its time. */
function backupIsMissing(ageS: number | null, uptimeS: number, servers: number | null): boolean {
  if (servers === 0 || uptimeS <= BACKUP_TOO_OLD_H * HOUR_S) return false;
  return ageS === null || ageS > BACKUP_TOO_OLD_H * HOUR_S;
}

function backupWords(ageS: number | null): string {
  return ageS === null
    ? 'No backup has been made yet.'
    : `The last backup is ${Math.round(ageS / HOUR_S)} hours old.`;
}
