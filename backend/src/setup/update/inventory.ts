// What an update of OpenClaw must not lose: agents, sessions, jobs and skills, by their names.
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export type InventorySources = Pick<Openclaw, 'agents' | 'sessions' | 'cron' | 'skills'>;

/** Sessions that are asked for, and of them the newest that are compared: others may be added meanwhile. */
const MAX_SESSIONS = 200;
const COMPARED_SESSIONS = 100;

export const inventory = z.object({
  agents: z.array(z.string()),
  sessions: z.array(z.string()),
  jobs: z.array(z.string()),
  skills: z.array(z.string()),
});
export type Inventory = z.output<typeof inventory>;

const titles: Record<keyof Inventory, string> = {
  agents: 'agent',
  sessions: 'session',
  jobs: 'cron job',
  skills: 'skill',
};

/** Asks the gateway alone. Throws AppError. */
export async function takeInventory(
  { agents, sessions, cron, skills }: InventorySources,
  serverId: string,
  signal: AbortSignal,
): Promise<Inventory> {
  const [agentList, sessionList, jobList, skillList] = await Promise.all([
    agents.list(serverId, { signal }),
    sessions.list(serverId, { limit: MAX_SESSIONS, archived: false }, { signal }),
    cron.list(serverId, { signal }),
    skills.list(serverId, {}, { signal }),
  ]);
  const sources = [agentList.source, sessionList.source, jobList.source, skillList.source];
  if (sources.some((source) => source !== 'gateway'))
    throw new AppError('gateway_unavailable', 'The gateway does not list what it has.');
  return {
    agents: agentList.agents.map(({ id }) => id),
    // OpenClaw removes those of jobs and helpers by itself.
    sessions: sessionList.sessions.map(({ key }) => key).filter((key) => !/:(cron|subagent):/.test(key)),
    // OpenClaw makes its own ones anew.
    jobs: jobList.jobs.filter(({ system }) => !system).map(({ id }) => id),
    // Those that come with OpenClaw change with its version.
    skills: skillList.skills.filter(({ source }) => source !== 'bundled').map(({ name }) => name),
  };
}

/** The first thing that was there and no longer is, in words; null when all is there. */
export function missingFrom(before: Inventory, after: Inventory): string | null {
  for (const kind of Object.keys(titles) as Array<keyof Inventory>) {
    const there = new Set(after[kind]);
    const expected = kind === 'sessions' ? before[kind].slice(0, COMPARED_SESSIONS) : before[kind];
    const missing = expected.find((name) => !there.has(name));
    if (missing !== undefined) return `The ${titles[kind]} ${missing} is gone.`;
  }
  return null;
}
