// SQL fragments for the alert store: sort position of an alert and the filter of a list.
import { setImmediate as othersTurn } from 'node:timers/promises';
import { type AlertStatus, id as idSchema } from '@buoy/contract';
import type { AliasableExpression, Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { z } from 'zod';
import type { Db } from '../db/database.ts';
import { cursorOf, positionIn } from '../db/page-cursor.ts';
import type { AlertTable, Database } from '../db/schema.ts';

export type AlertFilter = {
  /** null: all. */
  serverIds: readonly string[] | null;
  serverId?: string | undefined;
  /** A snooze that has ended at `now`, ISO 8601, is none. */
  status?: { is: AlertStatus; now: string } | undefined;
  /** Only what that person has not read. */
  unreadBy?: string | undefined;
};

/** Servers with many alerts that are read in one query, some milliseconds of work: SQLite blocks the event loop. */
const SERVERS_AT_ONCE = 10;
/** Alerts from which on a server has many: it may have ten times as many. */
const MANY_ALERTS = 120;
/** Servers whose alerts are counted, up to that number, in one query. */
const COUNTED_AT_ONCE = 200;

/** The sort position of an alert: part of the list, timestamp and id. */
const position = z.tuple([z.literal([0, 1]), z.iso.datetime(), idSchema]);
type AlertPosition = z.output<typeof position>;

/** The cursor that continues after `last`. */
export function cursorBehind({ resolvedAt, firstAt, id }: AlertTable): string {
  return cursorOf([resolvedAt === null ? 0 : 1, firstAt, id] satisfies AlertPosition);
}

/** @throws AppError `invalid_request` for what `cursorBehind` did not make */
export function positionOf(cursor: string): AlertPosition {
  return positionIn(cursor, position);
}

/**
 * Ids of the first `limit` alerts of a list after `after`, in order. One person's servers may have a hundred thousand alerts: only their
 * sort positions are read, and the event loop runs in between.
 */
export async function idsInOrder(
  db: Db,
  filter: AlertFilter,
  { limit, after }: { limit: number; after: AlertPosition | null },
): Promise<string[]> {
  const places = db.selectFrom('alerts').select((e) => ['alerts.id', 'alerts.firstAt', partOf(e).as('part')]);
  let first: string[] = [];
  for await (const serverIds of slicesOf(db, await serversIn(db, filter))) {
    const added = places
      .where((e) => matches(e, { ...filter, serverIds }))
      .$if(after !== null, (query) => query.where((e) => isBehind(e, after!)));
    // The database sorts all of them: PostgreSQL may order ids otherwise than JavaScript.
    const found = first.length === 0 ? added : added.unionAll(places.where('alerts.id', 'in', first));
    const rows = await db
      .selectFrom(found.as('places'))
      .select('places.id')
      .orderBy('places.part')
      .orderBy('places.firstAt', 'desc')
      .orderBy('places.id', 'desc')
      .limit(limit)
      .execute();
    first = rows.map(({ id }) => id);
  }
  return first;
}

/** How many alerts of a list are open, counted in the same way. */
export async function countOpenIn(db: Db, filter: AlertFilter): Promise<number> {
  let total = 0;
  for await (const serverIds of slicesOf(db, await serversIn(db, filter))) {
    const { count } = await db
      .selectFrom('alerts')
      .select((e) => e.fn.countAll<number>().as('count'))
      .where((e) => matches(e, { ...filter, serverIds }))
      .where('resolvedAt', 'is', null)
      .executeTakeFirstOrThrow();
    total += count;
  }
  return total;
}

async function serversIn(db: Db, { serverIds, serverId }: AlertFilter): Promise<readonly string[]> {
  if (serverId !== undefined) return serverIds === null || serverIds.includes(serverId) ? [serverId] : [];
  return serverIds ?? (await db.selectFrom('servers').select('id').execute()).map(({ id }) => id);
}

/** Those that have alerts, as many in a slice as one query may read: most servers have few or none, and a query for each ten of them would cost more. */
async function* slicesOf(db: Db, serverIds: readonly string[]): AsyncGenerator<readonly string[]> {
  if (serverIds.length <= SERVERS_AT_ONCE) {
    if (serverIds.length > 0) yield serverIds;
    return;
  }
  let slice: string[] = [];
  let size = 0;
  for (let start = 0; start < serverIds.length; start += COUNTED_AT_ONCE) {
    if (start > 0) await othersTurn();
    for (const { id, alerts } of await countUpToMany(db, serverIds.slice(start, start + COUNTED_AT_ONCE))) {
      if (size + alerts > SERVERS_AT_ONCE * MANY_ALERTS) {
        yield slice;
        await othersTurn();
        slice = [];
        size = 0;
      }
      slice.push(id);
      size += alerts;
    }
  }
  if (slice.length > 0) yield slice;
}

/** The servers among these that have alerts. */
async function countUpToMany(
  db: Db,
  serverIds: readonly string[],
): Promise<Array<{ id: string; alerts: number }>> {
  const counted = await db
    .selectFrom('servers')
    .select((e) => [
      'servers.id',
      e
        .selectFrom(
          e
            .selectFrom('alerts')
            .select('alerts.id')
            .whereRef('alerts.serverId', '=', 'servers.id')
            .limit(MANY_ALERTS)
            .as('some'),
        )
        .select((some) => some.fn.countAll<number>().as('count'))
        .$asScalar()
        .as('alerts'),
    ])
    .where('servers.id', 'in', serverIds)
    .execute();
  return counted.flatMap(({ id, alerts }) => (alerts === null || alerts === 0 ? [] : [{ id, alerts }]));
}

/** 0 for open alerts, 1 for resolved ones. */
function partOf(e: ExpressionBuilder<Database, 'alerts'>): AliasableExpression<number> {
  return e.case().when('alerts.resolvedAt', 'is', null).then(0).else(1).end();
}

/** Whether an alert comes after that position. */
function isBehind(
  e: ExpressionBuilder<Database, 'alerts'>,
  [part, firstAt, id]: AlertPosition,
): Expression<SqlBool> {
  const isOlder = e.or([
    e('alerts.firstAt', '<', firstAt),
    e.and([e('alerts.firstAt', '=', firstAt), e('alerts.id', '<', id)]),
  ]);
  const isResolved = e('alerts.resolvedAt', 'is not', null);
  return part === 1
    ? e.and([isResolved, isOlder])
    : e.or([isResolved, e.and([e('alerts.resolvedAt', 'is', null), isOlder])]);
}

/** Whether an alert passes the filter. */
function matches(
  e: ExpressionBuilder<Database, 'alerts'>,
  { serverIds, serverId, status, unreadBy }: AlertFilter,
): Expression<SqlBool> {
  if (serverIds?.length === 0) return e.lit(false);
  const conditions: Expression<SqlBool>[] = [];
  if (serverIds !== null) conditions.push(e('alerts.serverId', 'in', [...serverIds]));
  if (serverId !== undefined) conditions.push(e('alerts.serverId', '=', serverId));
  if (status !== undefined) conditions.push(...statusConditions(e, status));
  if (unreadBy !== undefined)
    conditions.push(
      e.not(
        e.exists(
          e
            .selectFrom('alertReads')
            .select('alertReads.alertId')
            .whereRef('alertReads.alertId', '=', 'alerts.id')
            .where('alertReads.userId', '=', unreadBy),
        ),
      ),
    );
  return e.and(conditions);
}

/** The same as the presenter derives. */
function statusConditions(
  e: ExpressionBuilder<Database, 'alerts'>,
  { is: status, now }: NonNullable<AlertFilter['status']>,
): Expression<SqlBool>[] {
  const isOpen = e('alerts.resolvedAt', 'is', null);
  const isFree = e('alerts.acknowledgedAt', 'is', null);
  switch (status) {
    case 'resolved':
      return [e('alerts.resolvedAt', 'is not', null)];
    case 'acknowledged':
      return [isOpen, e('alerts.acknowledgedAt', 'is not', null)];
    case 'snoozed':
      return [isOpen, isFree, e('alerts.snoozedUntil', '>', now)];
    case 'firing':
      return [
        isOpen,
        isFree,
        e.or([e('alerts.snoozedUntil', 'is', null), e('alerts.snoozedUntil', '<=', now)]),
      ];
  }
}
