// The step that makes the gateway a service which outlives the login and starts at boot, and waits until it is ready.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServiceInstalled } from '@buoy/contract';
import { supervisorText } from '../openclaw/service/gateway-service.ts';
import type { TaskStepKind } from '../tasks/task-kind.ts';
import type { TaskSecrets } from '../tasks/task-secrets.ts';
import { createInstallStep, type InstallTools } from './install-step.ts';
import { type ProbeGateway, untilReady } from './until-ready.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const script = ['installer.sh', 'linger.sh', 'kept.sh', 'install-service.sh'].map(load).join('\n');

/** As the script writes the file. */
const supervisorSha256 = createHash('sha256').update(`${supervisorText}\n`).digest('hex');

/** The password for sudo, among the secrets of a task. */
export const SUDO_PASSWORD = 'sudoPassword';

/** The secrets of a script that may need sudo. */
export const sudoPasswordOf = {
  names: ['SUDO_PASSWORD'],
  of: (_input: unknown, secrets: TaskSecrets) => ({ SUDO_PASSWORD: secrets[SUDO_PASSWORD] ?? '' }),
};

export type ServiceInput = {
  manager: 'auto' | ServiceInstalled['manager'];
  /** Absent: that of the config. */
  port?: number | undefined;
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
    variables: (input) => ({
      MANAGER: of(input).manager,
      GATEWAY_PORT: String(of(input).port ?? ''),
      SUPERVISOR: supervisorText,
    }),
    prove: (context) => untilReady(context, tools.probeGateway),
    secrets: sudoPasswordOf,
    // The supervisor of another Buoy is replaced while the gateway runs on.
    always: (_input, { service, supervisorSha256: there }) =>
      service === 'supervised' && there !== null && there !== supervisorSha256,
    found(input, { service, linger, lacksBootLine, isEnabledTwice }) {
      const { manager } = of(input);
      if (service === null || (service === 'systemd-user' && !linger) || lacksBootLine) return null;
      if (manager !== 'auto' && (manager !== service || isEnabledTwice)) return null;
      return {
        reason: 'The gateway runs as a service already.',
        result: { manager: service, unit: 'openclaw-gateway.service', linger },
      };
    },
  });
}
