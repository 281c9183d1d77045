// What an update of OpenClaw must not lose: agents, sessions, jobs and skills, by their names.
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { sha256 } from '../../lib/ids.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export type InventorySources = Pick<Openclaw, 'agents' | 'sessions' | 'cron' | 'skills'>;

/** Sessions that are asked for. */
const MAX_SESSIONS = 200;
/** Names of each kind that are compared: a server may have any number, and this is stored with the task. Of sessions others may be added meanwhile. */
const MAX_COMPARED = 100;
/** Characters of a name that people see. */
const MAX_SHOWN = 40;

/** The beginning of a name, and the hash of all of it. */
const entry = z.tuple([z.string(), z.string()]);

export const inventory = z.object({
  agents: z.array(entry),
  sessions: z.array(entry),
  jobs: z.array(entry),
  skills: z.array(entry),
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
    agents: entries(agentList.agents.map(({ id }) => id)),
    // OpenClaw removes those of jobs and helpers by itself.
    sessions: entries(
      sessionList.sessions.map(({ key }) => key).filter((key) => !/:(cron|subagent):/.test(key)),
    ),
    // OpenClaw makes its own ones anew, and removes those that run once.
    jobs: entries(
      jobList.jobs.filter(({ system, schedule }) => !system && schedule.kind !== 'at').map(({ id }) => id),
    ),
    // Those that come with OpenClaw change with its version.
    skills: entries(skillList.skills.filter(({ source }) => source !== 'bundled').map(({ name }) => name)),
  };
}

function entries(names: readonly string[]): Inventory['agents'] {
  return names.map((name) => [name.slice(0, MAX_SHOWN).toWellFormed(), sha256(name).slice(0, 16)]);
}

/** What is stored before an update. */
export function compared(all: Inventory): Inventory {
  const { agents, sessions, jobs, skills } = all;
  const first = (list: Inventory['agents']) => list.slice(0, MAX_COMPARED);
  return { agents: first(agents), sessions: first(sessions), jobs: first(jobs), skills: first(skills) };
}

/** The first thing that was there and no longer is, in words; null when all is there. */
export function missingFrom(before: Inventory, after: Inventory): string | null {
  for (const kind of Object.keys(titles) as Array<keyof Inventory>) {
    const there = new Set(after[kind].map(([, hash]) => hash));
    const missing = before[kind].find(([, hash]) => !there.has(hash))?.[0];
    if (missing !== undefined) return `The ${titles[kind]} ${missing} is gone.`;
  }
  return null;
}
