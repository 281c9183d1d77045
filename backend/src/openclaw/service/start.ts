// The task that starts a stopped gateway and proves that it works, or repeats the gateway's own message why it does not.
import { taskTypes } from '@buoy/contract';
import { z } from 'zod';
import type { TaskKind } from '../../tasks/task-kind.ts';
import { createBeginStep } from './begin.ts';
import { createInspectStep, refuseBesideAnother } from './inspect.ts';
import { oneServiceTask, type ServiceTools } from './parts.ts';
import { createReadyStep } from './ready.ts';
import { startScript } from './scripts.ts';
import { createVerifyStep } from './verify.ts';

/**
 * Takes no input. Result: that of a restart, where `downtimeMs` is the time of the start. A gateway that runs already is left
 * alone, and the task succeeds when that one is healthy.
 */
export function createStartKind(tools: ServiceTools): TaskKind {
  return {
    type: taskTypes.start,
    title: 'Start the gateway',
    exclusivePerServer: true,
    exclusiveAs: oneServiceTask,
    continuesFrom: 'start',
    inputSchema: z.strictObject({}),
    steps: [
      createInspectStep(tools, 'start'),
      createBeginStep(tools, {
        id: 'start',
        title: 'Start it',
        script: startScript,
        check: refuseBesideAnother,
        failed: 'The service manager could not start the gateway.',
      }),
      createReadyStep(tools, { mayKill: (before) => before.pid === null }),
      createVerifyStep(tools, { begun: 'start', mustBeNew: (before) => before.pid === null }),
    ],
  };
}
