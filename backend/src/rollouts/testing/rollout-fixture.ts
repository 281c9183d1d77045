// Rollouts on a real database and task engine, with updates that end as a test says.
import {
  type NewRollout,
  newRollout,
  type Rollout,
  type Server,
  taskTypes,
  type UpdatePolicyChange,
  updateSetup,
} from '@buoy/contract';
import { z } from 'zod';
import type { AuditContext } from '../../audit/audit-recorder.ts';
import { type DatabaseHandle, openDatabase } from '../../db/database.ts';
import { provideMigratedSqlite } from '../../db/testing/migrated-databases.ts';
import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime, systemClock } from '../../lib/clock.ts';
import { createKeptLogger } from '../../ssh/testing/kept-logger.ts';
import { type StepContext, serverOf, type TaskKind, taskStep } from '../../tasks/task-kind.ts';
import { openTestTasks, type TestFolder, type TestTasks } from '../../tasks/testing/test-tasks.ts';
import { createUpdatePolicyStore } from '../../update-policies/update-policies.store.ts';
import { createUpdatePolicies } from '../../update-policies/update-policies.ts';
import type { Caller } from '../../users/caller.ts';
import { userRow } from '../../users/testing/people.ts';
import { createRolloutStore } from '../rollouts.store.ts';
import { createRollouts, type Rollouts } from '../rollouts.ts';
import { createFindUpdateTarget } from '../update-target.ts';

/** What an update of a server comes to: `works`, or fails after its rollback, or before it changed anything; `waits` until it is told. */
export type Ending = 'works' | 'rolls back' | 'refuses' | 'waits';

export type RolloutFixture = {
  rollouts: Rollouts;
  tasks: TestTasks;
  database: DatabaseHandle;
  /** By name; an ending that is not named is `works`. */
  endings: Map<string, Ending>;
  /** Names of the servers whose update has begun, in order; a server that is updated twice stands there twice. */
  begun: string[];
  /** Lets the updates that wait end as their endings say by then; those of all servers unless names are given. */
  release(names?: readonly string[]): void;
  /** Audit entries about updates, each with the name of its server. */
  audited: string[];
  /** User ids that may update no server. */
  barred: Set<string>;
  /** Names of servers that the caller no longer sees. */
  hidden: Set<string>;
  /** Of OpenClaw; null: the registry does not answer. */
  newest: { version: string | null };
  /** Sets the update policy of a person for a tag; of Ada unless another person is named. */
  setPolicy(tag: string, change: UpdatePolicyChange, person?: string): Promise<void>;
  removePolicy(tag: string): Promise<void>;
  /** Servers of Ada with the tag `fleet`, unless `changes` say otherwise. */
  addServers(names: readonly string[], changes?: Partial<Server>): Promise<string[]>;
  removeServer(name: string): Promise<void>;
  create(input: Partial<NewRollout>, user?: Partial<Caller['user']>): Promise<Rollout & { id: string }>;
  /** The rollout once `condition` holds. */
  rolloutWhen(id: string, condition: (rollout: Rollout) => boolean): Promise<Rollout>;
  close(): Promise<void>;
};

export const noAudit = {
  change: () => async () => undefined,
  unchanged: () => undefined,
} as unknown as Parameters<Rollouts['create']>[2];

export function callerOf(user: Partial<Caller['user']> = {}): Caller {
  return { user: { id: 'ada', isSuperAdmin: false, ...user }, sessionId: 's', apiToken: null } as Caller;
}

/**
 * @param earlier of a Buoy that was closed: what is known of its servers
 * @param slots that rollouts take to be free: another call may take them meanwhile, so that an update waits in the queue
 */
export async function openRollouts(
  folder: TestFolder,
  {
    clock = systemClock,
    earlier,
    slots,
  }: {
    clock?: Clock;
    earlier?: Pick<RolloutFixture, 'endings'> & { servers: Server[] };
    slots?: number;
  } = {},
): Promise<RolloutFixture & { servers: Server[] }> {
  await provideMigratedSqlite(folder.database);
  const database = await openDatabase({ engine: 'sqlite', file: folder.database });
  const servers: Server[] = earlier?.servers ?? [];
  const endings = earlier?.endings ?? new Map<string, Ending>();
  const begun: string[] = [];
  const barred = new Set<string>();
  const hidden = new Set<string>();
  const newest: { version: string | null } = { version: '2.0.0' };
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const audited: string[] = [];
  const store = createRolloutStore(database);
  const updatePolicies = createUpdatePolicies({ store: createUpdatePolicyStore(database), clock });
  const updateTarget = createFindUpdateTarget({ store, updatePolicies, clock });
  const versionFor = ({ resultOf }: Pick<StepContext, 'resultOf'>) => resultOf('preflight', z.string());
  const nameOf = (id: string) => servers.find((server) => server.id === id)?.name ?? id;

  const kind: TaskKind = {
    type: taskTypes.updateComponent,
    exclusivePerServer: true,
    inputSchema: updateSetup,
    rollback: { stepId: 'rollback', from: 'swap' },
    steps: [
      taskStep<{ version: string }>({
        id: 'preflight',
        title: 'Check',
        deadlineMs: 20_000,
        async run(context) {
          const { taskId, input } = context;
          const serverId = serverOf(context);
          const name = nameOf(serverId);
          const version = await updateTarget({ taskId, serverId, wanted: input.version });
          begun.push(name);
          if (endings.get(name) === 'waits') {
            const gate = gates.get(name) ?? Promise.withResolvers<void>();
            gates.set(name, gate);
            await Promise.race([
              gate.promise,
              new Promise((_, reject) => {
                context.signal.addEventListener('abort', () => reject(context.signal.reason));
              }),
            ]);
          }
          if (endings.get(name) === 'refuses')
            throw new AppError('disk_full', 'The disk is full.', { hint: 'Free some.' });
          return version;
        },
      }),
      taskStep({
        id: 'swap',
        title: 'Swap',
        deadlineMs: 20_000,
        async run(context) {
          if (endings.get(nameOf(serverOf(context))) === 'rolls back')
            throw new AppError('not_ready', 'It does not start.');
          return resultOf(versionFor(context), false);
        },
      }),
      taskStep({
        id: 'rollback',
        title: 'Roll back',
        deadlineMs: 20_000,
        run: async (context) => resultOf(versionFor(context), true),
      }),
    ],
  };
  // A task that an earlier Buoy has left may end before there are rollouts.
  let runner: Pick<Rollouts, 'updateEnded'> | undefined;
  const tasks = await openTestTasks(folder, [kind], {
    ...{ clock, database },
    observe: { ended: () => runner?.updateEnded() },
  });
  const { logger } = createKeptLogger();
  const rollouts = createRollouts({
    store,
    servers: { all: async () => servers },
    access: {
      visibleTo:
        async () =>
        ({ serverId }) =>
          !hidden.has(nameOf(serverId ?? '')),
    },
    tasks: { ...tasks.tasks, ...(slots === undefined ? {} : { freeSlots: () => slots }) },
    updatePolicies,
    audit: {
      recorder: ({ action, target }: AuditContext) => ({
        change: () => async () => void audited.push(`${action}: ${target}`),
      }),
    } as never,
    newestVersion: async () => newest.version,
    mayUpdate: async (userId) => !barred.has(userId),
    clock,
    logger,
  });
  runner = rollouts;
  rollouts.start();

  const rolloutWhen: RolloutFixture['rolloutWhen'] = async (id, condition) => {
    const endsAt = Date.now() + 20_000;
    for (;;) {
      const rollout = await rollouts.find(callerOf(), id);
      if (condition(rollout)) return rollout;
      if (Date.now() > endsAt) throw new Error(`Not so in time: ${JSON.stringify(rollout)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return {
    ...{ rollouts, tasks, database, endings, begun, barred, hidden, newest, audited, rolloutWhen, servers },
    release(names = [...gates.keys()]) {
      for (const name of names) {
        gates.get(name)?.resolve();
        gates.delete(name);
      }
    },
    async addServers(names, changes = {}) {
      const ids: string[] = [];
      for (const name of names) {
        const id = await tasks.newServer();
        ids.push(id);
        const server = {
          id,
          name,
          tags: ['fleet'],
          role: 'admin',
          owner: { id: 'ada', name: 'Ada', givenBy: null },
          openclaw: { installed: true, version: '1.0.0' },
          ...changes,
        } as Server;
        servers.push(server);
        // Policies are read from the database.
        await database.db
          .updateTable('servers')
          .set({ tags: JSON.stringify(server.tags) })
          .where('id', '=', id)
          .execute();
        await database.db
          .insertInto('grants')
          .values({
            ...{ serverId: id, userId: server.owner?.id ?? '', role: 'owner' },
            ...{ grantedBy: server.owner?.id ?? '', createdAt: isoTime(0) },
          })
          .execute();
      }
      return ids;
    },
    async removeServer(name) {
      const index = servers.findIndex((server) => server.name === name);
      await tasks.deleteServer(servers[index]?.id ?? '');
      servers.splice(index, 1);
    },
    async setPolicy(tag, change, person = 'ada') {
      await database.db
        .insertInto('users')
        .values(userRow(person))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      await updatePolicies.change(callerOf({ id: person }), tag, change, { ifMatch: null });
    },
    removePolicy: (tag) => updatePolicies.remove(callerOf(), tag),
    async create(input, user) {
      const caller = callerOf(user);
      const body = newRollout.parse({
        ...(input.serverIds === undefined ? { tag: 'fleet' } : {}),
        pauseS: 0,
        ...input,
      });
      const rollout = await rollouts.create(body, { callerNow: async () => caller }, noAudit);
      return rollout as Rollout & { id: string };
    },
    async close() {
      await rollouts.close();
      await tasks.close();
      await database.close();
    },
  };
}

function resultOf(to: string, rolledBack: boolean) {
  const snapshotId = `snp_${isoTime(0)}`;
  return { component: 'openclaw', from: '1.0.0', to, downtimeMs: 1, snapshotId, rolledBack };
}
