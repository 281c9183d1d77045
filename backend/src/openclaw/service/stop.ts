// The task that stops a gateway and proves that it stays down.

import { type GatewayStopped, taskTypes } from '@buoy/contract';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { pause } from '../../lib/pause.ts';
import type { RemoteRuns } from '../../tasks/remote-run.ts';
import { type RemoteStep, remoteStep, remoteStepState } from '../../tasks/remote-step.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { serverOf, type TaskKind, type TaskStepKind, taskStep } from '../../tasks/task-kind.ts';
import { createInspectStep } from './inspect.ts';
import {
  type GatewayBefore,
  gatewayBefore,
  oneServiceTask,
  POLL_MS,
  type ServiceContext,
  type ServiceTools,
} from './parts.ts';
import { leftoversScript, scriptFailure, stopScript, wasKilled } from './scripts.ts';

const MINUTE_MS = 60_000;
/** Milliseconds: 330 s of draining, the kill, and a network outage. */
const STOP_MS = 20 * MINUTE_MS;
const VERIFY_MS = 10 * MINUTE_MS;
/** Milliseconds that the gateway must stay down: longer than the 5 s after which its unit would start it again. */
const STAYS_DOWN_MS = 7_000;
/** Milliseconds for leftovers of the gateway to disappear, restarted when it comes back. */
const GONE_WITHIN_MS = 30_000;

const stopState = z.object({ command: remoteStepState.prefault({}) });
const stopResult = z.object({ killed: z.boolean() });

/**
 * Takes no input. Result: `{wasRunning, killed}`. A gateway with work to finish has 340 s for that, then it is killed. One that
 * is stopped already stays so, and the task succeeds.
 */
export function createStopKind(tools: ServiceTools): TaskKind {
  const { remoteRuns } = tools;

  const stop = taskStep<unknown, z.output<typeof stopState>>({
    id: 'stop',
    title: 'Stop it',
    deadlineMs: STOP_MS,
    stateSchema: stopState,
    run(context): Promise<z.output<typeof stopResult>> {
      const service = context.resultOf('inspect', gatewayBefore);
      return stopGateway(remoteRuns, context, service, { state: context.state.command });
    },
  });

  return {
    type: taskTypes.stop,
    title: 'Stop the gateway',
    exclusivePerServer: true,
    exclusiveAs: oneServiceTask,
    continuesFrom: 'stop',
    inputSchema: z.strictObject({}),
    steps: [createInspectStep(tools, 'stop'), stop, createGoneStep(tools)],
  };
}

/** Returns once the unit is down. Throws AppError. */
export async function stopGateway(
  remoteRuns: RemoteRuns,
  context: ServiceContext,
  service: Pick<GatewayBefore, 'manager' | 'unit'>,
  command: Pick<RemoteStep, 'state' | 'part'>,
): Promise<{ killed: boolean }> {
  context.signal.throwIfAborted();
  const { exitCode } = await remoteStep(context, remoteRuns, {
    ...command,
    script: stopScript(service),
    deadlineMs: STOP_MS,
    onGivenUp: 'leave',
  });
  const killed = wasKilled(exitCode);
  const failure = killed ? null : scriptFailure(exitCode, service);
  if (failure !== null) throw failure;
  if (!killed && exitCode !== 0)
    throw new AppError('refused', 'The service manager could not stop the gateway, not even by killing it.', {
      hint: 'The output quotes its message.',
    });
  return { killed };
}

/** The step whose success means that the stop is proved: unit inactive, process gone, port free, and all that for a while. */
function createGoneStep({ ssh, installations, clock }: ServiceTools): TaskStepKind {
  return taskStep<unknown>({
    id: 'verify',
    title: 'Prove that it is gone',
    deadlineMs: VERIFY_MS,
    async run(context): Promise<GatewayStopped> {
      const serverId = serverOf(context);
      const before = context.resultOf('inspect', gatewayBefore);
      const { killed } = context.resultOf('stop', stopResult);
      const endsAt = clock.now() + VERIFY_MS;
      let goneSinceMs: number | null = null;
      let goneBy = clock.now() + GONE_WITHIN_MS;
      for (;;) {
        context.signal.throwIfAborted();
        const left = await reachServer(
          context,
          endsAt - clock.now(),
          async (limits) => {
            const { activeState, pid } = await installations.service(serverId, limits);
            const { stdout } = await ssh.script(
              serverId,
              leftoversScript,
              [String(before.pid ?? ''), String(before.port ?? '')],
              limits,
            );
            if (!stdout.trimEnd().endsWith('end'))
              throw new AppError(
                'bad_gateway',
                'The server did not report whether the gateway is still running.',
              );
            return whatIsLeft({ activeState, pid, leftovers: stdout, port: before.port });
          },
          () => {
            goneBy = clock.now() + GONE_WITHIN_MS;
          },
        );
        if (left === null) {
          goneSinceMs ??= clock.now();
          if (clock.now() - goneSinceMs >= STAYS_DOWN_MS) return { wasRunning: before.pid !== null, killed };
          context.detail('The gateway is down. Checking that it stays down.');
        } else {
          goneSinceMs = null;
          context.detail(left.message);
          if (clock.now() > goneBy) throw left;
        }
        await pause(clock, POLL_MS, context.signal);
      }
    },
  });
}

/** The reason why the gateway is not stopped; null when it is. */
function whatIsLeft(seen: {
  activeState: string | null;
  pid: number | null;
  leftovers: string;
  port: number | null;
}): AppError | null {
  if (seen.pid !== null || !['inactive', 'failed', null].includes(seen.activeState))
    return new AppError('refused', 'The gateway was stopped, but is running again.', {
      hint: 'Something on the server starts it: check its timers, cron jobs and other services.',
    });
  const leftovers = seen.leftovers.split('\n');
  if (leftovers.includes('process'))
    return new AppError('refused', 'The service is stopped, but the gateway process is still running.', {
      hint: 'It may hang in a disk or network call: check it with `ps`; a reboot of the server ends it.',
    });
  if (leftovers.includes('port'))
    return new AppError(
      'refused',
      `The service is stopped, but something still listens on port ${seen.port} of the server.`,
      { hint: 'Another gateway may run outside its service: check with `ss -ltnp` on the server.' },
    );
  return null;
}
