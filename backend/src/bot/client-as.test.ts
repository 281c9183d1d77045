// Calls of people who write to the bot end with the bot, also where the API does not answer.
import type { Client } from '@buoy/contract/client';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { createClientAs } from './client-as.ts';

test.each(['GET', 'POST'] as const)('a %s that nothing answers ends when the bot stops', async (method) => {
  const app = Fastify();
  const began = Promise.withResolvers<void>();
  app.route({
    method,
    url: '/api/servers',
    handler: () => {
      began.resolve();
      return new Promise(() => undefined);
    },
  });
  const clientAs = createClientAs({ app, chatSignIns: { during: (_userId, work) => work('token') } });
  const ending = new AbortController();
  const body = { name: 'web', host: 'web.example', username: 'root', authType: 'password' as const };
  const asked = async (api: Client): Promise<void> =>
    void (method === 'GET' ? await api('GET /servers') : await api('POST /servers', { body }));
  const call = clientAs('7', asked, { signal: ending.signal });
  await began.promise;
  ending.abort(new Error('Buoy is stopping.'));
  await expect(call).rejects.toThrow();
  await expect(clientAs('7', (api) => api('GET /servers'), { signal: ending.signal })).rejects.toThrow(
    'Buoy is stopping.',
  );
});
