// The task that restarts a gateway and proves that it works again, or says in the gateway's own words why it does not.
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';
import { remoteStep, remoteStepState } from '../tasks/remote-step.ts';
import { type TaskKind, taskStep } from '../tasks/task-kind.ts';
import { gatewayDidNotStart } from './restart-failure.ts';
import { gatewayBefore, probeMs, type RestartTools, reach, serverOf } from './restart-parts.ts';
import { createReadyStep } from './restart-ready.ts';
import { restartScript, scriptFailure } from './restart-scripts.ts';
import { createVerifyStep } from './restart-verify.ts';

const minuteMs = 60_000;
/** A server that is not there when we begin need not be waited for long: nothing has happened yet. */
const inspectMs = 3 * minuteMs;
/** A gateway with work to finish takes up to 330 s to stop; the rest is for a network that is down meanwhile. */
const restartMs = 20 * minuteMs;

const restartState = z.object({
  startedAtMs: z.number().nullable().default(null),
  command: remoteStepState.prefault({}),
});

/**
 * Takes no input. Result: `{bootId, pid, version, downtimeMs}`; downtime as Buoy saw it, from the command to ready. A cancel
 * before the command has run leaves the gateway as it is; later it only stops the waiting.
 */
export function createRestartKind(tools: RestartTools): TaskKind {
  const { ssh, gateways, installations, remoteRuns, clock } = tools;

  const inspect = taskStep<unknown>({
    id: 'inspect',
    title: 'Look at the gateway',
    deadlineMs: inspectMs,
    async run(context) {
      const serverId = serverOf(context);
      const { installed, manager, unit } = await reach(context, inspectMs, (limits) =>
        installations.find(serverId, { ...limits, fresh: true }),
      );
      if (!installed)
        throw new AppError('not_installed', 'OpenClaw is not installed on this server.', {
          hint: 'Install it with the setup wizard.',
        });
      if (manager === 'none' || unit === null)
        throw new AppError(
          'unsupported',
          'No service manager runs the gateway of this server, so Buoy cannot restart it.',
          {
            hint: 'Set up the gateway as a service with the setup wizard, or restart it by hand.',
          },
        );
      const hostTimeMs = await reach(context, inspectMs, async (limits) => {
        const { stdout } = await ssh.script(serverId, 'date +%s', [], limits);
        const seconds = z
          .string()
          .regex(/^\d{9,12}$/)
          .safeParse(stdout.trim());
        if (!seconds.success) throw new AppError('bad_gateway', 'The server does not tell its time.');
        return Number(seconds.data) * 1_000;
      });
      const service = await reach(context, inspectMs, (limits) => installations.service(serverId, limits));
      // A gateway that is down has nothing to say: that may be why it is restarted.
      const hello = await gateways
        .hello(serverId, { deadlineMs: probeMs, signal: context.signal })
        .catch(() => null);
      context.detail(service.activeState === null ? unit : `${unit} is ${service.activeState}.`);
      return { manager, unit, bootId: hello?.bootId ?? null, pid: service.pid, hostTimeMs };
    },
  });

  const restart = taskStep<unknown, z.output<typeof restartState>>({
    id: 'restart',
    title: 'Restart it',
    deadlineMs: restartMs,
    stateSchema: restartState,
    async run(context) {
      const service = context.resultOf('inspect', gatewayBefore);
      context.signal.throwIfAborted();
      context.state.startedAtMs ??= clock.now();
      const startedAtMs = context.state.startedAtMs;
      await context.saveState();
      const { exitCode } = await remoteStep(context, remoteRuns, {
        script: restartScript(service),
        state: context.state.command,
        deadlineMs: restartMs,
        onGivenUp: 'leave',
      });
      const failure = scriptFailure(exitCode, service);
      if (failure !== null) throw failure;
      if (exitCode !== 0)
        throw await gatewayDidNotStart(
          tools,
          context,
          service.hostTimeMs,
          'systemd could not restart the gateway.',
        );
      return { startedAtMs };
    },
  });

  return {
    type: 'openclaw.restart',
    title: 'Restart the gateway',
    exclusivePerServer: true,
    inputSchema: z.strictObject({}),
    steps: [inspect, restart, createReadyStep(tools), createVerifyStep(tools)],
  };
}
