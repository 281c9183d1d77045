// The repair ladder: what can be done about a gateway that does not work, what each step runs, and which one comes next.
import { createHash } from 'node:crypto';
import {
  type RepairStep,
  type RepairStepId,
  repairSteps,
  type Task,
  taskTypes,
  type User,
} from '@buoy/contract';
import type { Access } from '../access/access.ts';
import type { FailedUpdate } from '../alerts/update-failed.ts';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Openclaw } from '../openclaw/openclaw.ts';
import type { Setup } from '../setup/setup.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { CallerNow } from '../users/caller.ts';
import { suggestStep, type TriedStep } from './suggest-step.ts';

/** Milliseconds to compare the config with earlier ones. */
const FIND_MS = 15_000;
/** Milliseconds in which a step that failed counts as tried for the present problem, and one that worked, but not for long. */
const TRIED_MS = { failed: 60 * 60_000, succeeded: 10 * 60_000 };

const taskOfStep = {
  restart: taskTypes.restart,
  'reset-failed': taskTypes.start,
  doctor: taskTypes.doctor,
  'config-rollback': taskTypes.configRollback,
  'version-rollback': taskTypes.restoreSnapshot,
} as const satisfies Record<RepairStepId, string>;

/** The server names both, and people are asked to run what is shown. */
const usualPath = /^\/[\p{L}\p{N}@._+:/-]{1,250}$/u;
const usualVersion = /^[\w.+-]{1,64}$/;

const titles: Record<RepairStepId, string> = {
  restart: 'Restart the gateway',
  'reset-failed': 'Clear the start limit, then start the gateway',
  doctor: 'Have OpenClaw mend its config and state, then restart it',
  'config-rollback': 'Go back to the last config that worked, then restart the gateway',
  'version-rollback': 'Go back to the version and state before the last update',
};

/** What a step would run now; its input is that of its task. */
type Rung = { id: RepairStepId } & (
  | { runs: string[]; changes: RepairStep['changes']; input: Record<string, unknown>; problem: null }
  | { problem: AppError }
);

type Limits = { signal: AbortSignal };

export type Repair = ReturnType<typeof createRepair>;

export function createRepair(parts: {
  openclaw: Pick<Openclaw, 'repair'>;
  snapshots: Pick<Setup['snapshots'], 'list' | 'expectRestorable' | 'expectOwner'>;
  tasks: Pick<Tasks, 'start' | 'lastEnded'>;
  failedUpdates: (serverId: string) => Promise<FailedUpdate[]>;
  access: Pick<Access, 'roleOf'>;
  clock: Clock;
}) {
  const { openclaw, snapshots, tasks, failedUpdates, access, clock } = parts;
  const { readCommands, readProblem, findEarlierConfig } = openclaw.repair;
  type Commands = Awaited<ReturnType<typeof readCommands>>;

  const configRung = async (serverId: string, { restart }: Commands, { signal }: Limits): Promise<Rung> => {
    const id = 'config-rollback';
    try {
      const { input, missing, path, at, changes } = await findEarlierConfig(serverId, {
        ...{ deadlineMs: FIND_MS, signal },
      });
      if (input === null) return { id, problem: new AppError('conflict', missing ?? '') };
      if (!usualPath.test(path))
        return {
          id,
          problem: new AppError(
            'unsupported',
            'The path of the config file has unusual characters, so no command is shown for it.',
          ),
        };
      const { target } = input;
      const file = fromHome(path);
      const change =
        target.kind === 'copy'
          ? `cp -p ${file}.${target.name} ${file}   # of ${at}`
          : `write revision ${target.rev} of ${at} to ${file}, with the keys and passwords that are in it now`;
      return {
        ...{ id, changes, input, problem: null },
        runs: [`cp -p ${file} ${file}.before-rollback`, change, ...restart],
      };
    } catch (error) {
      if (!isAppError(error)) throw error;
      return { id, problem: error };
    }
  };

  const versionRung = async (
    serverId: string,
    { version, stop, start }: Commands,
    user: User,
    isUpdateBroken: boolean,
  ): Promise<Rung> => {
    const id = 'version-rollback';
    const refused = (code: 'conflict' | 'forbidden', sentence: string): Rung => ({
      ...{ id, problem: new AppError(code, sentence) },
    });
    const [snapshot] = (await snapshots.list(serverId, { reason: 'update', limit: 1 })).snapshots;
    if (snapshot === undefined)
      return refused('conflict', 'There is no snapshot from before an update of OpenClaw by Buoy.');
    if (!usualVersion.test(snapshot.version))
      return refused('conflict', 'The snapshot has no version that Buoy understands.');
    if (snapshot.version === version && !isUpdateBroken)
      return refused('conflict', `The server already runs ${version}, the version before the last update.`);
    if ((await access.roleOf(user, serverId)) !== 'owner')
      return refused('forbidden', 'Only the owner of a server may go back to a snapshot.');
    return {
      ...{ id, changes: null, problem: null },
      input: { snapshotId: snapshot.id, from: version },
      runs: [
        'back up what is there as a new snapshot',
        `npm install openclaw@${snapshot.version}, beside the present version`,
        stop,
        `put snapshot ${snapshot.id} of ${snapshot.createdAt} in place of the present state and config`,
        start,
      ],
    };
  };

  const rungOf = async (
    id: RepairStepId,
    serverId: string,
    {
      commands,
      isRunning,
      isUpdateBroken,
      user,
      signal,
    }: Limits & { commands: Commands; isRunning: boolean; isUpdateBroken: boolean; user: User },
  ): Promise<Rung> => {
    const plain = (runs: string[]): Rung => ({ id, runs, changes: null, input: {}, problem: null });
    switch (id) {
      case 'restart':
        return plain(commands.restart);
      case 'reset-failed':
        return isRunning
          ? {
              id,
              problem: new AppError(
                'conflict',
                'The process of the gateway runs, so there is no limit to clear.',
              ),
            }
          : plain(commands.resetFailed);
      case 'doctor':
        return plain(commands.doctor);
      case 'config-rollback':
        return configRung(serverId, commands, { signal });
      case 'version-rollback':
        return versionRung(serverId, commands, user, isUpdateBroken);
    }
  };

  const isUpdateBroken = async (serverId: string): Promise<boolean> =>
    (await failedUpdates(serverId)).some(
      ({ component, left }) => component === 'openclaw' && left === 'unknown',
    );

  /** The last try of each step, of those that belong to the present problem. */
  const triedOn = async (serverId: string): Promise<Map<RepairStepId, TriedStep>> => {
    const tried = new Map<RepairStepId, TriedStep>();
    const stepOf = new Map<string, RepairStepId>(repairSteps.map((id) => [taskOfStep[id], id]));
    for (const { id, type, succeeded, finishedAt, error } of await tasks.lastEnded(serverId, [
      ...stepOf.keys(),
    ])) {
      const step = stepOf.get(type);
      const agoMs = clock.now() - Date.parse(finishedAt ?? '');
      if (step === undefined || !(agoMs <= (succeeded ? TRIED_MS.succeeded : TRIED_MS.failed))) break;
      // The gateway worked again: what was before was another problem.
      if (succeeded && isRollback(step)) break;
      const message = succeeded ? 'It worked, but not for long.' : error.message;
      if (!tried.has(step)) tried.set(step, { taskId: id, at: finishedAt ?? '', message });
    }
    return tried;
  };

  return {
    /** Reads what is there, and changes nothing. @throws AppError `not_installed`, `unsupported`, and those of an unreachable server */
    async read(
      serverId: string,
      user: User,
      { signal }: Limits,
    ): Promise<{ steps: RepairStep[]; suggested: RepairStepId | null; reason: string }> {
      const commands = await readCommands(serverId, { signal });
      const [problem, isBroken, triedBefore] = await Promise.all([
        readProblem(serverId, { signal }),
        isUpdateBroken(serverId),
        triedOn(serverId),
      ]);
      const tried = problem.kind === 'none' ? new Map<RepairStepId, TriedStep>() : triedBefore;
      const facts = { commands, isRunning: problem.isRunning, isUpdateBroken: isBroken, user, signal };
      const steps: RepairStep[] = [];
      for (const id of repairSteps) {
        const rung = await rungOf(id, serverId, facts);
        steps.push({
          ...{ id, title: titles[id], tried: tried.get(id) ?? null },
          ...(rung.problem === null
            ? { runs: rung.runs, changes: rung.changes, unavailable: null, choice: choiceOf(serverId, rung) }
            : { runs: [], changes: null, unavailable: rung.problem.message, choice: null }),
        });
      }
      const ofSteps = steps.map((step) => ({ ...step, isPossible: step.unavailable === null }));
      return { steps, ...suggestStep({ problem, isUpdateBroken: isBroken, steps: ofSteps }) };
    },

    /**
     * Starts the step that was shown.
     * @throws AppError `stale_version` when something else would run by now, `invalid_request` for a rollback without a choice, and why the step cannot run
     */
    async start(
      serverId: string,
      { step, choice }: { step: RepairStepId; choice?: string | undefined },
      { callerNow, signal }: Limits & { callerNow: CallerNow },
      audit: AuditRecorder,
    ): Promise<Task> {
      const start = async (input: unknown, by: User): Promise<Task> => {
        audit.note({ details: { step } });
        return tasks.start(taskOfStep[step], { serverId, input, createdBy: by.id }, audit);
      };
      if (choice === undefined) {
        if (isRollback(step))
          throw new AppError('invalid_request', 'A rollback needs the choice that its step shows.', {
            details: [{ path: 'choice', message: 'is required for a rollback' }],
          });
        return start({}, (await callerNow()).user);
      }
      const { user } = await callerNow();
      const commands = await readCommands(serverId, { signal });
      // Only one step depends on it, which is shown for a gateway that does not run.
      const isRunning = step === 'reset-failed' && (await readProblem(serverId, { signal })).isRunning;
      const facts = { commands, isRunning, isUpdateBroken: await isUpdateBroken(serverId), user, signal };
      const rung = await rungOf(step, serverId, facts);
      if (rung.problem !== null) throw rung.problem;
      if (choiceOf(serverId, rung) !== choice)
        throw new AppError(
          'stale_version',
          'The server has changed since this was shown, so nothing was run.',
          {
            hint: 'Open the repair steps again: they show what would run by now.',
          },
        );
      if (step !== 'version-rollback') return start(rung.input, (await callerNow()).user);
      const snapshotId = String(rung.input.snapshotId);
      const { target } = await snapshots.expectRestorable(serverId, snapshotId, { user, signal });
      // The server took as long as it wanted.
      const now = await callerNow();
      await snapshots.expectOwner(now.user, serverId);
      audit.note({ details: { snapshot: snapshotId } });
      const restore = { snapshotId, sourceServerId: serverId, withCredentials: false, target };
      return start(restore, now.user);
    },
  };
}

function isRollback(step: RepairStepId): boolean {
  return step === 'config-rollback' || step === 'version-rollback';
}

/** Stands for all that is shown and all that runs. */
function choiceOf(serverId: string, { id, runs, input }: Extract<Rung, { problem: null }>): string {
  return createHash('sha256')
    .update(JSON.stringify([serverId, id, runs, input]))
    .digest('base64url')
    .slice(0, 16);
}

function fromHome(path: string): string {
  return path.replace(/^\/(?:home\/[^/]+|root)\//, '~/');
}
