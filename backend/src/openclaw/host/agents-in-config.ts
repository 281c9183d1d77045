// Tells the agents of a config file: what `openclaw agents list` does in 4 to 8 seconds of CPU, at no cost.
import { z } from 'zod';
import type { ConfigFile } from './config-file.ts';

const included = z.looseObject({ $include: z.unknown().refine((value) => value !== undefined) });

const listed = z.looseObject({ id: z.string() });

const config = z.looseObject({
  agents: z
    .looseObject({
      /** Since 2026.8. */
      entries: z.record(z.string(), z.unknown()).optional(),
      /** Until then. */
      list: z.array(z.unknown()).optional(),
    })
    .optional(),
});

/**
 * null when the file does not show it: it is absent, broken, or has these parts in other files (`$include`).
 * Without any agent of its own OpenClaw has one, `main`.
 */
export function countAgents(file: ConfigFile | null): number | null {
  if (file === null || file.problem !== null) return null;
  const ids = idsIn(file.value);
  return ids === null ? null : Math.max(1, ids.length);
}

/** Whether OpenClaw has this agent; null when this config does not show it. */
export function hasAgent(config: unknown, agentId: string): boolean | null {
  const ids = idsIn(config);
  if (ids === null || ids.includes(null)) return null;
  // OpenClaw folds the case of ids.
  return (ids.length === 0 ? ['main'] : ids).some((id) => id?.toLowerCase() === agentId.toLowerCase());
}

/** null for one that is written elsewhere. */
function idsIn(value: unknown): Array<string | null> | null {
  const parsed = config.safeParse(value);
  if (!parsed.success) return null;
  const { agents } = parsed.data;
  const parts = [value, agents, agents?.entries];
  if (parts.some((part) => included.safeParse(part).success)) return null;
  if (agents?.entries) return Object.keys(agents.entries);
  return (agents?.list ?? []).map((one) => listed.safeParse(one).data?.id ?? null);
}
