// Counts the agents of a config file: what `openclaw agents list` does in 4 to 8 seconds of CPU, at no cost.
import { z } from 'zod';
import type { ConfigFile } from './config-file.ts';

const included = z.looseObject({ $include: z.unknown().refine((value) => value !== undefined) });

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
  const { value } = file;
  const parsed = config.safeParse(value);
  if (!parsed.success) return null;
  const { agents } = parsed.data;
  const parts = [value, agents, agents?.entries];
  if (parts.some((part) => included.safeParse(part).success)) return null;
  const count = agents?.entries ? Object.keys(agents.entries).length : (agents?.list?.length ?? 0);
  return Math.max(1, count);
}
