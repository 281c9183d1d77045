// The task that goes back to the last config that worked, keeps the present one beside it, then restarts the gateway and proves that it works.
import { readFileSync } from 'node:fs';
import { taskTypes } from '@buoy/contract';
import { hiddenInConfig } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { serverOf, type TaskKind, taskStep } from '../../tasks/task-kind.ts';
import type { ConfigHistory } from '../config/history.ts';
import type { ServerLocks } from '../config/server-locks.ts';
import type { RunAsGateway } from '../host/as-gateway.ts';
import { createInspectStep } from '../service/inspect.ts';
import { oneServiceTask, type ServiceTools } from '../service/parts.ts';
import { createRestartSteps } from '../service/restart.ts';
import { type ConfigRollbackInput, configRollbackInput } from './earlier-config.ts';

/** Its arguments are in the file. */
export const restoreProgram = `const hiddenTexts = ${JSON.stringify(hiddenInConfig)};\n${readFileSync(new URL('restore-config.mjs', import.meta.url), 'utf8')}`;
/** By as-gateway.sh: `$1` Node, `$2` the program, the rest its arguments. */
const restoreScript = 'node=$1 program=$2; shift 2; exec "$node" --input-type=module -e "$program" -- "$@"';

/** Milliseconds for the step, a network outage included: the change itself takes a second. */
const ROLLBACK_MS = 10 * 60_000;

/** Exit codes of restore-config.mjs. */
const exit = { presentChanged: 20, copyChanged: 21, unreadable: 22, noFile: 23 };

export type ConfigRollbackTools = ServiceTools & {
  runAsGateway: RunAsGateway;
  history: Pick<ConfigHistory, 'configAt' | 'expectChange'>;
  locks: Pick<ServerLocks, 'run'>;
};

/** Input: `configRollbackInput`. The result is that of a restart. */
export function createConfigRollbackKind(tools: ConfigRollbackTools): TaskKind {
  return {
    type: taskTypes.configRollback,
    title: 'Go back to the last config that worked',
    exclusivePerServer: true,
    exclusiveAs: oneServiceTask,
    continuesFrom: 'restart',
    noRetry: 'Open the repair steps again: they show what would change by now.',
    inputSchema: configRollbackInput,
    steps: [createInspectStep(tools, 'restart'), createRollbackStep(tools), ...createRestartSteps(tools)],
  };
}

const rollbackState = z.object({ isWritten: z.boolean().default(false) });

function createRollbackStep({ installations, runAsGateway, history, locks }: ConfigRollbackTools) {
  return taskStep<ConfigRollbackInput, z.output<typeof rollbackState>>({
    id: 'config-rollback',
    title: 'Put the earlier config in its place',
    deadlineMs: ROLLBACK_MS,
    stateSchema: rollbackState,
    async run(context) {
      const { input, state, signal } = context;
      const serverId = serverOf(context);
      const words = await targetWords(serverId, input);
      const note = `Repair: went back to ${nameOf(input)}`;
      await locks.run(
        serverId,
        async () => {
          if (!state.isWritten) {
            const { exitCode } = await reachServer(context, ROLLBACK_MS, async (limits) => {
              const { configPath, nodePath } = await installations.find(serverId, limits);
              if (configPath === null || nodePath === null)
                throw new AppError(
                  'not_installed',
                  'The config of OpenClaw, or the Node that runs it, was not found on this server.',
                  {
                    hint: 'Install OpenClaw with the setup wizard.',
                  },
                );
              const { present, target } = input;
              const place = target.kind === 'copy' ? [`${configPath}.${target.name}`, target.sha256] : words;
              return runAsGateway(
                serverId,
                restoreScript,
                [nodePath, restoreProgram, configPath, present, target.kind, ...place],
                limits,
              );
            });
            if (exitCode !== 0) throw failureOf(exitCode);
            state.isWritten = true;
            await context.saveState();
          }
          history.expectChange(serverId, { origin: 'buoy', by: context.createdBy, note });
        },
        signal,
      );
      context.detail('The config of before is kept as openclaw.json.before-rollback.');
      return {};
    },
  });

  async function targetWords(serverId: string, { target }: ConfigRollbackInput): Promise<string[]> {
    if (target.kind === 'copy') return [];
    return [JSON.stringify(await history.configAt(serverId, target.rev))];
  }
}

/** What it goes back to, in words. */
export function nameOf({ target }: ConfigRollbackInput): string {
  return target.kind === 'copy' ? `openclaw.json.${target.name}` : `revision ${target.rev}`;
}

function failureOf(exitCode: number | null): AppError {
  switch (exitCode) {
    case exit.presentChanged:
      return new AppError(
        'stale_version',
        'The config has changed since this was shown; nothing was written.',
        {
          hint: 'Open the repair steps again: they show what would change by now.',
        },
      );
    case exit.copyChanged:
      return new AppError(
        'stale_version',
        'The earlier config has changed since it was shown; nothing was written.',
        {
          hint: 'Open the repair steps again: they show what would change by now.',
        },
      );
    case exit.unreadable:
      return new AppError('refused', 'The present config cannot be read, so its keys cannot be taken over.', {
        hint: 'Try the repair by OpenClaw itself, or mend the file on the server.',
      });
    case exit.noFile:
      return new AppError(
        'refused',
        'The config file is a link or no file at all, so Buoy does not replace it.',
        {
          hint: 'Put the earlier config in its place on the server.',
        },
      );
    default:
      return new AppError('refused', 'The earlier config could not be written.', {
        hint: 'Check the free space, and the owner of the config file and its folder.',
      });
  }
}
