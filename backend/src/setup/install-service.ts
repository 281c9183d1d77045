// The step that makes the gateway a service which outlives the login and starts at boot, and waits until it is ready.
import { readFileSync } from 'node:fs';
import type { ServiceInstalled } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../lib/app-error.ts';
import { pause } from '../lib/pause.ts';
import type { CallOptions } from '../ssh/ssh.ts';
import { type StepContext, serverOf, type TaskStepKind } from '../tasks/task-kind.ts';
import { createInstallStep, type InstallTools } from './install-step.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const script = ['installer.sh', 'linger.sh', 'install-service.sh'].map(load).join('\n');

/** The password for sudo, among the secrets of a task. */
export const SUDO_PASSWORD = 'sudoPassword';

export type ServiceInput = {
  manager: 'auto' | 'systemd-user' | 'systemd-system';
  port: number;
};

/** Result: `{manager, unit, linger}`. */
export function createInstallServiceStep<Input>(
  tools: InstallTools & { probeGateway: ProbeGateway },
  of: (input: Input) => ServiceInput,
): TaskStepKind {
  return createInstallStep<Input, ServiceInstalled>(tools, {
    id: 'systemd',
    title: 'Make the gateway a service',
    script,
    variables: (input) => ({ MANAGER: of(input).manager, GATEWAY_PORT: String(of(input).port) }),
    prove: (context) => untilReady(context, tools.probeGateway),
    secrets: (_input, secrets) => ({ SUDO_PASSWORD: secrets[SUDO_PASSWORD] ?? '' }),
    found(input, { service, linger }) {
      const { manager } = of(input);
      if (service === null || (service === 'systemd-user' && !linger)) return null;
      if (manager !== 'auto' && manager !== service) return null;
      return {
        reason: 'The gateway runs as a service already.',
        result: { manager: service, unit: 'openclaw-gateway.service', linger },
      };
    },
  });
}

/** Asks a page of the gateway for its JSON. Throws AppError. */
export type ProbeGateway = (
  serverId: string,
  path: '/readyz',
  options: CallOptions,
) => Promise<{ status: number; body: unknown }>;

/** Milliseconds for a first start: 13 s on a fast machine, minutes on a small one. */
const READY_MS = 5 * 60_000;
const PROBE_MS = 5_000;
const POLL_MS = 500;

const readyPage = z.looseObject({ ready: z.boolean() });

async function untilReady<Input>(
  context: StepContext<Input, unknown>,
  probeGateway: ProbeGateway,
): Promise<void> {
  const { signal, clock } = context;
  const serverId = serverOf(context);
  const endsAt = clock.now() + READY_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      const { status, body } = await probeGateway(serverId, '/readyz', { deadlineMs: PROBE_MS, signal });
      if (status === 200 && readyPage.safeParse(body).data?.ready === true) return;
      context.detail('The gateway is starting.');
    } catch (error) {
      if (!isAppError(error) || signal.aborted) throw error;
      context.detail('The gateway does not answer yet.');
    }
    if (clock.now() > endsAt)
      throw new AppError(
        'not_ready',
        'The gateway was started, but did not become ready within five minutes.',
        {
          hint: 'Its log names the cause.',
        },
      );
    await pause(clock, POLL_MS, signal);
  }
}
