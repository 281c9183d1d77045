// Counts agents and sessions for when the gateway is down, by OpenClaw's own command where needed: seconds of CPU, so rarely.
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import type { HostInspection } from '../installation/installation.ts';
import { cliScript } from '../installation/scripts.ts';

export type CliCounts = { agents: number | null; sessions: number | null };

export type CliCounter = {
  /** The last counts while they are fresh; else starts counting and answers when that is done. Never throws. */
  read(serverId: string, inspection: HostInspection): Promise<CliCounts>;
  forget(serverId: string): void;
};

/** Milliseconds; measured 2 to 4 s each on an idle host, 8 s on a busy one. Nobody waits for it that long. */
const CLI_DEADLINE_MS = 30_000;
/** Milliseconds for which counts are believed: nothing changes them while the gateway is down. */
const KEEP_MS = 600_000;
/** The same when the command gave no answer. */
const KEEP_UNKNOWN_MS = 60_000;
/** Bytes: 100 sessions take some 100 KB. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

const agentsList = z.array(z.unknown()).transform((agents) => agents.length);
const sessionsList = z
  .looseObject({
    totalCount: z.number().int().nonnegative().optional(),
    count: z.number().int().nonnegative(),
  })
  .transform((answer) => answer.totalCount ?? answer.count);

export function createCliCounter({ ssh, clock }: { ssh: Ssh; clock: Clock }): CliCounter {
  const kept = new Map<string, { counts: Promise<CliCounts>; until: number }>();

  async function count(
    serverId: string,
    { binaryPath, nodePath }: HostInspection['installation'],
    schema: z.ZodType<number>,
    words: string[],
  ): Promise<number | null> {
    if (binaryPath === null) return null;
    try {
      const result = await ssh.script(serverId, cliScript, [nodePath ?? binaryPath, binaryPath, ...words], {
        deadlineMs: CLI_DEADLINE_MS,
        maxOutputBytes: MAX_OUTPUT_BYTES,
      });
      const parsed = schema.safeParse(JSON.parse(result.stdout));
      return parsed.success ? parsed.data : null;
    } catch {
      // Too slow, not reachable or not JSON: the count stays unknown, and the status says so with null.
      return null;
    }
  }

  return {
    read(serverId, { installation, agentsInConfig }) {
      const last = kept.get(serverId);
      if (last !== undefined && clock.now() < last.until) return last.counts;
      const counts = Promise.all([
        agentsInConfig ?? count(serverId, installation, agentsList, ['agents', 'list', '--json']),
        count(serverId, installation, sessionsList, ['sessions', '--json', '--all-agents']),
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
