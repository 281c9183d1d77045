// The first agent of a server: made where it is missing, and asked a first question.
import type { Agent, AgentChange, NewAgent, OpenclawMessage } from '@buoy/contract';
import { isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import type { Openclaw } from '../openclaw/openclaw.ts';

/** Milliseconds for the reply to the first message. */
const REPLY_MS = 90_000;
const POLL_MS = 1_000;
/** Messages read to find the reply: a first turn calls few tools. */
const PAGE = 50;
/** UTF-16 units of a reply: it is kept with the task, and so in each list of tasks. */
const MAX_REPLY = 4_000;

export type DefaultAgent = Pick<NewAgent, 'id' | 'name' | 'emoji' | 'model'> & {
  message?: string | undefined;
};

type MayWrite = { mayWrite?: (() => Promise<unknown>) | undefined };

export type CreateDefaultAgent = (
  serverId: string,
  wanted: DefaultAgent,
  options: { by: string; signal: AbortSignal; always?: boolean } & MayWrite,
) => Promise<{ agent: Agent; created: boolean; reply: { sessionKey: string; text: string } | null }>;

/**
 * An agent that is as wanted stays untouched and is sent nothing, but for `always`: then it is sent the message where it has not been sent it before.
 * `mayWrite` is asked right before anything is changed or sent. Throws AppError.
 */
export function createDefaultAgentCreator({
  agents,
  sessions,
  clock,
}: Pick<Openclaw, 'agents' | 'sessions'> & { clock: Clock }): CreateDefaultAgent {
  return async (serverId, { message, ...wanted }, { by, signal, always = false, mayWrite }) => {
    const { agents: there } = await agents.list(serverId, { signal });
    const before = there.find(({ id }) => id === wanted.id);
    const change = before === undefined ? {} : changeOf(before, wanted);
    const isAsWanted = before !== undefined && Object.keys(change).length === 0;
    if (isAsWanted && !always) return { agent: before, created: false, reply: null };
    const agent =
      before === undefined
        ? await agents.create(serverId, wanted, { signal, mayWrite })
        : isAsWanted
          ? before
          : await agents.update(serverId, wanted.id, change, { by, signal, mayWrite });
    const reply =
      message === undefined ? null : await replyTo(serverId, wanted.id, message, { signal, mayWrite });
    return { agent, created: before === undefined, reply };
  };

  /** null when none came in time. */
  async function replyTo(
    serverId: string,
    agentId: string,
    message: string,
    { signal, mayWrite }: { signal: AbortSignal } & MayWrite,
  ): Promise<{ sessionKey: string; text: string } | null> {
    const sessionKey = `agent:${agentId}:main`;
    const endsAt = clock.now() + REPLY_MS;
    const before = await read(serverId, sessionKey, signal);
    // A setup that is repeated, or goes on after Buoy was killed, must not ask again.
    const askedAt = before.findLastIndex(({ role, text }) => role === 'user' && text.includes(message));
    const isAsked = askedAt !== -1;
    if (!isAsked) {
      await mayWrite?.();
      await sessions.send(serverId, sessionKey, message, { signal });
    }
    const lastId = before.at(isAsked ? askedAt : -1)?.id ?? null;
    for (;;) {
      const messages = await read(serverId, sessionKey, signal);
      const from = lastId === null ? 0 : messages.findLastIndex(({ id }) => id === lastId) + 1;
      const answer = messages.slice(from).findLast(({ role, text }) => role === 'assistant' && text !== '');
      if (answer !== undefined) return { sessionKey, text: answer.text.slice(0, MAX_REPLY).toWellFormed() };
      if (clock.now() >= endsAt) return null;
      await pause(clock, POLL_MS, signal);
    }
  }

  async function read(serverId: string, key: string, signal: AbortSignal): Promise<OpenclawMessage[]> {
    try {
      return (await sessions.messages(serverId, key, { limit: PAGE }, { signal })).messages;
    } catch (error) {
      // Nobody has written to this agent yet.
      if (isAppError(error, 'not_found')) return [];
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
