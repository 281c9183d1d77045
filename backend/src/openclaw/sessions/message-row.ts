// Converts a transcript entry of OpenClaw to the contract, without the reasoning of the model.
import type { OpenclawMessage } from '@buoy/contract';
import { z } from 'zod';
import { toldTime } from '../../lib/clock.ts';
import { redactText } from '../../lib/redact.ts';
import { cut, figure, firstOf, nameText, ownValue, wordText } from '../reads/bounded.ts';

const words = z.string().nullish().catch(null);
const name = nameText.nullish().catch(null);
/** Larger values do not fit the contract. */

/** Texts, reasoning and tool calls in one message; a long turn has some ten. */
const MAX_PARTS = 500;
/** UTF-16 units. */
const MAX_ERROR = 4_000;

const part = z.looseObject({
  type: wordText.catch(''),
  text: words,
  id: name,
  name,
  /** From a JSON text, so it is JSON: validating each of its values would take as long as all the rest. */
  arguments: z.custom<z.core.util.JSONType>().optional(),
});

/** A message of `chat.history` and `session.message` (2026.7.35 and 2026.9.6). */
export const messageRow = z.looseObject({
  role: z.string().catch(''),
  content: z.union([z.string(), firstOf(part, MAX_PARTS)]).catch(''),
  timestamp: figure,
  toolCallId: name,
  toolName: name,
  isError: z.boolean().nullish().catch(null),
  provider: name,
  model: name,
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
  stopReason: name,
  errorMessage: words,
  __openclaw: z.looseObject({ id: name, runId: name, seq: figure }).nullish().catch(null),
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
      .map((call) => ({ id: call.id ?? null, name: call.name ?? '', arguments: call.arguments ?? null })),
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
function textOf(parts: ReadonlyArray<z.output<typeof part>>): string {
  return parts.flatMap(({ type, text }) => (type === 'text' && text != null ? [text] : [])).join('\n');
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
