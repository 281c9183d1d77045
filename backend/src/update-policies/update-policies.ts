// Update policies: people pin the servers that they own to a version, or give rollouts a time, by a tag. The entry point for routes and features.
import {
  type EffectivePolicy,
  type UpdatePolicy,
  type UpdatePolicyChange,
  weekdays,
  weeklyWindow,
} from '@buoy/contract';
import { z } from 'zod';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import type { UpdatePolicyTable } from '../db/schema.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import { createWeeklyWindows } from '../lib/weekly-windows.ts';
import type { Caller } from '../users/caller.ts';
import { pinnedVersion, type ServerPolicies, targetUnder } from './policies-of-server.ts';
import type { UpdatePolicyStore } from './update-policies.store.ts';

export { neverOpen, type ServerPolicies, targetUnder } from './policies-of-server.ts';

/** Of one person: as many as they may have servers by default. */
const LIMITS = {
  maxPolicies: 100,
  full: () =>
    new AppError('conflict', 'You have 100 update policies, which is the limit.', {
      hint: 'Remove those that you do not need.',
    }),
};

/** Its zone was known when it was stored; to ask again costs more than all else here. */
const storedWindow = z.object({ ...weeklyWindow.shape, timezone: z.string() });

const none: ServerPolicies = { pins: [], windows: [] };

export type UpdatePolicies = ReturnType<typeof createUpdatePolicies>;

export function createUpdatePolicies({ store, clock }: { store: UpdatePolicyStore; clock: Clock }) {
  const windows = createWeeklyWindows();
  /** A person may have windows in a hundred zones, whose calendars are loaded one by one. */
  const myTurn = createOneATurn();

  const present = ({ tag, pinned, updateWindow, version, updatedAt }: UpdatePolicyTable): UpdatePolicy => {
    const window = windowIn(updateWindow);
    const now = clock.now();
    const opensAt = window === null ? now : windows.opensAt([window], now);
    return {
      ...{ tag, pinned, window, version, updatedAt },
      opensAt: opensAt === null || opensAt === now ? null : isoTime(opensAt),
    };
  };

  /** When all windows of a server are open, from `fromMs` on; null: at no time within three weeks. Milliseconds since the epoch. */
  const opensAt = (policies: ServerPolicies, fromMs: number): number | null =>
    windows.opensAt(
      policies.windows.map(({ window }) => window),
      fromMs,
    );

  /** What the owner of each server has chosen for its tags, as it is now; of a server that is gone nothing. The same object for the same policies. */
  const ofServers = async (serverIds: readonly string[]): Promise<(serverId: string) => ServerPolicies> => {
    const found = await store.ofServers(serverIds);
    /** Hundreds of servers share a few policies: each is read once. */
    const read = new Map<string, ServerPolicies>();
    return (serverId) => {
      const rows = found.get(serverId);
      if (rows === undefined) return none;
      const key = rows.map(({ userId, tag }) => `${userId},${tag}`).join(',');
      const policies = read.get(key) ?? holding(rows);
      read.set(key, policies);
      return policies;
    };
  };

  const ofServer = async (serverId: string): Promise<ServerPolicies> =>
    (await ofServers([serverId]))(serverId);

  return {
    /** The caller's own, by their tags. Throws `invalid_request` for a cursor that is none. */
    async list(
      { user }: Caller,
      page: { limit: number; cursor?: string | undefined },
    ): Promise<{ policies: UpdatePolicy[]; nextCursor: string | null }> {
      const { policies: rows, nextCursor } = await store.list(user.id, page);
      const policies: UpdatePolicy[] = [];
      for (const row of rows) {
        if (row.updateWindow !== null) await myTurn(user.id);
        policies.push(present(row));
      }
      return { policies, nextCursor };
    },

    /** The caller's own. Throws `not_found`. */
    async find({ user }: Caller, tag: string): Promise<UpdatePolicy> {
      const row = await store.find(user.id, tag);
      if (row === null) throw noSuchPolicy();
      return present(row);
    },

    /**
     * Makes or changes the caller's own; what is absent stays.
     * @param options.ifMatch the version that the caller saw, null for whichever
     * @throws AppError `stale_version`, `conflict` for too many
     */
    async change(
      { user }: Caller,
      tag: string,
      change: UpdatePolicyChange,
      { ifMatch }: { ifMatch: number | null },
      audit?: AuditRecorder,
    ): Promise<UpdatePolicy> {
      const choose = (stored: UpdatePolicyTable | null) => {
        if (ifMatch !== null && ifMatch !== stored?.version) throw staleVersion();
        const { pinned, window } = change;
        return {
          pinned: pinned === undefined ? (stored?.pinned ?? null) : pinned,
          updateWindow: window === undefined ? (stored?.updateWindow ?? null) : textOf(window),
        };
      };
      const row = await store.change({ userId: user.id, tag }, isoTime(clock.now()), choose, LIMITS, {
        also: audit?.change({ target: tag }),
        alsoWhenSame: audit?.routine({ target: tag }),
      });
      return present(row);
    },

    /** The caller's own. Throws `not_found`. */
    async remove({ user }: Caller, tag: string, audit?: AuditRecorder): Promise<void> {
      if (!(await store.remove(user.id, tag, audit?.change({ target: tag })))) throw noSuchPolicy();
    },

    ofServers,
    ofServer,
    opensAt,

    /** As `targetUnder`, by the policies that hold for this server now. */
    async targetOf(serverId: string, wanted: string): Promise<string> {
      return targetUnder(await ofServer(serverId), wanted);
    },

    /** For people with a role on that server: its pins, and whether rollouts may update it now. */
    async effectiveOn(serverId: string): Promise<{ pinned: string | null; policy: EffectivePolicy }> {
      const policies = await ofServer(serverId);
      const now = clock.now();
      const opens = opensAt(policies, now);
      return {
        pinned: pinnedVersion(policies),
        policy: {
          pins: [...policies.pins],
          windowTags: policies.windows.map(({ tag }) => tag),
          isOpen: opens === now,
          opensAt: opens === null || opens === now ? null : isoTime(opens),
        },
      };
    },
  };
}

function holding(rows: readonly UpdatePolicyTable[]): ServerPolicies {
  return {
    pins: rows.flatMap(({ tag, pinned }) => (pinned === null ? [] : [{ tag, version: pinned }])),
    windows: rows.flatMap(({ tag, updateWindow }) => {
      const window = windowIn(updateWindow);
      return window === null ? [] : [{ tag, window }];
    }),
  };
}

function windowIn(text: string | null): UpdatePolicy['window'] {
  return text === null ? null : storedWindow.parse(JSON.parse(text));
}

/** The days in their order, so that the same window is the same text. */
function textOf(window: UpdatePolicy['window']): string | null {
  if (window === null) return null;
  const { days, start, end, timezone } = window;
  return JSON.stringify({ days: weekdays.filter((day) => days.includes(day)), start, end, timezone });
}

function noSuchPolicy(): AppError {
  return new AppError('not_found', 'You have no update policy for this tag.');
}

function staleVersion(): AppError {
  return new AppError('stale_version', 'The update policy was changed meanwhile.', {
    hint: 'Read it again, then repeat your change.',
  });
}
