// `/ask AGENT text`: says the text in the agent's main session, and waits for the answer.
import { ApiError, type Client } from '@buoy/contract/client';
import { seenText, visibleText } from '@buoy/contract/visible-text';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import { cut } from '../notify/message.ts';
import type { Language } from '../notify/sender.ts';
import { escapeHtml } from '../telegram/html.ts';
import { shown } from './answers.ts';
import { botTexts } from './bot-texts.ts';
import type { Agent, Question } from './find-question.ts';

/** Milliseconds between two looks for the answer, and until the person is sent to the app for it. */
const POLL_MS = 5_000;
const WAIT_MS = 5 * 60_000;
/** Messages of the session that are read. */
const RECENT = 20;
/** UTF-16 units of an answer that are shown, so that the whole message stays below Telegram's 4096. */
const MAX_ANSWER = 3_500;

/** Says it, once. @param key the same for a message that Telegram tells twice */
export async function say(api: Client, { agent, text }: Question, key: string): Promise<void> {
  await api('POST /servers/:id/openclaw/sessions/:key/messages', {
    params: sessionOf(agent),
    body: { text },
    headers: { 'idempotency-key': key },
  });
}

/** The answer to what was just said; null: the agent is still at work. */
export async function untilAnswered(
  api: Client,
  { agent, text }: Question,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<string | null> {
  const endsAt = clock.now() + WAIT_MS;
  while (clock.now() < endsAt) {
    await pause(clock, POLL_MS, signal);
    signal.throwIfAborted();
    const answer = await answerTo(api, sessionOf(agent), text);
    if (answer !== null) return answer;
  }
  return null;
}

/** As a quotation under the agent's name: it writes what it likes, and must not look like the bot. */
export function answerHtml({ agent }: Question, text: string, language: Language): string {
  const texts = botTexts[language];
  const words =
    seenText(text).trim() === ''
      ? texts.noAnswer
      : `<blockquote>${escapeHtml(cut(visibleText(text), MAX_ANSWER))}</blockquote>`;
  return `${shown(texts.answerOf(agent.id, agent.server.name), 'b')}\n${words}`;
}

function sessionOf({ id, server }: Agent): { id: string; key: string } {
  return { id: server.id, key: `agent:${id}:main` };
}

async function answerTo(
  api: Client,
  params: { id: string; key: string },
  text: string,
): Promise<string | null> {
  try {
    const { session } = await api('GET /servers/:id/openclaw/sessions/:key', { params });
    if (session.running) return null;
    const { messages } = await api('GET /servers/:id/openclaw/sessions/:key/messages', {
      params,
      query: { limit: RECENT },
    });
    const at = messages.findLastIndex(({ role }) => role === 'user');
    // It is not in the transcript yet: what stands there belongs to an earlier turn. OpenClaw may put lines of its own around it.
    if (!messages[at]?.text.includes(text.trim())) return null;
    const last = messages.slice(at).findLast(({ role }) => role === 'assistant');
    const hasFailed =
      session.status === 'failed' || session.status === 'killed' || session.status === 'timeout';
    if (last === undefined && !hasFailed) return null;
    return last?.text || (last?.error ?? '');
  } catch (error) {
    if (error instanceof ApiError && mayPass(error)) return null;
    throw error;
  }
}

/** A new session appears shortly after its first message, a gateway may be away for a moment, and the person's calls of a minute may be used up. */
function mayPass({ status }: ApiError): boolean {
  return status === 404 || status === 429 || status >= 500;
}
