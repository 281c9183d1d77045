// Turns the output of inspect.sh into typed facts; what is missing or odd becomes null.
import { countAgents } from './agents-in-config.ts';
import { parseConfigFile } from './config-file.ts';
import {
  type GatewaySettings,
  parseVariables,
  readCertificatePath,
  readGatewaySettings,
} from './gateway-settings.ts';
import type { HostInspection, Installation, ServiceFacts, ServiceManager } from './installation.ts';
import type { KeyValues } from './key-values.ts';

const managers = new Set<string>([
  'systemd-user',
  'systemd-system',
  'supervised',
  'none',
] satisfies ServiceManager[]);
/** Managers of an account's own services, which may end with its logins or not start at boot. */
const ofAccount = new Set<ServiceManager>(['systemd-user', 'supervised']);
const KIB = 1024;
/** Characters that may hold a version: each digit is a start from which the whole rest is tried. */
const MAX_VERSION_TEXT = 200;

export function parseService(values: KeyValues): ServiceFacts {
  const manager = parseManager(values);
  const activeState = values.text('unit.ActiveState');
  const result = values.text('unit.Result');
  const execMainStatus = values.count('unit.ExecMainStatus');
  const rssKiB = values.count('rssKiB');
  return {
    manager,
    unit: values.text('unit'),
    activeState,
    subState: values.text('unit.SubState'),
    result,
    restarts: values.count('unit.NRestarts'),
    startLimitHit: hitStartLimit(values, activeState, result, execMainStatus),
    pid: values.count('pid'),
    execMainStatus,
    uptimeS: values.count('uptimeS'),
    rssBytes: rssKiB === null ? null : rssKiB * KIB,
  };
}

/**
 * systemd says `start-limit-hit` only when the first failure was the limit itself; after a crash loop Result stays at
 * the crash (seen with systemd 257). A unit that always restarts and is failed all the same has hit the limit, unless
 * its exit status is one that it must not restart on.
 */
function hitStartLimit(
  values: KeyValues,
  activeState: string | null,
  result: string | null,
  execMainStatus: number | null,
): boolean {
  if (activeState !== 'failed') return false;
  if (result === 'start-limit-hit') return true;
  if ((values.count('unit.NRestarts') ?? 0) === 0) return false;
  const restart = values.text('unit.Restart');
  const prevented = (values.text('unit.RestartPreventExitStatus') ?? '').split(/\s+/);
  return (
    (restart === 'always' || restart === 'on-failure') &&
    (execMainStatus === null || !prevented.includes(String(execMainStatus)))
  );
}

export type ParsedInspection = { inspection: HostInspection; settings: GatewaySettings };

export function parseInspection(values: KeyValues, observedAtMs: number): ParsedInspection {
  const service = parseService(values);
  const binaryPath = values.text('binary');
  const commandPort = /\s--port[= ](\d{1,5})\b/.exec(values.text('unit.ExecStart') ?? '')?.[1];
  const configPath = values.text('configPath');
  const account = service.manager === 'systemd-system' ? values.text('unit.User') : null;
  const config = parseConfigFile(values.decoded('config'));
  const settings = readGatewaySettings({
    config,
    configPath,
    environment: parseVariables(values.decoded('environment')),
    dotEnv: parseVariables(values.decoded('dotEnv')),
    commandPort: commandPort === undefined ? null : Number(commandPort),
  });
  const installation: Installation = {
    installed:
      binaryPath !== null || service.unit !== null || (service.manager === 'none' && service.pid !== null),
    binaryPath,
    nodePath: values.text('node'),
    version: parseVersion(values.text('version')),
    configPath,
    statePath: values.text('statePath'),
    port: settings.port,
    bind: settings.bind,
    authMode: settings.authMode,
    manager: service.manager,
    unit: service.unit,
    linger: ofAccount.has(service.manager) ? values.text('linger') === 'yes' : null,
  };
  const certificatePath = readCertificatePath(config, installation.statePath);
  return {
    inspection: {
      ...(certificatePath === null ? {} : { certificatePath }),
      installation,
      service,
      disk: space(values.count('diskKiB'), values.count('diskFreeKiB')),
      memory: space(values.count('memoryKiB'), values.count('memoryFreeKiB')),
      configProblem: config?.problem ?? null,
      agentsInConfig: countAgents(config),
      observedAtMs,
    },
    settings: {
      ...settings,
      access: { ...settings.access, ...(configPath && { configPath }), ...(account && { account }) },
    },
  };
}

/** `2026.9.6` out of `2026.9.6` or `OpenClaw 2026.9.6 (eb377ac)`. */
export function parseVersion(text: string | null): string | null {
  return /\d+\.\d+\.\d+[0-9A-Za-z.+-]{0,50}/.exec((text ?? '').slice(0, MAX_VERSION_TEXT))?.[0] ?? null;
}

function parseManager(values: KeyValues): ServiceManager {
  const text = values.text('manager') ?? 'none';
  return managers.has(text) ? (text as ServiceManager) : 'none';
}

function space(totalKiB: number | null, freeKiB: number | null) {
  return totalKiB === null || freeKiB === null
    ? null
    : { totalBytes: totalKiB * KIB, availableBytes: freeKiB * KIB };
}
