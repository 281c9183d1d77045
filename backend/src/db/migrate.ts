// Brings the database to the newest schema. Migrations are code and listed here in order; none is ever edited after release.
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { AppError, isAppError } from '../lib/app-error.ts';
import { spine } from './migrations/0001-spine.ts';
import { core } from './migrations/0002-core.ts';
import { openclaw } from './migrations/0003-openclaw.ts';
import { telegramLogin } from './migrations/0004-telegram-login.ts';
import { alerts } from './migrations/0005-alerts.ts';
import { credentialBinding } from './migrations/0006-credential-binding.ts';
import { people } from './migrations/0007-people.ts';
import { addressChecks } from './migrations/0008-address-checks.ts';
import { sessions } from './migrations/0009-sessions.ts';
import { auditRetention } from './migrations/0010-audit-retention.ts';
import { signIn } from './migrations/0011-sign-in.ts';
import { keptAnswersAge } from './migrations/0012-kept-answers-age.ts';
import { alertPlaces } from './migrations/0013-alert-places.ts';
import { invitedBy } from './migrations/0014-invited-by.ts';
import { taskSecrets } from './migrations/0015-task-secrets.ts';
import { revisionSizes } from './migrations/0016-revision-sizes.ts';
import { keptAnswerSizes } from './migrations/0017-kept-answer-sizes.ts';
import { rollouts } from './migrations/0018-rollouts.ts';
import { updatePolicies } from './migrations/0019-update-policies.ts';
import { setupSnapshots } from './migrations/0020-setup-snapshots.ts';
import { plannedVersions } from './migrations/0021-planned-versions.ts';
import { sessionFamilies } from './migrations/0022-session-families.ts';
import { approvingSessions } from './migrations/0023-approving-sessions.ts';
import { expiringSignIns } from './migrations/0024-expiring-sign-ins.ts';
import { answersMaskedBefore } from './migrations/0025-answers-masked-before.ts';
import { history } from './migrations/0026-history.ts';
import { notificationChannels } from './migrations/0027-notification-channels.ts';
import { notificationRates } from './migrations/0028-notification-rates.ts';
import { leasesAndBot } from './migrations/0031-leases-and-bot.ts';
import { maintenanceWindows } from './migrations/0032-maintenance-windows.ts';
import { monitorNotices } from './migrations/0033-monitor-notices.ts';
import { alertNotesAndReminders } from './migrations/0034-alert-notes-and-reminders.ts';
import { thresholds } from './migrations/0035-thresholds.ts';
import { autoRepair } from './migrations/0038-auto-repair.ts';
import { statusPages } from './migrations/0039-status-pages.ts';
import type { Database } from './schema.ts';

const migrations: Record<string, Migration> = {
  '0001-spine': spine,
  '0002-core': core,
  '0003-openclaw': openclaw,
  '0004-telegram-login': telegramLogin,
  '0005-alerts': alerts,
  '0006-credential-binding': credentialBinding,
  '0007-people': people,
  '0008-address-checks': addressChecks,
  '0009-sessions': sessions,
  '0010-audit-retention': auditRetention,
  '0011-sign-in': signIn,
  '0012-kept-answers-age': keptAnswersAge,
  '0013-alert-places': alertPlaces,
  '0014-invited-by': invitedBy,
  '0015-task-secrets': taskSecrets,
  '0016-revision-sizes': revisionSizes,
  '0017-kept-answer-sizes': keptAnswerSizes,
  '0018-rollouts': rollouts,
  '0019-update-policies': updatePolicies,
  '0020-setup-snapshots': setupSnapshots,
  '0021-planned-versions': plannedVersions,
  '0022-session-families': sessionFamilies,
  '0023-approving-sessions': approvingSessions,
  '0024-expiring-sign-ins': expiringSignIns,
  '0025-answers-masked-before': answersMaskedBefore,
  '0026-history': history,
  '0027-notification-channels': notificationChannels,
  '0028-notification-rates': notificationRates,
  '0031-leases-and-bot': leasesAndBot,
  '0032-maintenance-windows': maintenanceWindows,
  '0033-monitor-notices': monitorNotices,
  '0034-alert-notes-and-reminders': alertNotesAndReminders,
  '0035-thresholds': thresholds,
  '0038-auto-repair': autoRepair,
  '0039-status-pages': statusPages,
};

/** What this version of Buoy knows, in order. */
export const knownMigrations: readonly string[] = Object.keys(migrations).sort();

/** Runs what is missing, under Kysely's migration lock. Throws with the failed migration's name; a failed one changes nothing. */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  // It did not come to a migration: the database does not answer, or is not one of this version.
  if (isAppError(error)) throw error;
  const newer = (await appliedMigrations(db)).filter((name) => !knownMigrations.includes(name));
  if (newer.length > 0)
    throw new AppError(
      'conflict',
      `The database is from a newer Buoy, which has the migration "${newer.at(-1)}".`,
      {
        hint: 'Start that version, or restore a backup of this one.',
        cause: error,
      },
    );
  const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'unknown';
  throw new Error(`The database migration "${failed}" failed.`, { cause: error });
}

async function appliedMigrations(db: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`
    .execute(db)
    .catch(() => ({ rows: [] }));
  return rows.map(({ name }) => name);
}
