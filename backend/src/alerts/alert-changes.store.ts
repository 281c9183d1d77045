// SQL for what one check of a server changes: alerts opened, renewed and removed, in statements of many rows each.
import type { AlertType } from '@buoy/contract';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { AlertTable } from '../db/schema.ts';
import { newId } from '../lib/ids.ts';
import { alertKeyText } from './condition.ts';

/** An active condition: type and subject identify it, severity and text describe its current state. */
export type ActiveCondition = Pick<AlertTable, 'subject' | 'severity' | 'cause' | 'evidence'> & {
  type: AlertType;
};

/** Most alerts that one check removes; it opens far fewer. */
const REMOVED_AT_ONCE = 1_000;
/** Rows of one statement, each with up to 17 values: with a statement for each alert, many alerts would block the event loop. */
const ROWS_AT_ONCE = 100;

export function newAlert(serverId: string, condition: ActiveCondition, now: string): AlertTable {
  const { type, subject, severity, cause, evidence } = condition;
  return {
    ...{ id: newId('alr'), serverId, type, subject, severity, cause, evidence },
    ...{ firstAt: now, lastAt: now, count: 1 },
    ...{ acknowledgedAt: null, acknowledgedBy: null, snoozedUntil: null, resolvedAt: null },
    ...{ noteCount: 0, remindFrom: null, remindAt: null },
    ...{ autoRepairedAt: null, autoRepairedBy: null, autoRepairResult: null },
  };
}

/** What can happen to an alert that people are told of. */
export type AlertEventKind =
  | 'firing'
  | 'reminder'
  | 'acknowledged'
  | 'snoozed'
  | 'resolved'
  /** Buoy restarts the gateway by itself, or has. */
  | 'auto_repair';

/** Notes what happened, in the transaction in which it does: whoever tells people finds it there, also after a crash. */
export async function insertAlertEvents(
  trx: Db,
  alerts: ReadonlyArray<Pick<AlertTable, 'id' | 'serverId'>>,
  kind: AlertEventKind,
  at: string,
): Promise<void> {
  for (const some of slicesOf(alerts)) {
    const rows = some.map(({ id: alertId, serverId }) => ({
      ...{ id: newId('aev'), serverId, alertId, kind, at },
      held: 0,
    }));
    await trx.insertInto('alertEvents').values(rows).execute();
  }
}

export async function insertAlerts(trx: Db, alerts: readonly AlertTable[]): Promise<void> {
  for (const rows of slicesOf(alerts)) await trx.insertInto('alerts').values(rows).execute();
}

/**
 * Updates the alerts of `before` whose condition is among `seen`: all of them count once more, and few have changed.
 * One that becomes worse is told anew.
 */
export async function renewAlerts(
  trx: Db,
  before: readonly AlertTable[],
  seen: ReadonlyMap<string, ActiveCondition>,
  now: string,
): Promise<void> {
  const renewed: string[] = [];
  const changed: Array<{ id: string } & ActiveCondition> = [];
  const worse: AlertTable[] = [];
  for (const alert of before) {
    const condition = seen.get(alertKeyText(alert));
    if (condition === undefined) continue;
    const { severity, cause, evidence } = condition;
    renewed.push(alert.id);
    if (severity !== alert.severity || cause !== alert.cause || evidence !== alert.evidence)
      changed.push({ ...condition, id: alert.id });
    if (severity === 'critical' && alert.severity !== 'critical') worse.push(alert);
  }
  for (const ids of slicesOf(renewed))
    await trx
      .updateTable('alerts')
      .set((e) => ({ lastAt: now, count: e('count', '+', 1) }))
      .where('id', 'in', ids)
      .execute();
  for (const rows of slicesOf(changed)) {
    const values = rows.map(
      ({ id, severity, cause, evidence }) => sql`(${id}, ${severity}, ${cause}, ${evidence})`,
    );
    // Both databases name the columns of VALUES so.
    await sql`update alerts set severity = fresh.column2, cause = fresh.column3, evidence = fresh.column4
      from (values ${sql.join(values)}) as fresh where alerts.id = fresh.column1`.execute(trx);
  }
  for (const some of slicesOf(worse)) {
    const ids = some.map(({ id }) => id);
    await trx
      .updateTable('alerts')
      .set({ acknowledgedAt: null, acknowledgedBy: null, snoozedUntil: null })
      .where('id', 'in', ids)
      .execute();
    await trx.deleteFrom('alertReads').where('alertId', 'in', ids).execute();
  }
  await insertAlertEvents(trx, worse, 'firing', now);
}

function slicesOf<T>(all: readonly T[]): T[][] {
  const slices: T[][] = [];
  for (let start = 0; start < all.length; start += ROWS_AT_ONCE)
    slices.push(all.slice(start, start + ROWS_AT_ONCE));
  return slices;
}

/** Keeps the newest resolved alerts of a server whose conditions differ each time. */
export async function removeResolvedBeyond(trx: Db, serverId: string, max: number): Promise<void> {
  await trx
    .deleteFrom('alerts')
    .where('id', 'in', (e) =>
      e
        .selectFrom('alerts')
        .select('id')
        .where('serverId', '=', serverId)
        .where('resolvedAt', 'is not', null)
        .orderBy('resolvedAt', 'desc')
        .orderBy('id', 'desc')
        .limit(REMOVED_AT_ONCE)
        .offset(max),
    )
    .execute();
}
