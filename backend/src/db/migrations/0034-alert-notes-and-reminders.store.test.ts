// Alerts that an older Buoy has stored are reminded of, later and not all at once.
import { expect, test } from 'vitest';
import { insertAlerts } from '../../alerts/alert-changes.store.ts';
import { alertRow } from '../../notify/testing/notifications.ts';
import { testDatabases } from '../testing/databases.ts';
import { serverRow } from '../testing/server-row.ts';
import { alertNotesAndReminders } from './0034-alert-notes-and-reminders.ts';

test.each(testDatabases())(
  'alert-notes-and-reminders migration on $name begins the reminders of open alerts that nobody handles',
  async ({ open }) => {
    const { db, close } = await open();
    await db.insertInto('servers').values(serverRow('srv_1')).execute();
    const at = '2026-01-01T00:00:00.000Z';
    await insertAlerts(db, [
      alertRow({ id: 'critical', subject: '1' }),
      alertRow({ id: 'warning', subject: '2', severity: 'warning' }),
      alertRow({ id: 'acknowledged', subject: '3', acknowledgedAt: at }),
      alertRow({ id: 'snoozed', subject: '4', snoozedUntil: at }),
      alertRow({ id: 'resolved', subject: '5', resolvedAt: at }),
    ]);
    await db.schema.dropTable('alertNotes').execute();
    await db.schema.dropIndex('alerts_remind').execute();
    for (const column of ['noteCount', 'remindFrom', 'remindAt'])
      await db.schema.alterTable('alerts').dropColumn(column).execute();
    for (const column of ['escalatesAt', 'toldAt'])
      await db.schema.alterTable('notificationDeliveries').dropColumn(column).execute();

    const before = Date.now();
    await alertNotesAndReminders.up(db);
    const rows = await db.selectFrom('alerts').select(['id', 'remindAt', 'noteCount']).execute();
    const hours = rows.map(({ id, remindAt, noteCount }) => [
      id,
      remindAt === null ? null : Math.round((Date.parse(remindAt) - before) / 3_600_000),
      noteCount,
    ]);
    expect(Object.fromEntries(hours.map(([id, ...rest]) => [id, rest]))).toEqual({
      ...{ critical: [1, 0], warning: [24, 0], acknowledged: [null, 0], snoozed: [null, 0] },
      resolved: [null, 0],
    });
    await close();
  },
);
