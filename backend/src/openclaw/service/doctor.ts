// The task that has OpenClaw mend its own config and state, then restarts the gateway and proves that it works again.
import { taskTypes } from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { quote } from '../../ssh/quote.ts';
import { remoteStep, remoteStepState } from '../../tasks/remote-step.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { serverOf, type TaskKind, type TaskStepKind, taskStep } from '../../tasks/task-kind.ts';
import { cliScript } from '../host/scripts.ts';
import { createInspectStep } from './inspect.ts';
import { oneServiceTask, type ServiceTools } from './parts.ts';
import { createRestartSteps } from './restart.ts';

/** Milliseconds for the step, a network outage included, and seconds for the command: it takes 13 s on an idle host (OpenClaw 2026.9.6). */
const DOCTOR_MS = 10 * 60_000;
const DOCTOR_S = 300;

/** Behind `openclaw --no-color`, as cli.sh runs it. `--fix` restores the last valid config, and moves old state to where this version looks for it. */
export const doctorWords = ['doctor', '--fix', '--non-interactive'];

/** Takes no input; the result is that of a restart. */
export function createDoctorKind(tools: ServiceTools): TaskKind {
  return {
    type: taskTypes.doctor,
    title: 'Repair the gateway',
    exclusivePerServer: true,
    exclusiveAs: oneServiceTask,
    inputSchema: z.strictObject({}),
    steps: [createInspectStep(tools, 'restart'), createDoctorStep(tools), ...createRestartSteps(tools)],
  };
}

/** Whether it could mend something is proved by what follows: it ends with 0 although problems are left, and with others although the gateway will run. */
function createDoctorStep({ installations, remoteRuns }: ServiceTools): TaskStepKind {
  const doctorState = z.object({ command: remoteStepState.prefault({}) });
  return taskStep<unknown, z.output<typeof doctorState>>({
    id: 'doctor',
    title: 'Have OpenClaw mend its config and state',
    deadlineMs: DOCTOR_MS,
    stateSchema: doctorState,
    async run(context) {
      const { binaryPath, nodePath } = await reachServer(context, DOCTOR_MS, (limits) =>
        installations.find(serverOf(context), limits),
      );
      if (binaryPath === null)
        throw new AppError('not_installed', 'There is no openclaw command on this server.', {
          hint: 'Install OpenClaw with the setup wizard.',
        });
      const words = [nodePath ?? binaryPath, binaryPath, ...doctorWords];
      const { exitCode } = await remoteStep(context, remoteRuns, {
        script: `MAX_SECONDS=${DOCTOR_S}\nset -- ${words.map(quote).join(' ')}\n${cliScript}`,
        state: context.state.command,
        deadlineMs: DOCTOR_MS,
        onGivenUp: 'kill',
      });
      context.detail(exitCode === 0 ? 'OpenClaw has checked itself.' : `It ended with ${exitCode}.`);
      return {};
    },
  });
}
