// The problems of a server, worst first, and their repairs: from OpenClaw's status, or from why it cannot be read.
import type { OpenclawStatus, Server } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import type { StatusAnswer } from './known-statuses.ts';

/** What a person can do about it here. `credential` and `hostKey` lead to the settings of the server, `channels` to its channels. */
export type Repair = 'start' | 'restart' | 'test' | 'credential' | 'hostKey' | 'channels';

export type Problem = {
  kind:
    | 'unreachable'
    | 'hostKey'
    | 'login'
    | 'gaveUp'
    | 'failed'
    | 'stopped'
    | 'notReady'
    | 'starting'
    | 'channels'
    | 'disk'
    | 'memory';
  /** Sentences of Buoy's server, in English. */
  causes: string[];
  /** What to do, from the API error; null when the repair button says it. */
  hint: string | null;
  /** The channels, or how full it is: what the words of `kind` name. */
  names: string[];
  share: number | null;
  /** systemd's word for how the gateway's service ended; null: well, or not at all. */
  serviceResult: string | null;
  repair: Repair | null;
};

/** Shares of the whole from which on a disk or the memory is a problem. */
const DISK_FULL_FROM = 0.95;
const MEMORY_FULL_FROM = 0.95;

const unreachableCodes: readonly string[] = ['unreachable', 'circuit_open', 'deadline', 'queue_full'];

/**
 * @param answer the last status that was read; null: none yet
 * @param error why it cannot be read now
 */
export function problemsOf(server: Server, answer: StatusAnswer | null, error: Error | null): Problem[] {
  const outOfReach = wayProblem(server, answer, error);
  if (outOfReach !== null) return [outOfReach];
  // Other read errors explain themselves.
  if (answer === null || error !== null || needsSetup(answer.status)) return [];
  const { status } = answer;
  return [gatewayProblem(status), channelProblem(status), ...fullProblems(status)].filter(
    (problem) => problem !== null,
  );
}

/** True where OpenClaw is missing, or nothing would ever start it: the rest of a setup that has failed. */
export function needsSetup({ installed, gateway, service }: OpenclawStatus): boolean {
  return !installed || (service.manager === 'none' && gateway.state === 'stopped');
}

function wayProblem(server: Server, answer: StatusAnswer | null, error: Error | null): Problem | null {
  const { state, reasons } = server.status;
  if (error instanceof ApiError) {
    const { code, message, hint } = error;
    const words = { causes: [message], hint };
    if (code === 'host_key_changed') return problem('hostKey', { ...words, repair: 'hostKey' });
    if (code === 'ssh_auth') return problem('login', { ...words, repair: 'credential' });
    return unreachableCodes.includes(code) ? problem('unreachable', { ...words, repair: 'test' }) : null;
  }
  const isBlind = answer === null ? state === 'unreachable' : answer.source === 'snapshot';
  return isBlind ? problem('unreachable', { causes: reasons, repair: 'test' }) : null;
}

function gatewayProblem({ gateway, service }: OpenclawStatus): Problem | null {
  const serviceResult = service.result === 'success' ? null : service.result;
  switch (gateway.state) {
    case 'running':
      return gateway.ready ? null : problem('notReady', { repair: 'restart' });
    case 'starting':
      return problem('starting', { serviceResult });
    case 'stopped':
      return problem(service.startLimitHit ? 'gaveUp' : 'stopped', {
        serviceResult,
        repair: service.startLimitHit ? 'restart' : 'start',
      });
    case 'failed':
      return problem(service.startLimitHit ? 'gaveUp' : 'failed', { serviceResult, repair: 'restart' });
    case 'not_installed':
      return null;
  }
}

function channelProblem({ channels }: OpenclawStatus): Problem | null {
  const off = channels.filter(({ state }) => state === 'disconnected' || state === 'stopped');
  if (off.length === 0) return null;
  return problem('channels', {
    names: [...new Set(off.map(({ id }) => id))],
    causes: off.map((channel) => channel.error).filter((cause) => cause !== null),
    repair: 'channels',
  });
}

function fullProblems({ disk, memory }: OpenclawStatus): Problem[] {
  return [
    { kind: 'disk', part: disk, from: DISK_FULL_FROM } as const,
    { kind: 'memory', part: memory, from: MEMORY_FULL_FROM } as const,
  ].flatMap(({ kind, part, from }) => {
    if (part === null || part.totalBytes === 0) return [];
    const share = 1 - part.availableBytes / part.totalBytes;
    return share >= from ? [problem(kind, { share })] : [];
  });
}

function problem(kind: Problem['kind'], parts: Partial<Problem>): Problem {
  return {
    kind,
    causes: [],
    hint: null,
    names: [],
    share: null,
    serviceResult: null,
    repair: null,
    ...parts,
  };
}
