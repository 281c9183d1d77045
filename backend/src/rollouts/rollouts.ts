// Rollouts: one update of many servers, in waves, which stops at the first that fails. The entry point for routes.
import { MAX_ROLLOUT_SERVERS, type NewRollout, type Rollout, type Server } from '@buoy/contract';
import { includesRole } from '../access/access.policy.ts';
import type { Access } from '../access/access.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import type { Servers } from '../servers/servers.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { UpdatePolicies } from '../update-policies/update-policies.ts';
import type { Caller, CallerNow } from '../users/caller.ts';
import { createNextStarts } from './next-start.ts';
import { planWaves } from './plan.ts';
import { cancelledBefore, presentRollout } from './progress.ts';
import { createRolloutRunner } from './rollout-runner.ts';
import type { RolloutRecord, RolloutStore } from './rollouts.store.ts';
import { createFindTargets } from './targets.ts';

/** Rollouts of one person. */
const LIMITS = {
  maxOpen: 20,
  maxEnded: 100,
  full: () =>
    new AppError('conflict', 'You have 20 rollouts that have not ended.', {
      hint: 'Cancel those that you do not need, then start this one.',
    }),
};

export type Rollouts = ReturnType<typeof createRollouts>;

/**
 * @param parts.newestVersion of OpenClaw; null: not known
 * @param parts.mayUpdate whether that person may update that server now
 */
export function createRollouts(parts: {
  store: RolloutStore;
  servers: Pick<Servers, 'all'>;
  access: Pick<Access, 'visibleTo'>;
  tasks: Pick<Tasks, 'start' | 'find' | 'busy' | 'freeSlots' | 'cancelQueued'>;
  updatePolicies: Pick<UpdatePolicies, 'ofServers' | 'ofServer' | 'opensAt'>;
  audit: Pick<Audit, 'recorder'>;
  newestVersion: () => Promise<string | null>;
  mayUpdate: (userId: string, serverId: string) => Promise<boolean>;
  clock: Clock;
  logger: Logger;
}) {
  const { store, servers, access, updatePolicies, newestVersion, clock } = parts;
  const now = () => isoTime(clock.now());
  const runner = createRolloutRunner(parts);
  /** A page has a thousand servers, for many callers at the same time. */
  const myTurn = createOneATurn();
  const nextStarts = createNextStarts({ updatePolicies, clock, myTurn });
  const findTargets = createFindTargets({ updatePolicies, clock, myTurn });

  /** Those of others are for super-admins alone: to anybody else there is none. */
  const findFor = async ({ user }: Caller, id: string): Promise<RolloutRecord> => {
    await myTurn(user.id);
    const record = await store.find(id);
    if (record === null || !(user.isSuperAdmin || record.createdBy === user.id)) throw noSuchRollout();
    return record;
  };

  const presentAll = async ({ user }: Caller, records: readonly RolloutRecord[]): Promise<Rollout[]> => {
    const seen = { isVisible: await access.visibleTo(user), share: user.id };
    const nextStartOf = await nextStarts.ofRollouts(records, seen);
    // Asked again: the search through many windows takes its turns.
    const isVisible = await access.visibleTo(user);
    return records.map((record) => presentRollout(record, isVisible, nextStartOf(record)));
  };

  const present = async (caller: Caller, id: string): Promise<Rollout> => {
    const [rollout] = await presentAll(caller, [await findFor(caller, id)]);
    return rollout!;
  };

  return {
    /**
     * Plans a rollout and, unless it is a dry run, starts it.
     * @throws AppError 404 for a server that the caller does not see, 403 where they are no admin, 400 where there is none, 409 for too many
     * and where update policies allow no such update
     */
    async create(
      input: NewRollout,
      { callerNow }: { callerNow: CallerNow },
      audit: AuditRecorder,
    ): Promise<Rollout> {
      const { component, canary, waveSize, pauseS, dryRun } = input;
      const wanted = input.version;
      const newest = wanted === 'latest' ? await newestVersion() : null;
      // The registry took as long as it wanted.
      const caller = await callerNow();
      const createdBy = caller.user.id;
      const chosen = chosenFrom(await servers.all(caller), input, createdBy);
      const targets = await findTargets(chosen, { wanted, newest, share: createdBy });
      const { version } = targets;
      const waves = planWaves(chosen, { to: targets.of, canary, waveSize });
      const createdAt = now();
      if (dryRun) {
        audit.unchanged({ target: version });
        const first = (waves[0] ?? []).filter(({ status }) => status === 'pending');
        const startsAt = await nextStarts.ofWave(first, createdBy);
        return {
          ...{ id: null, component, version, status: 'planned', createdBy, createdAt },
          waves: waves.map((planned) => planned.map((server) => ({ ...server, taskId: null }))),
          ...{ nextWaveAt: startsAt === null ? null : isoTime(startsAt), finishedAt: null },
        };
      }
      const id = newId('rol');
      const details = { rollout: id, servers: waves.flat().length };
      await store.insert(
        { id, component, version, wanted, status: 'running', pauseS, createdBy, createdAt, finishedAt: null },
        waves,
        LIMITS,
        audit.change({ target: version, details }),
      );
      runner.wake();
      return present(caller, id);
    },

    /** Newest first: the caller's own, for a super-admin all. Throws `invalid_request` for a cursor that is none. */
    async list(
      caller: Caller,
      page: { limit: number; cursor?: string | undefined },
    ): Promise<{ rollouts: Rollout[]; nextCursor: string | null }> {
      await myTurn(caller.user.id);
      const createdBy = caller.user.isSuperAdmin ? null : caller.user.id;
      const { rollouts, nextCursor } = await store.list(createdBy, page);
      return { rollouts: await presentAll(caller, rollouts), nextCursor };
    },

    /** Throws `not_found`. */
    find: present,

    /** Starts no further update; those that run go on. Throws `not_found`, `conflict` when it does not run. */
    async pause(caller: Caller, id: string, audit: AuditRecorder): Promise<Rollout> {
      const { version } = await findFor(caller, id);
      const change = { from: ['running'], to: 'paused' } as const;
      if (!(await store.changeStatus(id, change, audit.change(noteOf(id, version)))))
        throw new AppError('conflict', 'This rollout is not running.');
      runner.wake();
      return present(caller, id);
    },

    /**
     * Goes on with a rollout that was paused or has stopped: servers that failed are updated again first.
     * @param options.skipFailed leaves them as they are instead
     * @throws AppError `not_found`, `conflict` when it runs or has ended
     */
    async resume(
      caller: Caller,
      id: string,
      options: { skipFailed: boolean },
      audit: AuditRecorder,
    ): Promise<Rollout> {
      const { version } = await findFor(caller, id);
      if (!(await store.resume(id, options, audit.change(noteOf(id, version)))))
        throw new AppError('conflict', 'This rollout is running, or has ended.');
      runner.wake();
      return present(caller, id);
    },

    /** Ends it: no further update starts, those that run go on. Throws `not_found`, `conflict` when it has ended. */
    async cancel(caller: Caller, id: string, audit: AuditRecorder): Promise<Rollout> {
      const { version } = await findFor(caller, id);
      const at = now();
      const reason = cancelledBefore(at).error;
      if (!(await store.cancel(id, { at, reason }, audit.change(noteOf(id, version)))))
        throw new AppError('conflict', 'This rollout has ended.');
      runner.wake();
      return present(caller, id);
    },

    /** Stops the rollouts of a person who lost the right to run them. */
    stopOf: (userId: string): Promise<void> => store.stopOf(userId),

    start: runner.start,
    /** To be called when the update of a server has ended: otherwise a rollout notices within seconds. */
    updateEnded: runner.wake,
    close: runner.close,
  };
}

/** @throws AppError as `create` */
function chosenFrom(visible: readonly Server[], { serverIds, tag }: NewRollout, userId: string): Server[] {
  const byId = new Map(visible.map((server) => [server.id, server]));
  const chosen =
    tag === undefined
      ? [...new Set(serverIds)].map((id) => byId.get(id) ?? noSuchServer(id))
      : // Anybody may share a server with this person, under any tag.
        visible.filter(
          ({ tags, owner }) => tags.includes(tag) && owner?.id === userId && owner.givenBy === null,
        );
  if (chosen.length === 0) throw invalid('tag', 'none of your own servers has this tag');
  if (chosen.length > MAX_ROLLOUT_SERVERS)
    throw invalid('tag', `has ${chosen.length} servers; a rollout takes ${MAX_ROLLOUT_SERVERS}`);
  const foreign = chosen.filter(({ role }) => !includesRole(role, 'admin'));
  if (foreign.length > 0)
    throw new AppError(
      'forbidden',
      `You are no admin of ${foreign
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')}.`,
      {
        hint: 'A rollout takes servers of which you are an admin or the owner. Leave the others out.',
      },
    );
  return chosen;
}

function noSuchServer(id: string): never {
  throw new AppError('not_found', 'There is no such server.', {
    details: [{ path: 'serverIds', message: `${id} is no server that you see` }],
  });
}

function invalid(path: string, message: string): AppError {
  return new AppError('invalid_request', 'The servers of this rollout cannot be chosen so.', {
    details: [{ path, message }],
  });
}

function noSuchRollout(): AppError {
  return new AppError('not_found', 'There is no such rollout.');
}

function noteOf(id: string, version: string) {
  return { target: version, details: { rollout: id } };
}
