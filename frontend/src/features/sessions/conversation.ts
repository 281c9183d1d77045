// The displayed conversation: transcript, pending messages and the agent's running turn.
import type { OpenclawMessage, OpenclawSession } from '@buoy/contract';
import type { ServerEvent } from '../events/server-event.ts';
import {
  isOver,
  pendingText,
  type Runs,
  settled,
  type ToolUse,
  withChat,
  withGap,
  withNothingRunning,
  withStarted,
  withTool,
} from './live-runs.ts';
import {
  emptyTranscript,
  type Transcript,
  type TranscriptPage,
  withAllUnconfirmed,
  withNewest,
  withOlder,
  withReceived,
} from './transcript.ts';

/** `isLost`: its turn is over and the transcript has it not, as when it was stopped before it began. */
type Sent = { id: string; text: string; runId: string | null; isLost: boolean };

export type Conversation = {
  transcript: Transcript;
  runs: Runs;
  /** Said here, and not in the transcript yet. */
  sent: readonly Sent[];
  /** Nothing ran when listening began, or has ended since: all that a run says is received. */
  isSynced: boolean;
  /** The model sums up what was said. */
  isCompacting: boolean;
};

export const emptyConversation: Conversation = {
  transcript: emptyTranscript,
  runs: [],
  sent: [],
  isSynced: false,
  isCompacting: false,
};

export type ConversationChange =
  /** `askedMs`: when it was asked for. */
  | { kind: 'newest'; page: TranscriptPage; askedMs: number }
  | { kind: 'older'; cursor: string; page: TranscriptPage }
  | { kind: 'session'; session: Pick<OpenclawSession, 'running'>; nowMs: number }
  | { kind: 'event'; event: ServerEvent; nowMs: number }
  | { kind: 'sending'; id: string; text: string }
  | { kind: 'sent'; id: string; runId: string; nowMs: number }
  | { kind: 'unsent'; id: string };

/** Events of other sessions change nothing: @param sessionKey the one that is shown */
export function createConversationReducer(sessionKey: string) {
  function afterEvent(before: Conversation, event: ServerEvent, nowMs: number): Conversation {
    const { isSynced, runs } = before;
    const received = { isFromStart: isSynced, nowMs, afterId: lastIdOf(before) };
    if (event.event === 'missed') return { ...before, runs: withGap(runs), isSynced: false };
    if (event.event === 'gateway')
      return event.data.state === 'connected'
        ? before
        : { ...before, runs: withGap(runs), isSynced: false, isCompacting: false };
    if (!('sessionKey' in event.data) || event.data.sessionKey !== sessionKey) return before;
    switch (event.event) {
      case 'message':
        return withTranscript(before, withReceived(before.transcript, event.data.message));
      case 'chat':
        return { ...before, runs: withChat(runs, event.data, received) };
      case 'tool':
        return { ...before, runs: withTool(runs, event.data, received) };
      case 'session': {
        const { change, session } = event.data;
        const updated = session === null ? before : afterSession(before, session, nowMs);
        if (change === 'compacting') return { ...updated, isCompacting: true };
        if (change === 'reset' || change === 'compacted')
          return {
            ...updated,
            isCompacting: false,
            transcript: withAllUnconfirmed(updated.transcript),
            sent: updated.sent.filter((one) => !one.isLost),
          };
        // The end of a compaction that came to nothing; other changes come with the session.
        return change === 'updated' && session === null ? { ...updated, isCompacting: false } : updated;
      }
      default:
        return before;
    }
  }

  return (before: Conversation, change: ConversationChange): Conversation => {
    switch (change.kind) {
      case 'newest': {
        const { page, askedMs } = change;
        const next = withTranscript(before, withNewest(before.transcript, page));
        return {
          ...next,
          sent: next.sent.map((one) => (isLost(one, next.runs, askedMs) ? { ...one, isLost: true } : one)),
          runs: settled(next.runs, askedMs),
        };
      }
      case 'older':
        return { ...before, transcript: withOlder(before.transcript, change.cursor, change.page) };
      case 'session':
        return afterSession(before, change.session, change.nowMs);
      case 'event':
        return afterEvent(before, change.event, change.nowMs);
      case 'sending':
        return {
          ...before,
          sent: [
            ...before.sent.filter((one) => !one.isLost),
            { id: change.id, text: change.text, runId: null, isLost: false },
          ],
        };
      case 'sent':
        return {
          ...before,
          runs: withStarted(before.runs, change.runId, { nowMs: change.nowMs, afterId: lastIdOf(before) }),
          sent: before.sent.map((one) => (one.id === change.id ? { ...one, runId: change.runId } : one)),
        };
      case 'unsent':
        return { ...before, sent: before.sent.filter(({ id }) => id !== change.id) };
    }
  };
}

function afterSession(
  before: Conversation,
  { running }: Pick<OpenclawSession, 'running'>,
  nowMs: number,
): Conversation {
  return running ? before : { ...before, isSynced: true, runs: withNothingRunning(before.runs, nowMs) };
}

/** Each new message of a person in the transcript takes the place of one that was said here. */
function withTranscript(before: Conversation, transcript: Transcript): Conversation {
  if (before.sent.length === 0) return { ...before, transcript };
  const known = new Set(before.transcript.entries.map(({ id }) => id));
  const arrived = transcript.entries
    .filter(({ id, message }) => message.role === 'user' && !known.has(id))
    .map(({ message }) => message.text.trim());
  const sent = before.sent.filter(({ text }) => {
    const at = arrived.indexOf(text.trim());
    if (at === -1) return true;
    arrived.splice(at, 1);
    return false;
  });
  return { ...before, transcript, sent };
}

function lastIdOf({ transcript }: Conversation): string | null {
  return transcript.entries.at(-1)?.id ?? null;
}

function isLost({ runId }: Sent, runs: Runs, askedMs: number): boolean {
  const run = runs.find(({ id }) => id === runId);
  return run !== undefined && isOver(run, askedMs);
}

function messagesOf({ transcript }: Conversation): OpenclawMessage[] {
  return transcript.entries.map(({ message }) => message);
}

/** A use of a tool, with what came of it. */
export type Call = {
  id: string | null;
  name: string;
  title: string | null;
  /** null: not known, as of a tool that is told without its call. */
  input: OpenclawMessage['toolCalls'][number]['arguments'] | null;
  output: string | null;
  /** `unknown`: no result is known, and nothing runs. */
  state: 'running' | 'done' | 'failed' | 'unknown';
};

export type ShownEntry =
  | { kind: 'message'; id: string; message: OpenclawMessage; calls: readonly Call[] }
  | { kind: 'sent'; id: string; text: string; state: 'on its way' | 'sent' | 'lost' }
  | { kind: 'writing'; id: string; text: string; isPartial: boolean; calls: readonly Call[] };

/** What is shown, oldest first: results of tools stand with their calls, and what the transcript tells is not told twice. */
export function shownEntries(conversation: Conversation): ShownEntry[] {
  const messages = messagesOf(conversation);
  const liveTools = conversation.runs.flatMap(({ tools }) => tools);
  const results = new Map<string, OpenclawMessage>();
  const callIds = new Set<string>();
  for (const message of messages) {
    if (message.toolResult?.callId != null) results.set(message.toolResult.callId, message);
    for (const { id } of message.toolCalls) if (id !== null) callIds.add(id);
  }
  const liveOf = (id: string | null): ToolUse | null =>
    liveTools.find(({ callId }) => callId !== null && callId === id) ?? null;

  const shown: ShownEntry[] = [];
  for (const { id, message } of conversation.transcript.entries) {
    const { toolResult } = message;
    if (toolResult?.callId != null && callIds.has(toolResult.callId)) continue;
    const calls: Call[] = message.toolCalls.map((call) => {
      const result = call.id === null ? undefined : results.get(call.id);
      const live = liveOf(call.id);
      return {
        id: call.id,
        name: call.name,
        title: live?.title ?? null,
        input: call.arguments,
        output: result?.text ?? null,
        state: result === undefined ? (live?.state ?? 'unknown') : doneOrFailed(result.toolResult?.failed),
      };
    });
    if (toolResult !== null)
      calls.push({
        id: toolResult.callId,
        name: toolResult.name ?? '',
        title: null,
        input: null,
        output: message.text,
        state: doneOrFailed(toolResult.failed),
      });
    shown.push({ kind: 'message', id, message, calls });
  }
  for (const { id, text, runId, isLost } of conversation.sent)
    shown.push({ kind: 'sent', id, text, state: isLost ? 'lost' : runId === null ? 'on its way' : 'sent' });
  for (const run of conversation.runs) {
    const text = pendingText(run, conversation.transcript);
    const calls = run.tools
      .filter(({ callId }) => callId === null || !callIds.has(callId))
      .map((tool): Call => ({ ...tool, id: tool.callId, input: null, output: null }));
    if (text !== '' || calls.length > 0)
      shown.push({ kind: 'writing', id: run.id, text, isPartial: run.isPartial, calls });
  }
  return shown;
}

/** The run that goes on; null when none is known. */
export function activeRun({ runs }: Conversation): Runs[number] | null {
  return runs.findLast(({ end }) => end === null) ?? null;
}

function doneOrFailed(failed: boolean | undefined): 'done' | 'failed' {
  return failed === true ? 'failed' : 'done';
}
