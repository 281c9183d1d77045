// The first step of each service task: reads the state before anything is changed.

import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { serverOf, type TaskStepKind, taskStep } from '../../tasks/task-kind.ts';
import { type GatewayBefore, PROBE_MS, type ServiceContext, type ServiceTools } from './parts.ts';

/** Short for a server that is unreachable at the beginning: nothing has been changed yet. */
const INSPECT_MS = 3 * 60_000;

type Verb = 'start' | 'stop' | 'restart' | 'update';

/** @param verb what the task does to the gateway, in the sentences of a failure */
export function createInspectStep(tools: ServiceTools, verb: Verb): TaskStepKind {
  return taskStep<unknown>({
    id: 'inspect',
    title: 'Check the gateway',
    deadlineMs: INSPECT_MS,
    run: (context) => inspectGateway(tools, context, verb),
  });
}

/** Throws AppError `not_installed`, `unsupported` where no service manager runs the gateway, and those of an unreachable server. */
export async function inspectGateway(
  tools: Pick<ServiceTools, 'ssh' | 'gateways' | 'installations'>,
  context: ServiceContext,
  verb: Verb,
): Promise<GatewayBefore> {
  const { gateways, installations } = tools;
  const serverId = serverOf(context);
  const { installed, manager, unit, port } = await reachServer(context, INSPECT_MS, (limits) =>
    installations.find(serverId, { ...limits, fresh: true }),
  );
  if (!installed)
    throw new AppError('not_installed', 'OpenClaw is not installed on this server.', {
      hint: 'Install it with the setup wizard.',
    });
  if (manager === 'none' || unit === null)
    throw new AppError(
      'unsupported',
      `No service manager runs the gateway of this server, so Buoy cannot ${verb} it.`,
      { hint: `Set up the gateway as a service with the setup wizard, or ${verb} it by hand.` },
    );
  const hostTimeMs = await hostTime(tools, context);
  const service = await reachServer(context, INSPECT_MS, (limits) => installations.service(serverId, limits));
  // A gateway that is down cannot answer, which may be the reason for this task.
  const hello = await gateways
    .hello(serverId, { deadlineMs: PROBE_MS, signal: context.signal })
    .catch((error: unknown) => {
      if (!isAppError(error)) throw error;
      return null;
    });
  // Not cached: the hello of a connection whose gateway has just died is outdated.
  const answers = await gateways
    .probe(serverId, '/healthz', { deadlineMs: PROBE_MS, signal: context.signal })
    .then(() => true)
    .catch((error: unknown) => {
      if (!isAppError(error)) throw error;
      return false;
    });
  context.detail(service.activeState === null ? unit : `${unit} is ${service.activeState}.`);
  return {
    manager,
    unit,
    port,
    bootId: hello?.bootId ?? null,
    answers,
    activeState: service.activeState,
    pid: service.pid,
    hostTimeMs,
  };
}

/** Two gateways would compete for one port, and the wrong one would be taken for that of the service. Throws AppError `refused`. */
export function refuseBesideAnother({ answers, pid, unit }: GatewayBefore): void {
  if (answers && pid === null)
    throw new AppError('refused', `A gateway runs on this server already, but not as the service ${unit}.`, {
      hint: 'End that process on the server (it may have been started by hand), then try again.',
    });
}

/** Milliseconds since the epoch by the server's own clock, waited for up to `awayMs`. Throws AppError. */
export function hostTime(
  { ssh }: Pick<ServiceTools, 'ssh'>,
  context: ServiceContext,
  awayMs: number = INSPECT_MS,
): Promise<number> {
  return reachServer(context, awayMs, async (limits) => {
    const { stdout } = await ssh.script(serverOf(context), 'date +%s', [], limits);
    const seconds = z
      .string()
      .regex(/^\d{9,12}$/)
      .safeParse(stdout.trim());
    if (!seconds.success) throw new AppError('bad_gateway', 'The server did not report its time.');
    return Number(seconds.data) * 1_000;
  });
}
