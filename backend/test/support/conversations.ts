// Helpers for the sessions of a real gateway, over HTTP alone.
import type { OpenclawSession } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { expect } from 'vitest';
import { until } from '../../../testbed/until.ts';
import type { LiveEvents } from './live-events.ts';
import type { OpenclawFixture } from './openclaw-fixture.ts';

/** Milliseconds of a turn: the first one on a fresh gateway takes 15 s, more beside other work. */
export const TURN_MS = 90_000;
/** Milliseconds of a deletion: a session whose run was stopped just now is refused for a moment. */
const REMOVAL_MS = 50_000;

export type Conversations = ReturnType<typeof createConversations>;

export function createConversations({ live: { api }, serverId }: OpenclawFixture, events: LiveEvents) {
  const made = new Set<string>();
  const params = (key: string) => ({ params: { id: serverId, key } });

  const find = async (key: string): Promise<OpenclawSession> =>
    (await api('GET /servers/:id/openclaw/sessions/:key', params(key))).session;

  /** Returns the id of the run. */
  async function send(key: string, text: string): Promise<string> {
    made.add(key);
    const { run } = await api('POST /servers/:id/openclaw/sessions/:key/messages', {
      ...params(key),
      body: { text },
    });
    expect(run).toMatchObject({ sessionKey: key, status: 'started' });
    return run.id;
  }

  return {
    params,
    find,
    send,
    list: (query: object = {}) =>
      api('GET /servers/:id/openclaw/sessions', { params: { id: serverId }, query }),
    messages: (key: string, query: object = {}) =>
      api('GET /servers/:id/openclaw/sessions/:key/messages', { ...params(key), query }),
    change: async (key: string, body: object) =>
      (await api('PUT /servers/:id/openclaw/sessions/:key', { ...params(key), body })).session,
    remove: (key: string) => api('DELETE /servers/:id/openclaw/sessions/:key', params(key)),

    /** Sends a message and waits for the end of the run. Returns the last event of the chat. */
    async turn(key: string, text: string) {
      const runId = await send(key, text);
      const end = await events.until(
        ({ event, data }) =>
          event === 'chat' && data.runId === runId && ['final', 'error', 'aborted'].includes(data.state),
        TURN_MS,
      );
      await until(20_000, async () => !(await find(key)).running);
      return { runId, end };
    },

    /** The session is kept. */
    keep: (key: string) => void made.delete(key),

    /** Deletes every session that got a message. */
    async tidy(): Promise<void> {
      for (const key of made)
        await until(REMOVAL_MS, () =>
          api('DELETE /servers/:id/openclaw/sessions/:key', params(key)).then(
            () => true,
            (error: unknown) => error instanceof ApiError && error.status === 404,
          ),
        );
      made.clear();
    },
  };
}

/** The status of a refused call. */
export function statusOf(work: Promise<unknown>): Promise<number> {
  return work.then(
    () => expect.unreachable('that was refused'),
    (error: unknown) => (error as ApiError).status,
  );
}
