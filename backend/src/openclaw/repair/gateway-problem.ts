// Why a gateway does not work, as far as its service and its log tell: it decides which repair comes first.
import { isAppError } from '../../lib/app-error.ts';
import type { CallOptions } from '../../ssh/ssh.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { explainFailure, FAILURE_LINES } from '../host/explain-failure.ts';
import type { Installations } from '../host/installation.ts';

/** Milliseconds for each question to the server, and to the gateway itself. */
const ASK_MS = 15_000;
const PROBE_MS = 5_000;

/** systemd's status of a gateway that ended for its config; OpenClaw asks not to be restarted then (2026.9.6). */
const CONFIG_EXIT = 78;

/** As OpenClaw 2026.7.35 and 2026.9.6 say it. */
const configWords =
  /^(?:Invalid config\b|Missing config\b|Gateway start blocked: .*\bconfig\b)|\bUnrecognized key\b|\bJSON5?\b/;

export type GatewayProblem = {
  /** `config`: it does not take its config; `start_limit`: it failed too often. */
  kind: 'none' | 'config' | 'start_limit' | 'other';
  /** One sentence, from its log; null: the log names no cause. */
  cause: string | null;
  /** Whether its process runs. */
  isRunning: boolean;
};

/** Changes nothing. @throws AppError those of an unreachable server */
export function createReadGatewayProblem({
  installations,
  gateways,
}: {
  installations: Pick<Installations, 'service' | 'journal' | 'access'>;
  gateways: Pick<Gateways, 'probe'>;
}) {
  return async (serverId: string, { signal }: Pick<CallOptions, 'signal'>): Promise<GatewayProblem> => {
    const limits = { deadlineMs: ASK_MS, signal };
    const service = await installations.service(serverId, limits);
    const isRunning = service.pid !== null;
    if (isRunning && (await isReady(serverId, signal))) return { kind: 'none', cause: null, isRunning };
    const lines = await installations.journal(serverId, { ...limits, lines: FAILURE_LINES }).catch(() => []);
    const { cause } = await explainFailure(installations, serverId, lines, { isRunning, signal });
    const isOfConfig = service.execMainStatus === CONFIG_EXIT || (cause !== null && configWords.test(cause));
    if (!isRunning && isOfConfig) return { kind: 'config', cause, isRunning };
    return { kind: service.startLimitHit ? 'start_limit' : 'other', cause, isRunning };
  };

  async function isReady(serverId: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const { status } = await gateways.probe(serverId, '/readyz', { deadlineMs: PROBE_MS, signal });
      return status === 200;
    } catch (error) {
      if (!isAppError(error)) throw error;
      return false;
    }
  }
}
