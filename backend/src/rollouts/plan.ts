// The plan of a rollout: which servers are updated, in which waves.
import type { Server, TaskError } from '@buoy/contract';
import { compareVersions } from '../lib/compare-versions.ts';

export type PlannedServer = {
  serverId: string;
  name: string;
  /** null: nobody has seen it yet. */
  from: string | null;
  to: string;
  status: 'pending' | 'skipped';
  error: TaskError | null;
};

type Candidate = Pick<Server, 'id' | 'name' | 'openclaw'>;

/**
 * The canary first, then the others, by name. A server with nothing to do is no canary: such ones stand in the last wave.
 * @param to the exact version that a server gets
 */
export function planWaves(
  servers: readonly Candidate[],
  { to, canary, waveSize }: { to: (serverId: string) => string; canary: number; waveSize: number },
): PlannedServer[][] {
  const planned = servers
    .map((server) => planServer(server, to(server.id)))
    .toSorted(
      (one, other) => one.name.localeCompare(other.name, 'en') || (one.serverId < other.serverId ? -1 : 1),
    );
  const pending = planned.filter(({ status }) => status === 'pending');
  const skipped = planned.filter(({ status }) => status === 'skipped');
  const waves: PlannedServer[][] = canary > 0 && pending.length > 0 ? [pending.slice(0, canary)] : [];
  for (let start = canary; start < pending.length; start += waveSize)
    waves.push(pending.slice(start, start + waveSize));
  const last = waves.pop() ?? [];
  return [...waves, [...last, ...skipped]];
}

function planServer({ id, name, openclaw: { installed, version } }: Candidate, to: string): PlannedServer {
  const server = { serverId: id, name, from: version, to };
  if (version === to)
    return {
      ...server,
      status: 'skipped',
      error: skippedFor('conflict', `OpenClaw ${to} is installed already.`),
    };
  // Planned as an update it would be refused, and stop the rollout.
  if (version !== null && (compareVersions(version, to) ?? 0) > 0)
    return {
      ...server,
      status: 'skipped',
      error: skippedFor('conflict', `OpenClaw ${version} is installed, which is newer than ${to}.`),
    };
  if (installed === false)
    return {
      ...server,
      status: 'skipped',
      error: skippedFor(
        'openclaw_missing',
        'OpenClaw is not installed.',
        'Set it up on the page of the server.',
      ),
    };
  return { ...server, status: 'pending', error: null };
}

function skippedFor(code: string, message: string, hint: string | null = null): TaskError {
  return { code, message, hint };
}
