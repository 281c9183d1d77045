// Why a gateway is down, as its log says, read once for each time that it ended.
import type { Clock } from '../../lib/clock.ts';
import { ownText } from '../../lib/own-text.ts';
import { explainFailure, FAILURE_LINES } from '../host/explain-failure.ts';
import type { GatewayFailure, Installations, ServiceFacts } from '../host/installation.ts';
import { cut } from '../reads/bounded.ts';

export type FailureReader = {
  /** Of a gateway that does not answer. null: its service did not fail, or its log could not be read in time. Never throws. */
  read(serverId: string, service: ServiceFacts, deadlineMs: number): Promise<GatewayFailure | null>;
  forget(serverId: string): void;
};

/** Milliseconds for which a log is not read again while the service does not change: it may have begun to fail for another reason. */
const KEEP_MS = 300_000;
/** The same where the log has not named a cause yet. */
const KEEP_UNKNOWN_MS = 15_000;
/** Seconds: a start takes 6 to 36; one that takes longer may be kept from it. */
const START_S = 30;
/** UTF-16 units of the line that is kept. */
const MAX_LINE = 300;

export function createFailureReader({
  installations,
  clock,
}: {
  installations: Pick<Installations, 'journal' | 'access'>;
  clock: Clock;
}): FailureReader {
  const kept = new Map<string, { ending: string; until: number; failure: GatewayFailure }>();

  return {
    async read(serverId, service, deadlineMs) {
      const isRunning = service.activeState === 'active';
      if (isRunning ? (service.uptimeS ?? 0) < START_S : !hasFailed(service)) {
        kept.delete(serverId);
        return null;
      }
      const ending = endingOf(service);
      const last = kept.get(serverId);
      if (last?.ending === ending && clock.now() < last.until) return last.failure;
      const lines = await installations
        .journal(serverId, { lines: FAILURE_LINES, deadlineMs })
        .catch(() => null);
      if (lines === null) return null;
      const { cause, lastLine } = await explainFailure(installations, serverId, lines, { isRunning });
      const failure = { cause, lastLine: lastLine === null ? null : cut(ownText(lastLine), MAX_LINE) };
      const keepMs = cause === null ? KEEP_UNKNOWN_MS : KEEP_MS;
      kept.set(serverId, { ending, until: clock.now() + keepMs, failure });
      return failure;
    },
    forget: (serverId) => void kept.delete(serverId),
  };
}

/** Stopped by a person it ends with success; without a service manager nobody knows how it ended. */
function hasFailed({ result, startLimitHit }: ServiceFacts): boolean {
  return startLimitHit || (result !== null && result !== 'success');
}

function endingOf({ activeState, subState, result, restarts, execMainStatus }: ServiceFacts): string {
  return JSON.stringify([activeState, subState, result, restarts, execMainStatus]);
}
