// `/ask AGENT text`: says the text in the agent's main session, and waits for the answer.
import { ApiError, type Client } from '@buoy/contract/client';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import type { Agent, Question } from './find-question.ts';

/** Milliseconds between two looks for the answer, and until the person is sent to the app for it. */
const POLL_MS = 2_000;
const WAIT_MS = 5 * 60_000;
/** Messages of the session that are read. */
const RECENT = 20;

/** Says it, once. */
export async function say(api: Client, { agent, text }: Question): Promise<void> {
  await api('POST /servers/:id/openclaw/sessions/:key/messages', {
    params: sessionOf(agent),
    body: { text },
  });
}

/** The answer to what was just said; null: the agent is still at work. */
export async function untilAnswered(
  api: Client,
  { agent, text }: Question,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<{ text: string } | null> {
  const endsAt = clock.now() + WAIT_MS;
  while (clock.now() < endsAt) {
    await pause(clock, POLL_MS, signal);
    signal.throwIfAborted();
    const answer = await answerTo(api, sessionOf(agent), text);
    if (answer !== null) return answer;
  }
  return null;
}

function sessionOf({ id, server }: Agent): { id: string; key: string } {
  return { id: server.id, key: `agent:${id}:main` };
}

async function answerTo(
  api: Client,
  params: { id: string; key: string },
  text: string,
): Promise<{ text: string } | null> {
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
    return { text: last?.text || (last?.error ?? '') };
  } catch (error) {
    // A new session appears shortly after its first message, and a gateway may be away for a moment.
    if (error instanceof ApiError && (error.status === 404 || error.status >= 500)) return null;
    throw error;
  }
}
