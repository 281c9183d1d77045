// Turns a status into the state and reasons shown in the list of servers.
import type { OpenclawStatus, ServerState } from '@buoy/contract';

export type Observation = {
  state: Extract<ServerState, 'up' | 'down' | 'unreachable' | 'not_set_up'>;
  /** Sentences for a person; empty when all is well. */
  reasons: string[];
  /** null: not read this time; the last known value stays. */
  openclaw: { installed: boolean; version: string | null } | null;
};

/** Reports what was seen of a server, for the list of servers. */
export type Observe = (serverId: string, observation: Observation) => void | Promise<void>;

export type ObservedProblem = {
  /** Why the gateway could not be asked, one sentence; null when it was. */
  problem?: string | null;
  /** Something else answered in its place: a stopped gateway alone does not explain that. */
  isOther?: boolean;
  /** Why it is down, as its log says, one sentence. */
  cause?: string | null;
};

export function observationOf(
  status: OpenclawStatus,
  { problem = null, isOther = false, cause = null }: ObservedProblem = {},
): Observation {
  const { installed, version, gateway } = status;
  const openclaw = { installed, version };
  if (!installed) return { state: 'not_set_up', reasons: ['OpenClaw is not installed.'], openclaw };
  if (gateway.state === 'running' && gateway.ready) {
    return { state: 'up', reasons: problem === null ? [] : [problem], openclaw };
  }
  const reasons = [
    gatewayReason(status),
    ...(cause === null ? [] : [cause]),
    ...(isOther && problem !== null ? [problem] : []),
    ...serviceReasons(status, cause !== null),
  ];
  return { state: 'down', reasons, openclaw };
}

function gatewayReason({ gateway }: OpenclawStatus): string {
  switch (gateway.state) {
    case 'starting':
      return 'The gateway is starting.';
    case 'failed':
      return 'The gateway has failed.';
    case 'running':
      return 'The gateway runs but is not ready.';
    default:
      return 'The gateway is stopped.';
  }
}

function serviceReasons({ service, gateway }: OpenclawStatus, hasCause: boolean): string[] {
  const reasons: string[] = [];
  if (!hasCause && gateway.state === 'failed' && service.result !== null && service.result !== 'success') {
    reasons.push(`Its service ended with "${service.result}".`);
  }
  if (service.startLimitHit) reasons.push('systemd gave up after too many restarts.');
  return reasons;
}
