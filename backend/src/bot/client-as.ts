// Calls the API as a person who writes to the bot: the same roles, limits and audit log as for every other client.
import { type Client, createClient } from '@buoy/contract/client';
import type { FastifyInstance } from 'fastify';
import type { ChatSignIns } from '../users/chat-sign-ins.ts';

/**
 * Throws ApiError, with a sentence for that person, for whatever they may not do.
 * @param options.signal ends each call
 */
export type ClientAs = <T>(
  userId: string,
  work: (api: Client) => Promise<T>,
  options: { signal: AbortSignal },
) => Promise<T>;

/** Nothing leaves this process. */
const BASE_URL = 'http://buoy/api';
/** Telegram does not say where somebody is. Not this machine's own address: strangers who write to the bot must use up nobody else's calls. */
const NO_ADDRESS = '0.0.0.0';

export function createClientAs({
  app,
  chatSignIns,
}: {
  app: Pick<FastifyInstance, 'inject'>;
  chatSignIns: Pick<ChatSignIns, 'during'>;
}): ClientAs {
  const sendUntil =
    (signal: AbortSignal): typeof fetch =>
    async (input, { method = 'GET', headers, body } = {}) => {
      signal.throwIfAborted();
      const { pathname, search } = new URL(String(input));
      const call = app.inject({
        method: method as 'GET' | 'POST',
        url: `${pathname}${search}`,
        remoteAddress: NO_ADDRESS,
        headers: { ...(headers as Record<string, string>), 'user-agent': 'Telegram' },
        ...(body == null ? {} : { payload: String(body) }),
        signal,
      });
      const answer = await unlessAborted(call, signal);
      return new Response(answer.statusCode === 204 ? null : answer.body, { status: answer.statusCode });
    };
  return (userId, work, { signal }) =>
    chatSignIns.during(userId, (token) =>
      work(createClient({ baseUrl: BASE_URL, token: () => token, fetch: sendUntil(signal) })),
    );
}

/** The signal of `inject` alone ends no call whose body has been read (light-my-request 6.8.1). */
function unlessAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    call.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
