// Facts of a status that the gateway's quick answers do not hold: the unit and the newest version. Refreshed in the background.
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { Installations, ServiceFacts } from '../installation/installation.ts';
import { readLatestVersion } from './gateway-reading.ts';

export type SideFacts = {
  /** The unit as last seen; starts a look in the background when that is older than 10 s. */
  service(serverId: string): ServiceFacts | null;
  /** The newest version as last told; waits for the first answer only. Never throws. */
  latestVersion(serverId: string, deadlineMs: number): Promise<string | null>;
  /** The gateway went away or came back: what is known of the unit is out of date. */
  refreshService(serverId: string): void;
  forget(serverId: string): void;
};

/** Milliseconds for which the unit's state is believed while the gateway answers. */
const SERVICE_KEEP_MS = 10_000;
/** Milliseconds; the gateway itself asks the registry a few times a day. */
const LATEST_KEEP_MS = 300_000;
const BACKGROUND_DEADLINE_MS = 10_000;

export function createSideFacts({
  installations,
  gateways,
  clock,
  logger,
}: {
  installations: Installations;
  gateways: Gateways;
  clock: Clock;
  logger: Logger;
}): SideFacts {
  const services = new Map<string, { facts: ServiceFacts; at: number }>();
  const looking = new Set<string>();
  const versions = new Map<string, { latest: string | null; at: number }>();

  function newestService(serverId: string): { facts: ServiceFacts; at: number } | null {
    const seen = services.get(serverId) ?? null;
    const inspection = installations.lastInspection(serverId);
    if (inspection === null || (seen !== null && seen.at >= inspection.observedAtMs)) return seen;
    return { facts: inspection.service, at: inspection.observedAtMs };
  }

  async function look(serverId: string): Promise<void> {
    if (looking.has(serverId)) return;
    looking.add(serverId);
    try {
      const facts = await installations.service(serverId, { deadlineMs: BACKGROUND_DEADLINE_MS });
      services.set(serverId, { facts, at: clock.now() });
    } catch (error) {
      logger.debug({ serverId, err: error }, 'the unit of a gateway could not be looked at');
    } finally {
      looking.delete(serverId);
    }
  }

  async function askLatest(serverId: string, deadlineMs: number): Promise<string | null> {
    const before = versions.get(serverId)?.latest ?? null;
    // Noted before the answer, so that a gateway that never answers this is not asked at each read.
    versions.set(serverId, { latest: before, at: clock.now() });
    try {
      const latest = await readLatestVersion(gateways, serverId, { deadlineMs });
      versions.set(serverId, { latest, at: clock.now() });
      return latest;
    } catch {
      return before;
    }
  }

  return {
    service(serverId) {
      const newest = newestService(serverId);
      if (newest === null || clock.now() - newest.at >= SERVICE_KEEP_MS) void look(serverId);
      return newest?.facts ?? null;
    },
    async latestVersion(serverId, deadlineMs) {
      const known = versions.get(serverId);
      if (known === undefined) return askLatest(serverId, deadlineMs);
      if (clock.now() - known.at >= LATEST_KEEP_MS) void askLatest(serverId, BACKGROUND_DEADLINE_MS);
      return known.latest;
    },
    refreshService: (serverId) => void look(serverId),
    forget(serverId) {
      services.delete(serverId);
      versions.delete(serverId);
    },
  };
}
