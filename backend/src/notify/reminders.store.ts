// SQL for reminders: when each alert is told again, and the events of those that are due.
import { alertSeverity } from '@buoy/contract';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { AlertTable } from '../db/schema.ts';
import { isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import { heldServers } from './held-back.store.ts';
import { nextReminderMs } from './reminders.ts';

/** Reminders in one transaction. */
const AT_ONCE = 100;

export type ReminderStore = ReturnType<typeof createReminderStore>;

export function createReminderStore(db: Db) {
  return {
    /**
     * Makes an event of each reminder that is due, once over all Buoys. That of a server in maintenance is due until its end, and so is one
     * of which something else is still to be told. Answers whether more are left.
     */
    async takeDue(now: string): Promise<boolean> {
      const due = await db
        .selectFrom('alerts')
        .select(['id', 'serverId', 'severity', 'remindFrom'])
        .where('remindAt', '<=', now)
        .where('serverId', 'not in', heldServers(db, now))
        .where((e) =>
          e.not(
            e.exists(
              e
                .selectFrom('alertEvents')
                .select('alertEvents.id')
                .whereRef('alertEvents.alertId', '=', 'alerts.id'),
            ),
          ),
        )
        .orderBy('remindAt')
        .limit(AT_ONCE)
        .execute();
      if (due.length === 0) return false;
      const next = due.map(
        ({ id, severity, remindFrom }) => sql`(${id}, ${nextOf(severity, remindFrom, now)})`,
      );
      await db.transaction().execute(async (trx) => {
        const { rows } = await sql<{ id: string }>`update alerts set remind_at = fresh.column2
          from (values ${sql.join(next)}) as fresh
          where alerts.id = fresh.column1 and alerts.remind_at <= ${now} returning id`.execute(trx);
        const taken = new Set(rows.map(({ id }) => id));
        const events = due
          .filter(({ id }) => taken.has(id))
          .map(({ id: alertId, serverId }) => ({
            ...{ id: newId('aev'), serverId, alertId, kind: 'reminder', at: now, held: 0 },
          }));
        if (events.length > 0) await trx.insertInto('alertEvents').values(events).execute();
      });
      return due.length === AT_ONCE;
    },
  };
}

/** The alert is told now: its reminders begin, unless somebody takes care of it by now. */
export async function beginReminders(
  trx: Db,
  { alertId, severity }: { alertId: string; severity: string },
  now: string,
): Promise<void> {
  await trx
    .updateTable('alerts')
    .set({ remindFrom: now, remindAt: nextOf(severity, now, now) })
    .where('id', '=', alertId)
    .where('resolvedAt', 'is', null)
    .where('acknowledgedAt', 'is', null)
    .where('snoozedUntil', 'is', null)
    .execute();
}

function nextOf(severity: string, from: AlertTable['remindFrom'], now: string): string {
  const nowMs = Date.parse(now);
  const fromMs = from === null ? nowMs : Date.parse(from);
  return isoTime(nextReminderMs(alertSeverity.catch('warning').parse(severity), fromMs, nowMs));
}
