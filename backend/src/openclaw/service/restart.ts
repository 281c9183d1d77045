// The task that restarts a gateway and proves that it works again, or repeats the gateway's own message why it does not.
import { taskTypes } from '@buoy/contract';
import { z } from 'zod';
import type { TaskKind, TaskStepKind } from '../../tasks/task-kind.ts';
import { createBeginStep } from './begin.ts';
import { createInspectStep } from './inspect.ts';
import { oneServiceTask, type ServiceTools } from './parts.ts';
import { createReadyStep } from './ready.ts';
import { restartScript } from './scripts.ts';
import { createVerifyStep } from './verify.ts';

/**
 * Takes no input. Result: `{bootId, pid, version, downtimeMs}`; downtime as Buoy saw it, from the command to ready. A cancel
 * before the command has run leaves the gateway as it is; later it only stops the waiting.
 */
export function createRestartKind(tools: ServiceTools): TaskKind {
  return {
    type: taskTypes.restart,
    title: 'Restart the gateway',
    exclusivePerServer: true,
    exclusiveAs: oneServiceTask,
    continuesFrom: 'restart',
    inputSchema: z.strictObject({}),
    steps: [createInspectStep(tools, 'restart'), ...createRestartSteps(tools)],
  };
}

/** What comes after the step `inspect`: the order, the wait, and the proof, whose result is that of the task. */
export function createRestartSteps(tools: ServiceTools): TaskStepKind[] {
  return [
    createBeginStep(tools, {
      id: 'restart',
      title: 'Restart it',
      script: restartScript,
      failed: 'The service manager could not restart the gateway.',
    }),
    createReadyStep(tools, { mayKill: () => true }),
    createVerifyStep(tools, { begun: 'restart', mustBeNew: () => true }),
  ];
}
