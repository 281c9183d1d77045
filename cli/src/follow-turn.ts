// Sends a message to an agent and prints the answer as it arrives, until the turn ends.

import type { Contract, ResponseOf, StreamEventOf } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { CommandError, type Context } from './command.ts';
import { followStream, isFinal } from './follow-stream.ts';
import { commandLine } from './output/command-line.ts';

type Run = ResponseOf<Contract['POST /servers/:id/openclaw/sessions/:key/messages']>['run'];
type GatewayEvent = StreamEventOf<Contract['GET /servers/:id/openclaw/events']>;
type Data<K extends GatewayEvent['event']> = Extract<GatewayEvent, { event: K }>['data'];

export type Turn = {
  run: Run;
  state: 'final' | 'error' | 'aborted';
  text: string | null;
  error: string | null;
};

const RECENT = 20;
/** States of an idle session whose last run did not succeed. */
const endStates: Record<string, Turn['state']> = { killed: 'aborted', failed: 'error', timeout: 'error' };

/**
 * Opens the stream before it sends the text, so that no part of the answer is missed.
 * @throws CommandError on Ctrl-C: the agent continues
 */
export async function followTurn(
  context: Context,
  { serverId, key, text }: { serverId: string; key: string; text: string },
): Promise<Turn> {
  const api = context.api();
  const params = { id: serverId, key };
  const shown = createShownAnswer(context);
  const seen: { run: Run | null; end: Turn | null; refusal: { error: unknown } | null } = {
    run: null,
    end: null,
    refusal: null,
  };

  const finish = (turn: Turn): true => {
    seen.end = turn;
    shown.end(turn.text);
    return true;
  };

  /** Events during a disconnect are not repeated: the session shows whether the turn has ended. */
  async function hasEndedMeanwhile(run: Run): Promise<boolean> {
    try {
      const { session } = await api('GET /servers/:id/openclaw/sessions/:key', { params });
      if (session.running) return false;
      const { messages } = await api('GET /servers/:id/openclaw/sessions/:key/messages', {
        params,
        query: { limit: RECENT },
      });
      const at = messages.findLastIndex(({ role }) => role === 'user');
      // The message is not in the transcript yet: the state belongs to an earlier turn.
      if (!isSameText(messages[at]?.text ?? '', text)) return false;
      const state = endStates[session.status ?? 'unknown'] ?? 'final';
      const answer = messages.slice(at).findLast(({ role }) => role === 'assistant');
      if (state === 'final' && answer === undefined) return false;
      return finish({
        run,
        state,
        text: state === 'aborted' ? null : (answer?.text ?? null),
        error: state === 'error' ? (answer?.error ?? null) : null,
      });
    } catch (error) {
      // A new session appears shortly after its first message.
      if (isFinal(error) && !(error instanceof ApiError && error.status === 404)) throw error;
      return false;
    }
  }

  /** Sends the text once: a retry could deliver it twice. Returns whether it succeeded. */
  async function send(): Promise<boolean> {
    try {
      const body = { text };
      seen.run = (await api('POST /servers/:id/openclaw/sessions/:key/messages', { params, body })).run;
      return true;
    } catch (error) {
      seen.refusal = { error };
      return false;
    }
  }

  function takeChat(run: Run, chat: Data<'chat'>): boolean {
    if (chat.sessionKey !== key || (chat.runId !== run.id && run.status !== 'queued')) return false;
    if (chat.state === 'delta') shown.add(chat.text ?? '', chat.replace);
    if (chat.state === 'delta' || chat.state === 'status') return false;
    return finish({ run, state: chat.state, text: chat.text, error: chat.error });
  }

  await followStream(context, `/servers/${encodeURIComponent(serverId)}/openclaw/events`, {
    async onEvent(event, data) {
      const { run } = seen;
      if (run === null) return event === 'gateway' && !(await send());
      if (event === 'chat') return takeChat(run, data as Data<'chat'>);
      if (event === 'tool') shown.tool(key, data as Data<'tool'>);
      if (event === 'approval') shown.approval(key, data as Data<'approval'>);
      const isBack = event === 'gateway' && (data as Data<'gateway'>).state === 'connected';
      return event === 'missed' || isBack ? hasEndedMeanwhile(run) : false;
    },
    onBreak: async () => seen.run !== null && hasEndedMeanwhile(seen.run),
  });
  if (seen.refusal !== null) throw seen.refusal.error;
  if (seen.end !== null) return seen.end;
  if (seen.run === null) throw new CommandError('Nothing was sent.');
  throw new CommandError(
    'Stopped following; the agent continues.',
    `Stop it: ${commandLine('buoy', 'openclaw', 'sessions', 'abort', serverId, key)}`,
  );
}

/** OpenClaw may prefix a text with a time and change its white space. */
function isSameText(stored: string, sent: string): boolean {
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim();
  return plain(stored).includes(plain(sent));
}

/** Prints the answer to standard output as it arrives, and everything else to standard error. */
function createShownAnswer({ output }: Context) {
  let printed = '';

  function print(text: string): void {
    if (output.json) return;
    // Printed text cannot be erased: a different text starts on a new line.
    const isMore = text.startsWith(printed);
    if (text !== printed) output.text(isMore ? text.slice(printed.length) : `\n${text}`);
    printed = text;
  }
  /** Prints a note outside the answer. */
  function beside(text: string): void {
    if (!output.json) output.note(output.colour('dim', text));
  }

  return {
    add: (text: string, replaces: boolean) => print(replaces ? text : printed + text),
    end(text: string | null) {
      if (text !== null) print(text);
      if (printed !== '' && !output.json && !printed.endsWith('\n')) output.text('\n');
    },
    tool(key: string, { sessionKey, name, title, phase, failed }: Data<'tool'>) {
      if (sessionKey !== key) return;
      if (phase === 'start') beside(`… ${name}${title === null ? '' : `: ${title}`}`);
      if (phase === 'end' && failed) beside(`✗ ${name} failed`);
    },
    approval(key: string, { state, sessionKey, id }: Data<'approval'>) {
      if (sessionKey !== key) return;
      if (state === 'requested')
        beside(`Waiting for your approval: ${commandLine('buoy', 'inbox', 'approve', id)}, or deny it`);
    },
  };
}
