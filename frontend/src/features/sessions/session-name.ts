// What a session is called on the page.
import type { OpenclawSession } from '@buoy/contract';

/** Its title, else what is left of its key without the agent: `agent:main:cron:daily` → `cron:daily`. */
export function sessionName({ key, title }: Pick<OpenclawSession, 'key' | 'title'>): string {
  return title ?? (key.replace(/^agent:[^:]+:/, '') || key);
}

/** The agent that a key belongs to; null when the key does not say. */
export function agentOfKey(key: string): string | null {
  return /^agent:([^:]+):./.exec(key)?.[1] ?? null;
}

/** A key for a chat that nobody has begun. @param unique told apart from other chats of the agent */
export function newChatKey(agentId: string, unique: string): string {
  return `agent:${agentId}:buoy-${unique}`;
}
