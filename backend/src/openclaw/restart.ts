// The task that restarts a gateway and proves that it works again, or says in the gateway's own words why it does not.
import { z } from 'zod';
import { AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { CallOptions, Ssh } from '../ssh/ssh.ts';
import { patiently, pause } from '../tasks/patience.ts';
import type { RemoteRuns } from '../tasks/remote-run.ts';
import { remoteStep, remoteStepState } from '../tasks/remote-step.ts';
import { type StepContext, type TaskKind, taskStep } from '../tasks/task-kind.ts';
import type { Gateways } from './gateway/gateways.ts';
import type { Installations, ServiceFacts } from './installation/installation.ts';
import { failedStart, gatewayDidNotStart } from './restart-failure.ts';
import { forcedRestartScript, restartScript, scriptFailure } from './restart-scripts.ts';

const minuteMs = 60_000;
/** A server that is not there when we begin need not be waited for long: nothing has happened yet. */
const inspectMs = 3 * minuteMs;
/** A gateway with work to finish takes up to 330 s to stop; the rest is for a network that is down meanwhile. */
const restartMs = 20 * minuteMs;
const readyMs = 20 * minuteMs;
const verifyMs = 10 * minuteMs;
/** Milliseconds from a start to ready before we help: usually 6 to 20 s, 36 s under extreme load (OpenClaw 2026.9.6). */
const readyWithinMs = 90_000;
/** Milliseconds for a ready gateway to answer RPC. */
const healthyWithinMs = 60_000;
const pollMs = 1_000;
const probeMs = 5_000;

const inspected = z.object({
  manager: z.enum(['systemd-user', 'systemd-system']),
  unit: z.string(),
  bootId: z.string().nullable(),
  pid: z.number().nullable(),
  /** Milliseconds since the epoch by the server's own clock. */
  hostTimeMs: z.number(),
});
const restarted = z.object({ startedAtMs: z.number() });
const ready = z.object({ readyAtMs: z.number() });

const restartState = z.object({
  startedAtMs: z.number().nullable().default(null),
  command: remoteStepState.prefault({}),
});
const readyState = z.object({
  /** The unit's count of automatic restarts when we began to look. */
  restartsBefore: z.number().nullable().default(null),
  /** Killing it is tried once. */
  forced: z.enum(['no', 'begun', 'done']).default('no'),
  command: remoteStepState.prefault({}),
});

const readyPage = z.looseObject({
  ready: z.boolean(),
  failing: z.array(z.string()).optional().catch(undefined),
});
const health = z.looseObject({ ok: z.boolean() });

/** Takes no input. Result: `{bootId, pid, version, downtimeMs}`; downtime as Buoy saw it, from the command to ready. */
export function createRestartKind({
  ssh,
  gateways,
  installations,
  remoteRuns,
  clock,
}: {
  ssh: Pick<Ssh, 'script'>;
  gateways: Pick<Gateways, 'hello' | 'call' | 'probe'>;
  installations: Installations;
  remoteRuns: RemoteRuns;
  clock: Clock;
}): TaskKind {
  const serverOf = ({ serverId }: StepContext<unknown, unknown>): string => {
    if (serverId === null) throw new Error('A restart needs a server.');
    return serverId;
  };
  /** Waits out a server that is away; `onBack` is told when it was. */
  const reach = <T>(
    context: StepContext<unknown, unknown>,
    deadlineMs: number,
    call: (limits: CallOptions) => Promise<T>,
    onBack: () => void = () => undefined,
  ) =>
    patiently(
      clock,
      {
        deadlineMs,
        signal: context.signal,
        onReach(reachable) {
          context.detail(reachable ? 'The server is back.' : 'The server is out of reach; waiting for it.');
          if (reachable) onBack();
        },
      },
      call,
    );

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
      const service = context.resultOf('inspect', inspected);
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
        throw await didNotStart(context, service.hostTimeMs, 'systemd could not restart the gateway.');
      return { startedAtMs };
    },
  });

  const waitUntilReady = taskStep<unknown, z.output<typeof readyState>>({
    id: 'ready',
    title: 'Wait until it is ready',
    deadlineMs: readyMs,
    stateSchema: readyState,
    async run(context) {
      const serverId = serverOf(context);
      const { state, signal } = context;
      const inspection = context.resultOf('inspect', inspected);
      const endsAt = clock.now() + readyMs;
      // Counted anew after the server, or Buoy, was away: what we did not see does not count against the gateway.
      let readyBy = clock.now() + readyWithinMs;
      for (;;) {
        signal.throwIfAborted();
        if (state.forced === 'begun') {
          await forceRestart(context, inspection);
          readyBy = clock.now() + readyWithinMs;
        }
        const service = await reach(
          context,
          endsAt - clock.now(),
          (limits) => installations.service(serverId, limits),
          () => {
            readyBy = clock.now() + readyWithinMs;
          },
        );
        state.restartsBefore ??= service.restarts ?? 0;
        const problem = failedStart(service, state.restartsBefore);
        if (problem !== null) throw await didNotStart(context, inspection.hostTimeMs, problem);
        const waitingFor = await whatIsMissing(serverId, signal);
        if (waitingFor === null) return { readyAtMs: clock.now() };
        context.detail(waitingFor);
        if (clock.now() > readyBy) {
          if (state.forced === 'done')
            throw await didNotStart(
              context,
              inspection.hostTimeMs,
              'The gateway runs, but did not become ready, not even after it was killed and started again.',
            );
          state.forced = 'begun';
          state.restartsBefore = null;
          await context.saveState();
          continue;
        }
        await pause(clock, pollMs, signal);
      }
    },
  });

  const verify = taskStep<unknown>({
    id: 'verify',
    title: 'Prove that it works',
    deadlineMs: verifyMs,
    async run(context) {
      const serverId = serverOf(context);
      const before = context.resultOf('inspect', inspected);
      const { startedAtMs } = context.resultOf('restart', restarted);
      const { readyAtMs } = context.resultOf('ready', ready);
      const endsAt = clock.now() + verifyMs;
      let healthyBy = clock.now() + healthyWithinMs;
      const extend = () => {
        healthyBy = clock.now() + healthyWithinMs;
      };
      for (;;) {
        context.signal.throwIfAborted();
        const service = await reach(
          context,
          endsAt - clock.now(),
          (limits) => installations.service(serverId, limits),
          extend,
        );
        const { doubt, hello } = await askGateway(serverId, before, service, context.signal);
        if (doubt === null)
          return {
            bootId: hello.bootId,
            pid: service.pid,
            version: hello.version,
            downtimeMs: Math.max(0, readyAtMs - startedAtMs),
          };
        context.detail(doubt.message);
        if (clock.now() > healthyBy) throw doubt;
        await pause(clock, pollMs, context.signal);
      }
    },
  });

  function didNotStart(
    context: StepContext<unknown, unknown>,
    sinceMs: number,
    otherwise: string,
  ): Promise<AppError> {
    const { output, signal } = context;
    return gatewayDidNotStart({
      installations,
      serverId: serverOf(context),
      sinceMs,
      otherwise,
      output,
      signal,
      clock,
    });
  }

  async function forceRestart(
    context: StepContext<unknown, z.output<typeof readyState>>,
    service: z.output<typeof inspected>,
  ): Promise<void> {
    context.detail('It does not become ready: killing it and starting it again.');
    const { exitCode } = await remoteStep(context, remoteRuns, {
      script: forcedRestartScript(service),
      state: context.state.command,
      deadlineMs: restartMs,
      onGivenUp: 'leave',
      part: 'force',
    });
    const failure = scriptFailure(exitCode, service);
    if (failure !== null) throw failure;
    context.state.forced = 'done';
    await context.saveState();
  }

  /** What the gateway still waits for, in words; null when it is ready. */
  async function whatIsMissing(serverId: string, signal: AbortSignal): Promise<string | null> {
    try {
      const { status, body } = await gateways.probe(serverId, '/readyz', { deadlineMs: probeMs, signal });
      const page = readyPage.safeParse(body);
      if (!page.success) return 'The gateway answers, but not as expected yet.';
      if (status === 200 && page.data.ready) return null;
      const failing = page.data.failing?.slice(0, 5).join(', ') ?? '';
      return failing === '' ? 'The gateway is starting.' : `The gateway is starting: ${failing}.`;
    } catch (error) {
      if (!isAppError(error) || signal.aborted) throw error;
      return 'The gateway does not answer yet.';
    }
  }

  type Answer =
    | { doubt: null; hello: { bootId: string | null; version: string } }
    | { doubt: AppError; hello: null };

  /** Asks over RPC whether this is another process than before, and whether it is healthy. */
  async function askGateway(
    serverId: string,
    before: z.output<typeof inspected>,
    service: ServiceFacts,
    signal: AbortSignal,
  ): Promise<Answer> {
    const options = { deadlineMs: probeMs, signal, retry: true };
    try {
      const hello = await gateways.hello(serverId, options);
      const canTell = before.bootId !== null && hello.bootId !== null;
      const isSame = canTell
        ? hello.bootId === before.bootId
        : before.pid !== null && service.pid === before.pid;
      if (isSame)
        return {
          doubt: new AppError(
            'refused',
            'The gateway that answers is still the one from before the restart.',
            {
              hint: 'Another gateway may be running on this server outside of its service; look at its processes.',
            },
          ),
          hello: null,
        };
      const { ok } = await gateways.call(serverId, 'health', {}, health, options);
      if (ok) return { doubt: null, hello };
      return {
        doubt: new AppError('refused', 'The gateway runs, but says that it is not healthy.', {
          hint: 'Look at its status and log.',
        }),
        hello: null,
      };
    } catch (error) {
      if (!isAppError(error) || signal.aborted) throw error;
      return { doubt: error, hello: null };
    }
  }

  return {
    type: 'openclaw.restart',
    title: 'Restart the gateway',
    exclusivePerServer: true,
    inputSchema: z.strictObject({}),
    steps: [inspect, restart, waitUntilReady, verify],
  };
}
