// Converts a session of OpenClaw, from its gateway, events or command, to the contract.
import type { OpenclawSession } from '@buoy/contract';
import { z } from 'zod';
import { toldTime } from '../../lib/clock.ts';
import {
  figure,
  flagOrNull,
  MAX_NAME,
  MAX_WORD,
  nameOrNull,
  nameText,
  textsOrNull,
} from '../reads/bounded.ts';

/**
 * A row of `sessions.list`, `sessions.describe`, `sessions.changed` and `openclaw sessions --json`. 2026.7.35 has neither `isMain` nor
 * `agentId`; the command has no flags and no cost.
 */
export const sessionRow = z.looseObject({
  key: nameText,
  agentId: nameOrNull,
  sessionId: nameOrNull,
  label: nameOrNull,
  displayName: nameOrNull,
  /** 2026.7.35 takes the display name of a web chat from the program that began it. */
  origin: z.looseObject({ provider: nameOrNull }).nullish().catch(null),
  kind: nameOrNull,
  isMain: flagOrNull,
  status: nameOrNull,
  hasActiveRun: flagOrNull,
  activeRunIds: textsOrNull(100, MAX_NAME),
  pinned: flagOrNull,
  archived: flagOrNull,
  unread: flagOrNull,
  createdAt: figure,
  updatedAt: figure,
  lastInteractionAt: figure,
  modelProvider: nameOrNull,
  model: nameOrNull,
  thinkingLevel: nameOrNull,
  thinkingOptions: textsOrNull(50, MAX_WORD),
  inputTokens: figure,
  outputTokens: figure,
  totalTokens: figure,
  totalTokensFresh: flagOrNull,
  contextTokens: figure,
  estimatedCostUsd: figure,
});
export type SessionRow = z.output<typeof sessionRow>;

const knownStatus = z.enum(['running', 'done', 'failed', 'killed', 'timeout']);

/** null for the key of a session that belongs to none. */
export function agentOf(row: Pick<SessionRow, 'key' | 'agentId'>): string | null {
  return row.agentId ?? partsOf(row).agentId;
}

function partsOf({ key }: Pick<SessionRow, 'key'>): { agentId: string | null; rest: string | null } {
  const [, agentId = null, rest = null] = /^agent:([^:]+):(.*)$/s.exec(key) ?? [];
  return { agentId, rest };
}

export function presentSession(row: SessionRow): OpenclawSession {
  const { rest } = partsOf(row);
  const displayName = row.origin?.provider === 'webchat' ? null : row.displayName;
  const tokens = {
    input: rounded(row.inputTokens),
    output: rounded(row.outputTokens),
    total: rounded(row.totalTokens),
    context: rounded(row.contextTokens),
  };
  return {
    key: row.key,
    agentId: agentOf(row),
    label: row.label ?? null,
    title: row.label ?? displayName ?? null,
    kind: row.kind ?? null,
    isMain: row.isMain ?? rest === 'main',
    status: row.status == null ? null : (knownStatus.safeParse(row.status).data ?? 'unknown'),
    running: isRunning(row),
    activeRunIds: row.activeRunIds ?? [],
    pinned: row.pinned ?? null,
    archived: row.archived ?? null,
    unread: row.unread ?? null,
    createdAt: toldTime(row.createdAt),
    updatedAt: toldTime(row.updatedAt),
    lastInteractionAt: toldTime(row.lastInteractionAt),
    model: row.model == null ? null : [row.modelProvider, row.model].filter(Boolean).join('/'),
    thinking: row.thinkingLevel ?? null,
    thinkingLevels: row.thinkingOptions ?? [],
    tokens: {
      ...tokens,
      staleSinceCompaction:
        row.totalTokensFresh === false && (tokens.total ?? tokens.input ?? tokens.output) !== null,
    },
    costUsd: row.estimatedCostUsd ?? null,
  };
}

/** An empty list of runs proves that nothing runs, whatever the flag says (OpenClaw's docs/gateway/protocol). */
function isRunning({ activeRunIds, hasActiveRun, status }: SessionRow): boolean {
  if (activeRunIds != null) return activeRunIds.length > 0;
  return hasActiveRun ?? status === 'running';
}

function rounded(value: number | null | undefined): number | null {
  return value == null ? null : Math.round(value);
}
