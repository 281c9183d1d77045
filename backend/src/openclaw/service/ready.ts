// Waits for a gateway that was started: ready, or failed early with its cause, or killed once when it hangs.

import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { pause } from '../../lib/pause.ts';
import { remoteStep, remoteStepState } from '../../tasks/remote-step.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { type StepContext, serverOf, type TaskStepKind, taskStep } from '../../tasks/task-kind.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { firstOf, nameText } from '../reads/bounded.ts';
import { isUp } from '../status/host-status.ts';
import { failedStart, gatewayDidNotStart } from './failure.ts';
import { type GatewayBefore, gatewayBefore, POLL_MS, PROBE_MS, type ServiceTools } from './parts.ts';
import { forcedRestartScript, scriptFailure } from './scripts.ts';

/** Milliseconds for the step: two starts and a network outage. */
const READY_MS = 20 * 60_000;
/** Milliseconds from a start to ready before the gateway is killed: usually 6 to 20 s, 36 s under extreme load (OpenClaw 2026.9.6). */
const READY_WITHIN_MS = 90_000;
/** Milliseconds for the kill and the start after it, including a network outage. */
const FORCE_MS = 10 * 60_000;

const readyState = z.object({
  /** The unit's count of automatic restarts when the wait began. */
  restartsBefore: z.number().nullable().default(null),
  /** It is killed at most once. */
  forced: z.enum(['no', 'begun', 'done']).default('no'),
  command: remoteStepState.prefault({}),
});
type ReadyState = z.output<typeof readyState>;

const readyPage = z.looseObject({
  ready: z.boolean(),
  failing: firstOf(nameText, 50).optional().catch(undefined),
});

/**
 * The step that waits for the gateway to be ready, and kills it once when it hangs.
 * @param options.mayKill false for a gateway that ran before and must not be killed
 */
export function createReadyStep(
  tools: ServiceTools,
  options: { mayKill(before: GatewayBefore): boolean },
): TaskStepKind {
  const { gateways, installations, remoteRuns, clock } = tools;

  return taskStep<unknown, ReadyState>({
    id: 'ready',
    title: 'Wait until it is ready',
    deadlineMs: READY_MS,
    stateSchema: readyState,
    async run(context) {
      const serverId = serverOf(context);
      const { state, signal } = context;
      const inspection = context.resultOf('inspect', gatewayBefore);
      const endsAt = clock.now() + READY_MS;
      // Restarted after the server, or Buoy, was away: unobserved time does not count against the gateway.
      let readyBy = clock.now() + READY_WITHIN_MS;
      for (;;) {
        signal.throwIfAborted();
        if (state.forced === 'begun') {
          await forceRestart(context, inspection);
          readyBy = clock.now() + READY_WITHIN_MS;
        }
        const service = await reachServer(
          context,
          endsAt - clock.now(),
          (limits) => installations.service(serverId, limits),
          () => {
            readyBy = clock.now() + READY_WITHIN_MS;
          },
        );
        state.restartsBefore ??= service.restarts ?? 0;
        const problem = failedStart(service, state.restartsBefore);
        if (problem !== null) throw await gatewayDidNotStart(tools, context, inspection.hostTimeMs, problem);
        const waitingFor = await whatIsMissing(gateways, serverId, signal);
        if (waitingFor === null) {
          context.detail('The gateway is ready.');
          return { readyAtMs: clock.now() };
        }
        context.detail(waitingFor);
        if (clock.now() > readyBy) {
          if (!options.mayKill(inspection))
            throw new AppError('refused', `The gateway runs already, but is not ready. ${waitingFor}`, {
              hint: 'Restart it.',
            });
          if (state.forced === 'done')
            throw await gatewayDidNotStart(
              tools,
              context,
              inspection.hostTimeMs,
              'The gateway runs, but did not become ready, even after it was killed and started again.',
            );
          state.forced = 'begun';
          state.restartsBefore = null;
          await context.saveState();
          continue;
        }
        await pause(clock, POLL_MS, signal);
      }
    },
  });

  async function forceRestart(
    context: StepContext<unknown, ReadyState>,
    service: GatewayBefore,
  ): Promise<void> {
    context.detail('The gateway does not become ready: killing it and starting it again.');
    const { exitCode } = await remoteStep(context, remoteRuns, {
      script: forcedRestartScript(service),
      state: context.state.command,
      deadlineMs: FORCE_MS,
      onGivenUp: 'leave',
      part: 'force',
    });
    const failure = scriptFailure(exitCode, service);
    if (failure !== null) throw failure;
    context.state.forced = 'done';
    await context.saveState();
  }
}

/** The reason why the gateway is not ready; null when it is. */
export async function whatIsMissing(
  gateways: Pick<Gateways, 'probe'>,
  serverId: string,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const { status, body } = await gateways.probe(serverId, '/readyz', { deadlineMs: PROBE_MS, signal });
    const page = readyPage.safeParse(body);
    if (!page.success) return 'The gateway answers, but not as expected yet.';
    if (status === 200 && page.data.ready) return null;
    // Killing the gateway does not help a channel that cannot connect.
    if (isUp({ ready: false, failing: page.data.failing ?? [] })) return null;
    const failing = page.data.failing?.slice(0, 5).join(', ') ?? '';
    return failing === '' ? 'The gateway is starting.' : `The gateway is starting: ${failing}.`;
  } catch (error) {
    if (!isAppError(error) || signal.aborted) throw error;
    return 'The gateway does not answer yet.';
  }
}
