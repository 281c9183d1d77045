// Builds the status of the API from a gateway's answers and the known facts of its host.
import type { OpenclawStatus } from '@buoy/contract';
import type { HostInspection, ServiceFacts } from '../host/installation.ts';
import { presentChannels } from './channels.ts';
import type { GatewayReading, Readiness } from './gateway-reading.ts';
import { isUp, presentService } from './host-status.ts';

/**
 * @param inspection the last inspection of the host, for facts that the gateway does not report
 * @param service the unit, which may be newer than `inspection`
 * @param latest newest version that the gateway knows of
 */
export function statusFromGateway(
  reading: GatewayReading,
  agents: number | null,
  readiness: Readiness,
  inspection: HostInspection | null,
  service: ServiceFacts | null,
  latest: string | null,
): OpenclawStatus {
  const { hello, info } = reading;
  const { version } = hello;
  const installation = inspection?.installation ?? null;
  return {
    installed: true,
    version,
    gateway: {
      state: readiness.ready || isUp(readiness) ? 'running' : 'starting',
      ready: readiness.ready,
      pid: info?.pid ?? service?.pid ?? null,
      uptimeS: info?.uptimeMs === undefined ? (service?.uptimeS ?? null) : Math.round(info.uptimeMs / 1000),
      // Buoy talks to it there, whatever it says itself; a change of the gateway keeps the port that stands here.
      port: installation?.port ?? info?.port ?? null,
      bind: installation?.bind ?? null,
      authMode: hello.authMode ?? installation?.authMode ?? null,
      rssBytes: info?.processMemory?.rssBytes ?? service?.rssBytes ?? null,
    },
    service: presentService(service),
    channels: reading.channels === null ? [] : presentChannels(reading.channels),
    agents,
    sessions: reading.sessions,
    update: { current: version, latest, behind: latest === null ? null : latest !== version },
    disk: space(info?.diskTotalBytes, info?.diskAvailableBytes) ?? inspection?.disk ?? null,
    memory: space(info?.memoryTotalBytes, info?.memoryFreeBytes) ?? inspection?.memory ?? null,
  };
}

function space(totalBytes: number | undefined, availableBytes: number | undefined) {
  return totalBytes === undefined || availableBytes === undefined ? null : { totalBytes, availableBytes };
}
