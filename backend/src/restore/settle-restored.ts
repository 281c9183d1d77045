// Prepares a restored database for use: sessions and invites end, no task resumes, no old notification
// is sent, and the audit log records the restore.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { createAuditStore } from '../audit/audit.store.ts';
import { createAudit } from '../audit/audit.ts';
import { chainKey } from '../audit/chain.ts';
import type { DatabaseHandle } from '../db/database.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { sealedColumns } from '../sealed-columns.ts';
import { createKeptSecretStore } from '../secrets/kept-secrets.store.ts';
import { keptSecret, keptSecretData } from '../secrets/kept-secrets.ts';
import { createTasksStore } from '../tasks/tasks.store.ts';
import { initDataMemoryEndsMs } from '../telegram/init-data.ts';
import type { Vault } from '../vault/vault.ts';
import type { BackupContent } from './backup-content.ts';
import { keysDoNotOpen, unreadableRows } from './key-check.ts';
import { createRestoredStore } from './restored.store.ts';

export type Settled = {
  servers: number;
  users: number;
  /** The last thing that the backup knows of; null when its audit log was empty. */
  lastEntryAt: string | null;
  /** Invites in it that nobody had accepted. */
  endedInvites: number;
  /** Tasks that were under way in it. */
  endedTasks: number;
  /** Rollouts that no longer go on by themselves. */
  stoppedRollouts: number;
  /** Secrets that do not open; above zero only when that was allowed. */
  lostSecrets: number;
  /** Where the audit log went whose key is lost. */
  auditKeptIn: string | null;
};

/**
 * @param database of the backup, at the newest schema
 * @param parts.withoutKeys go on although secrets do not open
 * @param parts.auditFile where the entries of an audit log go whose key is lost
 * @throws AppError `conflict` when secrets do not open; nothing was changed then
 */
export async function settleRestored(
  database: DatabaseHandle,
  parts: {
    backup: Pick<BackupContent, 'filename' | 'sha256' | 'createdAt'>;
    vault: Vault;
    withoutKeys: boolean;
    auditFile: string;
    clock: Clock;
  },
): Promise<Settled> {
  const { backup, vault, withoutKeys, auditFile, clock } = parts;
  const store = createRestoredStore(database.db);
  const unreadable = unreadableRows(await store.sealedRows(sealedColumns), vault);
  if (unreadable.length > 0 && !withoutKeys) throw keysDoNotOpen(unreadable, vault);

  const lastEntryAt = await store.lastEntryAt();
  const keptSecrets = createKeptSecretStore(database.db);
  const auditStore = createAuditStore(database.db);
  const auditWith = (secret: Buffer) =>
    createAudit({ store: auditStore, key: chainKey(secret), anchor: noAnchor, clock });
  let auditKeptIn: string | null = null;
  if (unreadable.length > 0) {
    const { table } = keptSecretData('');
    const lost = unreadable
      .filter(({ associatedData }) => associatedData.table === table)
      .map(({ associatedData }) => associatedData.row);
    if (lost.includes('audit-chain')) {
      await writeLines(auditFile, auditWith(Buffer.alloc(0)).exportLines({}));
      auditKeptIn = auditFile;
      await store.emptyAuditLog();
    }
    await store.forgetSecretsOf(lost);
  }

  const now = isoTime(clock.now());
  // Telegram tells whole seconds.
  const initDataEnds = isoTime(initDataMemoryEndsMs(Math.floor(clock.now() / 1_000) * 1_000));
  const { endedSessions, endedInvites } = await store.endSignIns(now, initDataEnds);
  const endedTasks = await endTasks(database, now);
  const stoppedRollouts = await store.stopRollouts();
  await store.emptyOutbox();
  const counts = await store.counts();
  const key = await keptSecret('audit-chain', { store: keptSecrets, vault, clock });
  await auditWith(key).record('restore', 'ok', {
    target: backup.filename,
    details: {
      sha256: backup.sha256,
      createdAt: backup.createdAt,
      ...counts,
      endedSessions,
      endedInvites,
      endedTasks,
      stoppedRollouts,
      ...(unreadable.length === 0
        ? {}
        : { lostSecrets: unreadable.length, auditLogBeganAnew: auditKeptIn !== null }),
    },
  });
  return {
    ...counts,
    lastEntryAt,
    endedInvites,
    endedTasks,
    stoppedRollouts,
    lostSecrets: unreadable.length,
    auditKeptIn,
  };
}

/** Tasks running at backup time may have finished or half finished since: resuming them would change servers unexpectedly. */
async function endTasks(database: DatabaseHandle, at: string): Promise<number> {
  const store = createTasksStore(database);
  const unfinished = await store.queue();
  for (const { id } of unfinished)
    await store.write(id, {
      at,
      unfinishedSteps: { running: 'cancelled', pending: 'skipped' },
      task: {
        status: 'interrupted',
        error: {
          code: 'cancelled',
          message: 'This task was running when the backup that Buoy was restored from was made.',
          hint: 'Check the server, then start the task again if it is still needed.',
        },
      },
    });
  return unfinished.length;
}

/** The note beside the database is about the one that was there before; the next start makes a new one. */
const noAnchor = {
  read: () => Promise.resolve(null),
  advance: () => undefined,
  close: () => Promise.resolve(),
};

async function writeLines(file: string, lines: AsyncIterable<string>): Promise<void> {
  const handle = openSync(file, 'wx', 0o600);
  try {
    for await (const line of lines) writeSync(handle, line);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
