// Tells the agents of a config file: what `openclaw agents list` does in 4 to 8 seconds of CPU, at no cost.
import { type ConfigObject, isObject } from '@buoy/contract/config-patch';
import type { ConfigFile } from './config-file.ts';

/** Agents of one config; more than OpenClaw runs. */
const MAX_AGENTS = 1_000;

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

/** null for one that is written elsewhere. Without a schema: to refuse each entry of a long list for itself takes too long. */
function idsIn(config: unknown): Array<string | null> | null {
  if (!isObject(config) || isIncluded(config)) return null;
  const { agents } = config;
  if (agents === undefined) return [];
  if (!isObject(agents) || isIncluded(agents)) return null;
  /** `entries` since 2026.8, `list` until then. */
  const { entries = {}, list = [] } = agents;
  if (!isObject(entries) || isIncluded(entries) || !Array.isArray(list)) return null;
  const ids = agents.entries === undefined ? list.map(idOf) : Object.keys(entries);
  return ids.length > MAX_AGENTS ? null : ids;
}

function isIncluded(part: ConfigObject): boolean {
  return part.$include !== undefined;
}

function idOf(one: unknown): string | null {
  return isObject(one) && typeof one.id === 'string' ? one.id : null;
}
