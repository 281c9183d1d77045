// Checks before the start that Buoy can listen at the configured addresses, with one-sentence errors.
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ConfigError } from './config.ts';

/**
 * The one address that HOST means. Fastify would listen at each address of `localhost`, at all but the first of them with a server of
 * its own that knows no limits (`multipleBindings` in its lib/server.js).
 * @throws ConfigError for a name that is not known
 */
export async function listeningAddress(host: string): Promise<string> {
  const place = { host, port: null, setting: 'HOST' };
  return (await listening(place, () => lookup(host))).address;
}

/** @throws ConfigError when something else listens there, or nothing may */
export async function expectFree(host: string, port: number, setting = 'PORT'): Promise<void> {
  const server = createServer();
  await listening({ host, port, setting }, async () => {
    server.listen({ host, port });
    await once(server, 'listening');
  });
  const closed = once(server, 'close');
  server.close();
  await closed;
}

/** Does `listen`. @throws ConfigError that names the setting which is in the way, `setting` or HOST */
export async function listening<T>(
  { host, port, setting }: { host: string; port: number | null; setting: string },
  listen: () => Promise<T>,
): Promise<T> {
  try {
    return await listen();
  } catch (cause) {
    const sentence = sentences[(cause as NodeJS.ErrnoException).code ?? ''];
    if (sentence === undefined) throw cause;
    throw new ConfigError(sentence({ host, port, setting }), { cause });
  }
}

type ListenAddress = { host: string; port: number | null; setting: string };

const sentences: Record<string, (place: ListenAddress) => string> = {
  EADDRINUSE: ({ host, port, setting }) =>
    `${setting} takes a free port; ${port} on ${host} is taken: end the program that listens there, or set another.`,
  EACCES: ({ port, setting }) =>
    `${setting} takes a port that this account may listen on; ${port} is not one: set one above 1023.`,
  EADDRNOTAVAIL: ({ host }) => `HOST takes an address of this machine; ${host} is not one.`,
  ENOTFOUND: ({ host }) => `HOST takes an address of this machine; the name ${host} is not known.`,
  EAI_AGAIN: ({ host }) => `HOST takes an address of this machine; the name ${host} is not known.`,
};
