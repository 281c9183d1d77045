// Maintenance windows: when a server's state is `maintenance` and nobody is told of its alerts. The entry point for routes and features.
import type { Contract, MaintenanceWindow, NewMaintenance, ParsedRequestOf } from '@buoy/contract';
import type { AuditRecorder, Note } from '../audit/audit-recorder.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import type { Caller } from '../users/caller.ts';
import type {
  MaintenanceScope,
  MaintenanceSpan,
  MaintenanceStore,
  MaintenanceWindowRow,
} from './maintenance.store.ts';
import { createNextSpan, storedTimes, timesOf } from './next-span.ts';

const LIMITS = {
  maxWindows: 20,
  full: (serverName: string) =>
    new AppError('conflict', `${serverName} has 20 maintenance windows, which is the limit.`, {
      hint: 'Remove those that you do not need.',
    }),
  maxServers: 500,
  tooMany: () =>
    new AppError('conflict', 'More than 500 servers have this tag.', { hint: 'Use a tag of fewer servers.' }),
};
/** Windows that are settled before other work goes on: each is a transaction. */
const SETTLED_AT_ONCE = 100;
/** Servers that an audit entry names. */
const NAMED = 20;

type Page = ParsedRequestOf<Contract['GET /servers/:id/maintenance']>['query'];
/** Where a call looks: at one server, or at those with a tag that the caller is an admin of. */
export type MaintenanceOf = { serverId: string } | { tag: string; caller: Caller };

export type { MaintenanceSpan } from './maintenance.store.ts';

export type Maintenance = ReturnType<typeof createMaintenance>;

export function createMaintenance({
  store,
  onChange,
  clock,
  logger,
}: {
  store: MaintenanceStore;
  /** Maintenance has begun or ended by a call. */
  onChange: () => void;
  clock: Clock;
  logger: Logger;
}) {
  const now = () => isoTime(clock.now());
  const nextSpan = createNextSpan();
  const myTurn = createOneATurn();

  const present = (row: MaintenanceWindowRow): MaintenanceWindow => {
    const { id, serverId, reason, createdBy, createdAt } = row;
    const times = storedTimes(row) ?? { kind: 'once', from: row.startsAt, to: row.endsAt };
    // One that has just ended has its next time in a moment.
    const span = row.endsAt > now() ? row : (nextSpan(times, clock.now()) ?? row);
    const { startsAt, endsAt: until } = span;
    const active = startsAt <= now() && until > now();
    return { ...{ id, serverId, reason, active, startsAt, until, createdBy, createdAt }, ...times };
  };

  return {
    /** Throws `invalid_request` for a cursor that is none. */
    async list(
      of: MaintenanceOf,
      page: Page,
    ): Promise<{ windows: MaintenanceWindow[]; nextCursor: string | null }> {
      const { windows: rows, nextCursor } = await store.list(scopeOf(of), page, now());
      const windows: MaintenanceWindow[] = [];
      for (const row of rows) {
        await myTurn();
        windows.push(present(row));
      }
      return { windows, nextCursor };
    },

    /**
     * The same window for each of the servers.
     * @throws AppError `invalid_request` for times that cannot be, `not_found` where there is no server, `conflict` for too many
     */
    async create(
      of: MaintenanceOf,
      caller: Caller,
      given: NewMaintenance,
      audit: AuditRecorder,
    ): Promise<MaintenanceWindow[]> {
      await myTurn(caller.user.id);
      if (!(await store.hasServers(scopeOf(of)))) throw noServer(of);
      const nowMs = clock.now();
      const createdAt = isoTime(nowMs);
      const times = timesOf(given, nextSpan, nowMs);
      const span = nextSpan(times, nowMs);
      if (span === null) throw new Error('A window that was checked has no time.');
      // It hides nothing of before: a server is in maintenance from the moment in which somebody says so.
      const startsAt = isoTime(Math.max(Date.parse(span.startsAt), nowMs));
      const { kind, ...definition } = times;
      const rows = await store.insert(
        scopeOf(of),
        (serverId) => ({
          ...{ id: newId('mnt'), serverId, kind, definition: JSON.stringify(definition) },
          ...{ reason: given.reason ?? null, startsAt, endsAt: span.endsAt, removedAt: null },
          ...{ createdBy: caller.user.id, createdAt },
        }),
        LIMITS,
        createdAt,
        (servers) => audit.change(noteOf(of, servers)),
      );
      if (rows.length === 0) throw noServer(of);
      onChange();
      return rows.map(present);
    },

    /**
     * Ends what is active, and removes all windows of the servers, or one of them.
     * @throws AppError `not_found` where there is no such window or server
     */
    async remove(of: MaintenanceOf, windowId: string | null, audit: AuditRecorder): Promise<void> {
      const also = (
        servers: ReadonlyArray<{ id: string; name: string }>,
        windows: number,
      ): TransactionHook => {
        if (windows > 0) return audit.change(noteOf(of, servers, windowId));
        if (windowId !== null) throw new AppError('not_found', 'There is no such maintenance window.');
        return audit.routine(noteOf(of, servers));
      };
      const { servers } = await store.remove(scopeOf(of), windowId, now(), also);
      if (servers === 0) throw noServer(of);
      onChange();
    },

    /** For the transaction in which a person is no admin of the server any more: what that person set there ends. */
    endOf: (serverId: string, userId: string): TransactionHook => store.endOf(serverId, userId, now()),

    /** Servers in maintenance now, by their ids: of all, or of one. */
    async active(serverId?: string): Promise<ReadonlyMap<string, MaintenanceSpan>> {
      const found = await store.active(now(), serverId);
      return new Map(found.map(({ serverId: id, ...span }) => [id, span]));
    },

    /**
     * Deals with the windows that have ended: those that come again get their next time, the others go.
     * @param holdBack runs in the transaction of each: what happened in it
     * @returns whether more of them are left
     */
    async settle(holdBack: (serverId: string, window: MaintenanceSpan) => TransactionHook): Promise<boolean> {
      const ended = await store.ended(now(), SETTLED_AT_ONCE);
      for (const row of ended) {
        await myTurn();
        const { id, serverId, removedAt } = row;
        let next: MaintenanceSpan | null = null;
        try {
          const times = removedAt === null ? storedTimes(row) : null;
          next = times === null ? null : nextSpan(times, clock.now());
        } catch (error) {
          // Its server must not stay silent.
          logger.error({ serverId, window: id, err: error }, 'removes a maintenance window without a time');
        }
        try {
          await store.settle(row, next, holdBack(serverId, row));
        } catch (error) {
          // It stays to be settled; other servers go on meanwhile.
          logger.error({ serverId, window: id, err: error }, 'could not settle a maintenance window');
        }
      }
      return ended.length === SETTLED_AT_ONCE;
    },
  };
}

function scopeOf(of: MaintenanceOf): MaintenanceScope {
  if ('serverId' in of) return of;
  const { user } = of.caller;
  return { tag: of.tag, adminId: user.isSuperAdmin ? null : user.id };
}

function noteOf(
  of: MaintenanceOf,
  servers: ReadonlyArray<{ id: string; name: string }>,
  windowId: string | null = null,
): Note {
  const names = servers.map(({ name }) => name);
  if ('serverId' in of)
    return { target: names[0] ?? null, ...(windowId === null ? {} : { details: { window: windowId } }) };
  return {
    target: of.tag,
    details: { servers: names.length, names: names.slice(0, NAMED), serverIds: servers.map(({ id }) => id) },
  };
}

function noServer(of: MaintenanceOf): AppError {
  return new AppError(
    'not_found',
    'serverId' in of ? 'There is no such server.' : 'You are an admin of no server with this tag.',
  );
}
