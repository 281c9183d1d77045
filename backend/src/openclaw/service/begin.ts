// The step that tells systemd to start or restart the gateway, detached on the server and once.
import { z } from 'zod';
import { remoteStep, remoteStepState } from '../../tasks/remote-step.ts';
import { type TaskStepKind, taskStep } from '../../tasks/task-kind.ts';
import { gatewayDidNotStart } from './failure.ts';
import { type GatewayBefore, gatewayBefore, type ServiceTools, type serviceBegun } from './parts.ts';
import { scriptFailure } from './scripts.ts';

/** Milliseconds: a gateway with work to finish takes up to 330 s to stop; the rest is for a network outage. */
const BEGIN_MS = 20 * 60_000;

const beginState = z.object({
  startedAtMs: z.number().nullable().default(null),
  command: remoteStepState.prefault({}),
});

/**
 * @param options.check throws when the step must not run, before anything is changed
 * @param options.failed the sentence when systemd could not do it and the journal names no cause
 */
export function createBeginStep(
  tools: ServiceTools,
  options: {
    id: 'start' | 'restart';
    title: string;
    script(service: GatewayBefore): string;
    check?(service: GatewayBefore): void;
    failed: string;
  },
): TaskStepKind {
  const { remoteRuns, clock } = tools;

  return taskStep<unknown, z.output<typeof beginState>>({
    id: options.id,
    title: options.title,
    deadlineMs: BEGIN_MS,
    stateSchema: beginState,
    async run(context): Promise<z.output<typeof serviceBegun>> {
      const service = context.resultOf('inspect', gatewayBefore);
      context.signal.throwIfAborted();
      options.check?.(service);
      context.state.startedAtMs ??= clock.now();
      const startedAtMs = context.state.startedAtMs;
      await context.saveState();
      const { exitCode } = await remoteStep(context, remoteRuns, {
        script: options.script(service),
        state: context.state.command,
        deadlineMs: BEGIN_MS,
        onGivenUp: 'leave',
      });
      const failure = scriptFailure(exitCode, service);
      if (failure !== null) throw failure;
      if (exitCode !== 0) throw await gatewayDidNotStart(tools, context, service.hostTimeMs, options.failed);
      return { startedAtMs };
    },
  });
}
