// The service of a gateway for tasks of other parts that stop it, change something, and start it again.
import { AppError } from '../../lib/app-error.ts';
import { pause } from '../../lib/pause.ts';
import { type RemoteStep, remoteStep } from '../../tasks/remote-step.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { serverOf } from '../../tasks/task-kind.ts';
import { failedStart, gatewayDidNotStart } from './failure.ts';
import { hostTime, inspectGateway, refuseBesideAnother } from './inspect.ts';
import { type GatewayBefore, POLL_MS, type ServiceContext, type ServiceTools } from './parts.ts';
import { whatIsMissing } from './ready.ts';
import { controlCheckScript, scriptFailure, startScript } from './scripts.ts';
import { stopGateway } from './stop.ts';

export { type GatewayBefore, gatewayBefore, oneServiceTask } from './parts.ts';
export { stopFirst, supervisorText } from './scripts.ts';

/** Milliseconds for systemd to start a unit, a network outage included. */
const START_MS = 10 * 60_000;

type Command = Pick<RemoteStep, 'state' | 'part'>;
type Unit = Pick<GatewayBefore, 'manager' | 'unit'>;

export type GatewayService = {
  /**
   * What the service is and does now. Throws AppError, `unsupported` where no service manager runs the gateway, `refused` where Buoy may not control it or
   * where a gateway runs beside it.
   */
  inspect(context: ServiceContext): Promise<GatewayBefore>;
  /** Returns once the unit is down, at once where it is so already. Throws AppError. */
  stop(context: ServiceContext, unit: Unit, command: Command): Promise<{ killed: boolean }>;
  /**
   * Starts the unit and waits until the gateway is ready, up to `readyWithinMs`, and up to `awayMs` for a server that is out of reach (ten minutes).
   * Throws AppError, with the cause from the gateway's journal where it names one.
   */
  start(
    context: ServiceContext,
    unit: Unit,
    command: Command & { readyWithinMs: number; awayMs?: number },
  ): Promise<{ readyAtMs: number }>;
};

export function createGatewayService(tools: ServiceTools): GatewayService {
  const { gateways, installations, remoteRuns, clock } = tools;
  return {
    async inspect(context) {
      const before = await inspectGateway(tools, context, 'update');
      refuseBesideAnother(before);
      const { exitCode } = await reachServer(context, START_MS, (limits) =>
        tools.ssh.script(serverOf(context), controlCheckScript(before), [], limits),
      );
      const failure = scriptFailure(exitCode ?? 0, before);
      if (failure !== null) throw failure;
      return before;
    },

    stop: (context, unit, command) => stopGateway(remoteRuns, context, unit, command),

    async start(context, unit, { readyWithinMs, awayMs = START_MS, ...command }) {
      const serverId = serverOf(context);
      const { signal } = context;
      const sinceMs = await hostTime(tools, context, awayMs);
      const { exitCode } = await remoteStep(context, remoteRuns, {
        ...command,
        script: startScript(unit),
        deadlineMs: awayMs,
        onGivenUp: 'leave',
      });
      const failure = scriptFailure(exitCode, unit);
      if (failure !== null) throw failure;
      if (exitCode !== 0)
        throw await gatewayDidNotStart(
          tools,
          context,
          sinceMs,
          'The service manager could not start the gateway.',
        );
      let readyBy = clock.now() + readyWithinMs;
      let restartsBefore: number | null = null;
      for (;;) {
        signal.throwIfAborted();
        const service = await reachServer(
          context,
          awayMs,
          (limits) => installations.service(serverId, limits),
          () => {
            readyBy = clock.now() + readyWithinMs;
          },
        );
        restartsBefore ??= service.restarts ?? 0;
        const problem = failedStart(service, restartsBefore);
        if (problem !== null) throw await gatewayDidNotStart(tools, context, sinceMs, problem);
        const missing = await whatIsMissing(gateways, serverId, signal);
        if (missing === null) return { readyAtMs: clock.now() };
        context.detail(missing);
        if (clock.now() > readyBy) {
          const { code, message, hint } = await gatewayDidNotStart(
            tools,
            context,
            sinceMs,
            'The gateway runs, but did not become ready in time.',
          );
          throw new AppError(code === 'refused' ? 'not_ready' : code, message, { hint });
        }
        await pause(clock, POLL_MS, signal);
      }
    },
  };
}
