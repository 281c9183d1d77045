// Derives the state of a gateway from its host, for when the gateway itself does not answer.
import type { OpenclawStatus } from '@buoy/contract';
import type { HostInspection, Installation, ServiceFacts } from '../host/installation.ts';
import type { CliCounts } from './cli-counts.ts';
import type { Readiness } from './gateway-reading.ts';

type GatewayState = OpenclawStatus['gateway']['state'];

/** Seconds: a start takes 6 to 36 s; a process that is older and silent is no longer starting. */
const START_S = 180;

/**
 * The gateway's state without its own answer.
 * @param readiness what /readyz said; null when it did not answer either
 */
export function gatewayStateOf(
  installation: Installation,
  service: ServiceFacts,
  readiness: Readiness | null,
): GatewayState {
  if (!installation.installed) return 'not_installed';
  if (readiness !== null) return readiness.ready || isUp(readiness) ? 'running' : 'starting';
  if (service.manager === 'none') return service.pid === null ? 'stopped' : runningOrStarting(service);
  if (service.activeState === 'failed' || service.startLimitHit) return 'failed';
  if (service.activeState === 'activating' && service.subState === 'auto-restart') {
    // Between two starts: one failure may be an accident, the next ones are a crash loop.
    return service.result === 'success' || (service.restarts ?? 0) === 0 ? 'starting' : 'failed';
  }
  if (service.activeState === 'activating') return 'starting';
  if (service.activeState === 'active' || service.activeState === 'reloading')
    return runningOrStarting(service);
  return 'stopped';
}

/** Not ready only because something beside it fails, as a channel without network: the gateway itself runs. */
export function isUp({ failing }: Readiness): boolean {
  return (
    failing.length > 0 && !failing.some((what) => what === 'startup-sidecars' || what === 'gateway-draining')
  );
}

function runningOrStarting({ uptimeS }: ServiceFacts): GatewayState {
  return uptimeS !== null && uptimeS > START_S ? 'running' : 'starting';
}

/** The whole status from the host. It cannot show channels: the list is empty. */
export function statusFromHost(
  { installation, service, disk, memory }: HostInspection,
  readiness: Readiness | null,
  counts: CliCounts,
): OpenclawStatus {
  const state = gatewayStateOf(installation, service, readiness);
  return {
    installed: installation.installed,
    version: installation.version,
    gateway: {
      state,
      ready: state === 'running' && (readiness?.ready ?? false),
      pid: service.pid,
      uptimeS: service.uptimeS,
      port: installation.installed ? installation.port : null,
      bind: installation.bind,
      authMode: installation.authMode,
      rssBytes: service.rssBytes,
    },
    service: presentService(service),
    channels: [],
    agents: counts.agents,
    sessions: counts.sessions,
    update: { current: installation.version, latest: null, behind: null },
    disk,
    memory,
  };
}

export function presentService(service: ServiceFacts | null): OpenclawStatus['service'] {
  return {
    manager: service?.manager ?? 'none',
    unit: service?.unit ?? null,
    activeState: service?.activeState ?? null,
    result: service?.result ?? null,
    restarts: service?.restarts ?? null,
    startLimitHit: service?.startLimitHit ?? false,
  };
}
