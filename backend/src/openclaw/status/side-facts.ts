// Facts of a status beside the gateway's quick answers: readiness, the unit, the newest version. Each is asked as often as it can change.
import { isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { Installations, ServiceFacts } from '../host/installation.ts';
import {
  countAgents,
  type Readiness,
  readReadiness,
  readUpdates,
  type UpdateFacts,
} from './gateway-reading.ts';

export type SideFacts = {
  /** The unit as last read; starts a read in the background when that is older than 10 s. */
  service(serverId: string): ServiceFacts | null;
  /** The newest version, and OpenClaw's own update, as last told; waits for the first answer only. Never throws. */
  updates(serverId: string, deadlineMs: number): Promise<UpdateFacts>;
  /** The number of agents; null when the gateway cannot report it. Throws AppError. */
  agents(serverId: string, deadlineMs: number): Promise<number | null>;
  /** What /readyz says of a gateway that answers calls. "Not ready" is asked again each time. Throws AppError. */
  readiness(serverId: string, deadlineMs: number): Promise<Readiness>;
  /** The gateway went away or came back: the cached unit is out of date. Reads it now, or as soon as it has not been read too often. */
  refreshService(serverId: string): void;
  forget(serverId: string): void;
};

/** Milliseconds for which the unit's state is cached while the gateway answers. */
const SERVICE_KEEP_MS = 10_000;
/** Reads of the unit in SERVICE_KEEP_MS: connecting takes one and a restart two, and a gateway that comes and goes gets no more. */
const MAX_SERVICE_READS = 3;
/** Milliseconds; the gateway itself asks the registry a few times a day. */
const LATEST_KEEP_MS = 300_000;
/** Milliseconds for which "ready" is cached: a page costs a stream of its own, and a draining gateway sends an event. */
const READY_KEEP_MS = 2_000;
/** Milliseconds for which the number of agents is cached: no event reports a change, and the call costs half of a status read. */
const AGENTS_KEEP_MS = 5_000;
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
  const reading = new Set<string>();
  /** Server → when its unit was read of late, the earliest first. */
  const readsOf = new Map<string, number[]>();
  /** Server → what cancels the read that waits. */
  const deferred = new Map<string, () => void>();
  const updates = new Map<string, { facts: UpdateFacts; at: number }>();
  const readyAt = new Map<string, number>();
  const counted = new Map<string, { agents: number | null; at: number }>();

  gateways.onEvent((serverId, { event }) => {
    if (event === 'shutdown') readyAt.delete(serverId);
  });

  function newestService(serverId: string): { facts: ServiceFacts; at: number } | null {
    const seen = services.get(serverId) ?? null;
    const inspection = installations.lastInspection(serverId);
    if (inspection === null || (seen !== null && seen.at >= inspection.observedAtMs)) return seen;
    return { facts: inspection.service, at: inspection.observedAtMs };
  }

  /** Milliseconds until the unit may be read again. */
  function serviceWaitMs(serverId: string): number {
    const isPast = (at: number) => clock.now() - at >= SERVICE_KEEP_MS;
    for (const [id, times] of readsOf) if (times.every(isPast)) readsOf.delete(id);
    const late = readsOf.get(serverId) ?? [];
    return late.length < MAX_SERVICE_READS ? 0 : Math.max(0, late[0]! + SERVICE_KEEP_MS - clock.now());
  }

  async function readService(serverId: string): Promise<void> {
    if (reading.has(serverId) || deferred.has(serverId)) return;
    const waitMs = serviceWaitMs(serverId);
    if (waitMs > 0) {
      const cancel = clock.after(waitMs, () => {
        deferred.delete(serverId);
        void readService(serverId);
      });
      deferred.set(serverId, cancel);
      return;
    }
    reading.add(serverId);
    readsOf.set(serverId, [...(readsOf.get(serverId) ?? []), clock.now()].slice(-MAX_SERVICE_READS));
    try {
      const facts = await installations.service(serverId, { deadlineMs: BACKGROUND_DEADLINE_MS });
      services.set(serverId, { facts, at: clock.now() });
    } catch (error) {
      logger.debug({ serverId, err: error }, 'could not read the unit of a gateway');
    } finally {
      reading.delete(serverId);
    }
  }

  async function askUpdates(serverId: string, deadlineMs: number): Promise<UpdateFacts> {
    const before = updates.get(serverId)?.facts ?? { latest: null, ownFailure: undefined };
    // Noted before the answer, so that a gateway that never answers this is not asked at each read.
    updates.set(serverId, { facts: before, at: clock.now() });
    try {
      const facts = await readUpdates(gateways, serverId, { deadlineMs });
      updates.set(serverId, { facts, at: clock.now() });
      return facts;
    } catch {
      return before;
    }
  }

  return {
    service(serverId) {
      const newest = newestService(serverId);
      if (newest === null || clock.now() - newest.at >= SERVICE_KEEP_MS) void readService(serverId);
      return newest?.facts ?? null;
    },
    async updates(serverId, deadlineMs) {
      const known = updates.get(serverId);
      if (known === undefined) return askUpdates(serverId, deadlineMs);
      if (clock.now() - known.at >= LATEST_KEEP_MS) void askUpdates(serverId, BACKGROUND_DEADLINE_MS);
      return known.facts;
    },
    async agents(serverId, deadlineMs) {
      const known = counted.get(serverId);
      if (known !== undefined && clock.now() - known.at < AGENTS_KEEP_MS) return known.agents;
      const agents = await countAgents(gateways, serverId, { deadlineMs });
      counted.set(serverId, { agents, at: clock.now() });
      return agents;
    },
    async readiness(serverId, deadlineMs) {
      const at = readyAt.get(serverId);
      if (at !== undefined && clock.now() - at < READY_KEEP_MS) return { ready: true, failing: [] };
      const readiness = await readReadiness(gateways, serverId, { deadlineMs }).catch((error: unknown) => {
        // It answers calls: without a page of its own about readiness that is ready enough.
        if (isAppError(error, 'bad_gateway')) return { ready: true, failing: [] };
        throw error;
      });
      if (readiness.ready) readyAt.set(serverId, clock.now());
      else readyAt.delete(serverId);
      return readiness;
    },
    refreshService: (serverId) => void readService(serverId),
    forget(serverId) {
      deferred.get(serverId)?.();
      deferred.delete(serverId);
      services.delete(serverId);
      updates.delete(serverId);
      readyAt.delete(serverId);
      counted.delete(serverId);
    },
  };
}
