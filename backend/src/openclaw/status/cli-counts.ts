// Counts agents and sessions for when the gateway is down, by OpenClaw's own command where needed: seconds of CPU, so rarely.
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { MAX_AGENTS } from '../agents/agents-config.ts';
import type { Cli } from '../host/cli.ts';
import type { HostInspection } from '../host/installation.ts';
import { boundedArray } from '../reads/bounded.ts';

export type CliCounts = { agents: number | null; sessions: number | null };

export type CliCounter = {
  /** The last counts while they are fresh; else starts counting and answers when that is done. Never throws. */
  read(serverId: string, inspection: HostInspection): Promise<CliCounts>;
  forget(serverId: string): void;
};

/** Milliseconds; measured 2 to 4 s each on an idle host, 8 s on a busy one. No caller waits that long. */
const CLI_DEADLINE_MS = 30_000;
/** Milliseconds for which counts are cached: nothing changes them while the gateway is down. */
const KEEP_MS = 600_000;
/** The same when the command gave no answer. */
const KEEP_UNKNOWN_MS = 60_000;
const agentsList = boundedArray(z.unknown(), MAX_AGENTS).transform((agents) => agents.length);
const sessionsList = z
  .looseObject({
    totalCount: z.number().int().nonnegative().optional(),
    count: z.number().int().nonnegative(),
  })
  .transform((answer) => answer.totalCount ?? answer.count);

export function createCliCounter({ cli, clock }: { cli: Cli; clock: Clock }): CliCounter {
  const kept = new Map<string, { counts: Promise<CliCounts>; until: number }>();

  /** Too slow, not reachable or not understood: the count stays unknown, and the status says so with null. */
  const count = (serverId: string, words: string[], schema: z.ZodType<number>): Promise<number | null> =>
    cli.json(serverId, words, schema, { deadlineMs: CLI_DEADLINE_MS }).catch(() => null);

  return {
    read(serverId, { agentsInConfig }) {
      const last = kept.get(serverId);
      if (last !== undefined && clock.now() < last.until) return last.counts;
      const counts = Promise.all([
        agentsInConfig ?? count(serverId, ['agents', 'list', '--json'], agentsList),
        count(serverId, ['sessions', '--json', '--all-agents'], sessionsList),
      ]).then(([agents, sessions]) => {
        if (agents === null || sessions === null) entry.until = clock.now() + KEEP_UNKNOWN_MS;
        return { agents, sessions };
      });
      const entry = { counts, until: clock.now() + KEEP_MS };
      kept.set(serverId, entry);
      return counts;
    },
    forget: (serverId) => void kept.delete(serverId),
  };
}
