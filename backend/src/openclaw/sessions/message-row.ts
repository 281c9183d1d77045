// Converts a transcript entry of OpenClaw to the contract, without the reasoning of the model.
import type { OpenclawMessage } from '@buoy/contract';
import { isObject } from '@buoy/contract/config-patch';
import { z } from 'zod';
import { toldTime } from '../../lib/clock.ts';
import { redactText } from '../../lib/redact.ts';
import {
  cut,
  entriesIn,
  figure,
  flagOrNull,
  MAX_NAME,
  MAX_WORD,
  nameOrNull,
  ownValue,
  textIn,
} from '../reads/bounded.ts';

const words = z.string().nullish().catch(null);

/** Texts, reasoning and tool calls in one message; a long turn has some ten. */
const MAX_PARTS = 500;
/** UTF-16 units. */
const MAX_ERROR = 4_000;

type Part = {
  type: string;
  text: string | null;
  id: string | null;
  name: string | null;
  /** From a JSON text, so it is JSON: validating each of its values would take as long as all the rest. */
  arguments: z.core.util.JSONType;
};

/** A text, or parts; an empty text for anything else. */
function contentIn(content: unknown): string | Part[] {
  return typeof content === 'string' ? content : (entriesIn(content, MAX_PARTS, partOf) ?? '');
}

function partOf(one: unknown): Part | null {
  if (!isObject(one)) return null;
  return {
    type: textIn(one.type, MAX_WORD) ?? '',
    text: typeof one.text === 'string' ? one.text : null,
    id: textIn(one.id, MAX_NAME),
    name: textIn(one.name, MAX_NAME),
    arguments: (one.arguments ?? null) as Part['arguments'],
  };
}

/** A message of `chat.history` and `session.message` (2026.7.35 and 2026.9.6). */
export const messageRow = z.looseObject({
  role: z.string().catch(''),
  content: z.unknown().optional().transform(contentIn),
  timestamp: figure,
  toolCallId: nameOrNull,
  toolName: nameOrNull,
  isError: flagOrNull,
  provider: nameOrNull,
  model: nameOrNull,
  usage: z
    .looseObject({
      input: figure,
      output: figure,
      totalTokens: figure,
      cacheRead: figure,
      cacheWrite: figure,
      cost: z.looseObject({ total: figure }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
  stopReason: nameOrNull,
  errorMessage: words,
  __openclaw: z.looseObject({ id: nameOrNull, runId: nameOrNull, seq: figure }).nullish().catch(null),
});

const roles: Record<string, OpenclawMessage['role']> = {
  user: 'user',
  assistant: 'assistant',
  toolResult: 'tool',
};

export function presentMessage(row: z.output<typeof messageRow>): OpenclawMessage {
  const parts = typeof row.content === 'string' ? [] : row.content;
  const role = ownValue(roles, row.role) ?? 'system';
  return {
    id: row.__openclaw?.id ?? null,
    runId: row.__openclaw?.runId ?? null,
    role,
    at: toldTime(row.timestamp),
    text: typeof row.content === 'string' ? row.content : textOf(parts),
    toolCalls: parts
      .filter(({ type }) => type === 'toolCall')
      .map((call) => ({ id: call.id, name: call.name ?? '', arguments: call.arguments })),
    toolResult:
      role === 'tool'
        ? { callId: row.toolCallId ?? null, name: row.toolName ?? null, failed: row.isError === true }
        : null,
    attachments: parts
      .map(({ type }) => type)
      .filter((type) => !['text', 'toolCall', 'thinking', 'redacted_thinking', ''].includes(type)),
    model: row.model == null ? null : [row.provider, row.model].filter(Boolean).join('/'),
    usage: row.usage == null ? null : presentUsage(row.usage),
    stopReason: row.stopReason ?? null,
    // A provider may quote a key in its error.
    error: row.errorMessage == null ? null : redactText(cut(row.errorMessage, MAX_ERROR)),
  };
}

/** The text of content that comes in parts. */
function textOf(parts: readonly Part[]): string {
  return parts.flatMap(({ type, text }) => (type === 'text' && text !== null ? [text] : [])).join('\n');
}

function presentUsage(
  usage: NonNullable<z.output<typeof messageRow>['usage']>,
): NonNullable<OpenclawMessage['usage']> {
  const tokens = (value: number | null | undefined) => Math.round(value ?? 0);
  return {
    input: tokens(usage.input),
    output: tokens(usage.output),
    total: tokens(usage.totalTokens),
    cacheRead: tokens(usage.cacheRead),
    cacheWrite: tokens(usage.cacheWrite),
    costUsd: usage.cost?.total ?? null,
  };
}
