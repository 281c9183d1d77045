// The step that sets port, address and token of the gateway in the config, before it is a service.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TaskStepKind } from '../tasks/task-kind.ts';
import { createInstallStep, type InstallTools } from './install-step.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const script = `${load('installer.sh')}\n${load('configure-gateway.sh')}`;

/** As many as OpenClaw makes by itself. */
const TOKEN_BYTES = 24;

export type GatewayInput = { port: number; bind: 'loopback' | 'lan' | 'tailnet' };

/** Result: `{port, bind, authMode}`. The token is made here, goes into the config, and is in no answer. */
export function createConfigureGatewayStep<Input>(
  tools: InstallTools,
  of: (input: Input) => GatewayInput,
): TaskStepKind {
  return createInstallStep<Input, GatewayInput & { authMode: 'token' }>(tools, {
    id: 'configure-gateway',
    title: 'Configure the gateway',
    script,
    variables: (input) => ({ GATEWAY_PORT: String(of(input).port), GATEWAY_BIND: of(input).bind }),
    secrets(input) {
      const { port, bind } = of(input);
      const token = randomBytes(TOKEN_BYTES).toString('hex');
      const auth = { mode: 'token', token };
      return { CONFIG_PATCH: JSON.stringify({ gateway: { mode: 'local', port, bind, auth } }) };
    },
    found(input, { config }) {
      const { port, bind } = of(input);
      if (config === null || !config.hasToken || config.port !== port || config.bind !== bind) return null;
      return {
        reason: `The gateway is configured for port ${port} already.`,
        result: { port, bind, authMode: 'token' },
      };
    },
  });
}
