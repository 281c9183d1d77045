// The first agent of a server: made where it is missing, and asked a first question.
import type { Agent, AgentChange, NewAgent } from '@buoy/contract';
import { isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import type { Openclaw } from '../openclaw/openclaw.ts';

/** Milliseconds for the reply to the first message. */
const REPLY_MS = 90_000;
const POLL_MS = 1_000;
/** Messages read to find the reply: a first turn calls few tools. */
const PAGE = 50;

export type DefaultAgent = Pick<NewAgent, 'id' | 'name' | 'emoji' | 'model'> & {
  message?: string | undefined;
};

export type CreateDefaultAgent = (
  serverId: string,
  wanted: DefaultAgent,
  options: { by: string; signal: AbortSignal; always?: boolean },
) => Promise<{ agent: Agent; created: boolean; reply: { sessionKey: string; text: string } | null }>;

/**
 * An agent that is as wanted stays untouched and is sent nothing, but for `always`: then it is sent the message where it has never answered one.
 * Throws AppError.
 */
export function createDefaultAgentCreator({
  agents,
  sessions,
  clock,
}: Pick<Openclaw, 'agents' | 'sessions'> & { clock: Clock }): CreateDefaultAgent {
  return async (serverId, { message, ...wanted }, { by, signal, always = false }) => {
    const { agents: there } = await agents.list(serverId, { signal });
    const before = there.find(({ id }) => id === wanted.id);
    const change = before === undefined ? {} : changeOf(before, wanted);
    const isAsWanted = before !== undefined && Object.keys(change).length === 0;
    if (isAsWanted && !always) return { agent: before, created: false, reply: null };
    const agent =
      before === undefined
        ? await agents.create(serverId, wanted, { signal })
        : isAsWanted
          ? before
          : await agents.update(serverId, wanted.id, change, { by, signal });
    const reply = message === undefined ? null : await replyTo(serverId, wanted.id, message, signal);
    return { agent, created: before === undefined, reply };
  };

  /** null when none came in time. */
  async function replyTo(
    serverId: string,
    agentId: string,
    message: string,
    signal: AbortSignal,
  ): Promise<{ sessionKey: string; text: string } | null> {
    const sessionKey = `agent:${agentId}:main`;
    const endsAt = clock.now() + REPLY_MS;
    // A repeated setup must not ask again.
    let answer = await lastAnswer(serverId, sessionKey, signal);
    if (answer === null) await sessions.send(serverId, sessionKey, message, { signal });
    while (answer === null && clock.now() < endsAt) {
      await pause(clock, POLL_MS, signal);
      answer = await lastAnswer(serverId, sessionKey, signal);
    }
    return answer === null ? null : { sessionKey, text: answer };
  }

  async function lastAnswer(serverId: string, key: string, signal: AbortSignal): Promise<string | null> {
    try {
      const { messages } = await sessions.messages(serverId, key, { limit: PAGE }, { signal });
      return messages.findLast(({ role, text }) => role === 'assistant' && text !== '')?.text ?? null;
    } catch (error) {
      if (isAppError(error, 'not_found')) return null;
      throw error;
    }
  }
}

function changeOf(before: Agent, { name, emoji, model }: DefaultAgent): AgentChange {
  return {
    ...(name === undefined || name === before.name ? {} : { name }),
    ...(emoji === undefined || emoji === before.emoji ? {} : { emoji }),
    ...(model === undefined || model === before.model ? {} : { model }),
  };
}
