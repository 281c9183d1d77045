// Alerts: the problems of servers and how people handle them. The monitor stores the results of its checks here.
import type { Alert, AlertSeverity, AlertStatus } from '@buoy/contract';
import type { Access } from '../access/access.ts';
import type { AuditRecorder, Note } from '../audit/audit-recorder.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import type { Caller, CallerNow } from '../users/caller.ts';
import { presentAlert } from './alert.presenter.ts';
import type { AlertRow, AlertStore } from './alerts.store.ts';
import { type AlertKey, alertKeyText, restOf } from './condition.ts';
import type { Evaluation } from './conditions.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Milliseconds for which resolved alerts are kept, and how many go at a time. */
const KEPT_MS = 90 * DAY_MS;
const REMOVED_AT_ONCE = 500;
/** Alerts of one server: a hostile one may report other conditions at each check. */
const MAX_ALERTS = { maxOpen: 200, maxResolved: 1_000 };

/** What began and what ended. */
export type AlertChanges = { opened: AlertRow[]; resolved: AlertRow[] };

export type Alerts = ReturnType<typeof createAlerts>;

export function createAlerts({
  store,
  access,
  onEvent = () => {},
  clock,
}: {
  store: AlertStore;
  access: Access;
  /** Something that people are told of has been stored. */
  onEvent?: () => void;
  clock: Clock;
}) {
  const now = () => isoTime(clock.now());
  /** Two hundred alerts are read or written at once, for many servers or callers at the same time. */
  const myTurn = createOneATurn();

  const findRow = async (id: string): Promise<AlertRow> => {
    const row = await store.find(id);
    if (row === undefined) throw new AppError('not_found', 'There is no such alert.');
    return row;
  };

  const presentFor = async (caller: Caller, row: AlertRow): Promise<Alert> =>
    presentAlert(row, await store.readAt(row.id, caller.user.id), clock.now());

  const openRow = async (id: string): Promise<AlertRow> => {
    const row = await findRow(id);
    if (row.resolvedAt !== null) throw isOver();
    return row;
  };

  return {
    /** The server that an alert is about; null: there is no such alert. */
    serverIdOf: async (id: string): Promise<string | null> => (await store.find(id))?.serverId ?? null,

    /** A page of alerts of the servers that the caller sees, and the total numbers of open and unread ones. */
    async list(
      caller: Caller,
      query: {
        serverId?: string | undefined;
        status?: AlertStatus | undefined;
        unread: boolean;
        limit: number;
        cursor?: string | undefined;
      },
      callerNow: CallerNow,
    ): Promise<{ alerts: Alert[]; nextCursor: string | null; unread: number }> {
      const userId = caller.user.id;
      const serverIds = await access.visibleServerIds(caller.user);
      const { serverId, status, unread, limit, cursor } = query;
      const filter = {
        serverIds,
        serverId,
        status: status && { is: status, now: now() },
        unreadBy: unread ? userId : undefined,
      };
      const [page, unreadCount] = await Promise.all([
        store.list(filter, userId, { limit, cursor }),
        store.countUnread(serverIds, userId),
      ]);
      const isStillVisible = await access.visibleTo((await callerNow()).user);
      return {
        alerts: page.alerts.filter(isStillVisible).map((row) => presentAlert(row, row.readAt, clock.now())),
        nextCursor: page.nextCursor,
        unread: unreadCount,
      };
    },

    /** The open alerts of a server, newest first. */
    async openOn(caller: Caller, serverId: string): Promise<Alert[]> {
      await myTurn(caller.user.id);
      const rows = await store.openReadBy(serverId, caller.user.id);
      return rows.map((row) => presentAlert(row, row.readAt, clock.now()));
    },

    /** Acknowledges the alert. Throws `not_found`, `conflict` when it is resolved. */
    async acknowledge(caller: Caller, id: string, audit?: AuditRecorder): Promise<Alert> {
      const by = { userId: caller.user.id, now: now() };
      const row = await openRow(id);
      // The first person stays named.
      if (row.acknowledgedAt !== null) audit?.unchanged(noteOf(row));
      else if (!(await store.acknowledge(id, by, audit?.change(noteOf(row))))) throw isOver();
      onEvent();
      return presentFor(caller, await findRow(id));
    },

    /** Snoozes the alert for `minutes`. Throws `not_found`, `conflict` when it is resolved. */
    async snooze(caller: Caller, id: string, minutes: number, audit?: AuditRecorder): Promise<Alert> {
      const by = { userId: caller.user.id, now: now() };
      const row = await openRow(id);
      const until = isoTime(clock.now() + minutes * MINUTE_MS);
      if (!(await store.snooze(id, until, by, audit?.change(noteOf(row))))) throw isOver();
      onEvent();
      return presentFor(caller, await findRow(id));
    },

    /** The caller has read it; the first time counts. Throws `not_found`. */
    async read(caller: Caller, id: string, audit?: AuditRecorder): Promise<Alert> {
      const row = await findRow(id);
      const by = { userId: caller.user.id, now: now() };
      if ((await store.readAt(id, by.userId)) !== null) audit?.unchanged(noteOf(row));
      else await store.markRead(id, by, audit?.change(noteOf(row)));
      return presentFor(caller, await findRow(id));
    },

    /** The open alerts of a server, for the monitor. */
    async openTopics(serverId: string): Promise<(topic: AlertKey) => boolean> {
      const open = new Set((await store.open(serverId)).map(alertKeyText));
      return (topic) => open.has(alertKeyText(topic));
    },

    /** Stores an evaluation. Returns the opened and resolved alerts; null when the server was deleted in the meantime. */
    async record(
      serverId: string,
      { active, evaluated, undetermined, over = [] }: Evaluation,
    ): Promise<AlertChanges | null> {
      const seen = new Set<string>(evaluated);
      const notClear = new Set(undetermined.map(alertKeyText));
      const ended = new Set(over.map(alertKeyText));
      const isOver = (alert: AlertRow) =>
        ended.has(alertKeyText(alert)) || (seen.has(alert.type) && !notClear.has(alertKeyText(alert)));
      await myTurn();
      const changes = await store.record(serverId, { active, isOver, restOf, ...MAX_ALERTS }, now());
      if (changes !== null && changes.opened.length + changes.resolved.length > 0) onEvent();
      return changes;
    },

    /** Deletes some of the oldest resolved alerts. */
    async forgetOld(): Promise<void> {
      await store.removeResolved(isoTime(clock.now() - KEPT_MS), REMOVED_AT_ONCE);
    },

    /** How many are open, for the metrics. */
    async openBySeverity(): Promise<Record<AlertSeverity, number>> {
      const counts = { critical: 0, warning: 0 };
      for (const { severity, count } of await store.countOpen())
        counts[severity === 'critical' ? 'critical' : 'warning'] += count;
      return counts;
    },
  };
}

function noteOf({ id, type, subject }: AlertRow): Note {
  return { target: subject === '' ? type : `${type} ${subject}`, details: { alert: id } };
}

function isOver(): AppError {
  return new AppError('conflict', 'This alert is resolved.', {
    hint: 'If the problem returns, Buoy opens a new alert.',
  });
}
