// The step that sets port, address and token of the gateway: in its config, and in its service where there is one.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type ErrorCode,
  errorStatus,
  type GatewayConfigured,
  type GatewaySetup,
  gatewayConfigured,
  type Task,
} from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';
import type { TaskStepKind } from '../tasks/task-kind.ts';
import { sudoPasswordOf } from './install-service.ts';
import { createInstallStep, type InstallTools } from './install-step.ts';
import { type ProbeGateway, untilReady } from './until-ready.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const script = ['installer.sh', 'linger.sh', 'configure-gateway.sh'].map(load).join('\n');

/** As many as OpenClaw makes by itself. */
const TOKEN_BYTES = 24;

/** A token is made here, goes into the config where it has none or a new one is asked for, and is in no answer. */
export function createConfigureGatewayStep<Input>(
  tools: InstallTools & { probeGateway: ProbeGateway },
  of: (input: Input) => GatewaySetup & { rotateToken: boolean },
): TaskStepKind {
  return createInstallStep<Input, GatewayConfigured>(tools, {
    id: 'configure-gateway',
    title: 'Configure the gateway',
    script,
    variables: (input) => ({
      GATEWAY_PORT: String(of(input).port),
      GATEWAY_BIND: of(input).bind,
      ROTATE_TOKEN: of(input).rotateToken ? 'yes' : 'no',
    }),
    secrets: {
      names: ['NEW_TOKEN', ...sudoPasswordOf.names],
      of: (input, secrets) => ({
        NEW_TOKEN: randomBytes(TOKEN_BYTES).toString('hex'),
        ...sudoPasswordOf.of(input, secrets),
      }),
    },
    always: (input) => of(input).rotateToken,
    prove: async (context, { service }) => {
      if (service !== null) await untilReady(context, tools.probeGateway);
    },
    found(input, { config, service, servicePort }) {
      const { port, bind } = of(input);
      if (config === null || config.port !== port || config.bind !== bind) return null;
      // OpenClaw asks for nothing in the mode "none", and for a password in another, whatever token stands beside it.
      if (!config.hasToken || (config.authMode !== null && config.authMode !== 'token')) return null;
      if (service !== null && servicePort !== null && servicePort !== port) return null;
      return {
        reason: `The gateway is configured for port ${port} already.`,
        result: { port, bind, authMode: 'token', service },
      };
    },
  });
}

/** What a task of this kind has done. @throws AppError as it failed */
export function gatewayChangeOf({ status, error, result, steps }: Task): {
  gateway: Omit<GatewayConfigured, 'service'>;
  restarted: boolean;
} {
  if (error !== null) {
    const code = Object.hasOwn(errorStatus, error.code) ? (error.code as ErrorCode) : 'refused';
    throw new AppError(code, error.message, { hint: error.hint ?? undefined });
  }
  if (status !== 'succeeded')
    throw new AppError('cancelled', 'The change of the gateway was stopped before its end.');
  const { service, ...gateway } = gatewayConfigured.parse(result);
  return { gateway, restarted: service !== null && steps.every((step) => step.status !== 'skipped') };
}
