// Answers must not stay in the cache of a shared browser or proxy, where the next person could read them.
import { contract, type EndpointKey } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';

let fixture: AccessFixture;
let serverId: string;
let url: string;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
  serverId = await fixture.newServer();
  url = await fixture.running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => fixture.running.close());

const pathOf = (key: EndpointKey): string =>
  (key.split(' ')[1] ?? '').replace(':id', serverId).replace(/:\w+/g, 'main');
const methodOf = (key: EndpointKey) => key.split(' ')[0] as 'GET' | 'POST' | 'PUT' | 'DELETE';

describe('Cache-Control of the API', () => {
  const keys = Object.keys(contract) as EndpointKey[];

  test.each(keys)('forbids caching of the refusal of %s', async (key) => {
    const { statusCode, headers } = await fixture.running.call(methodOf(key), pathOf(key), { body: {} });
    expect([statusCode, headers['cache-control']]).toEqual([statusCode, 'no-store']);
  });

  test.each(keys.filter((key) => key.startsWith('GET ') && !/openclaw|:(?!id\b)|terminal|backups/.test(key)))(
    'forbids caching of the answer of %s',
    async (key) => {
      const { statusCode, headers } = await fixture.as('super', 'GET', pathOf(key));
      expect([statusCode, headers['cache-control']]).toEqual([statusCode, 'no-store']);
    },
  );

  test.each(['/api', '/api/', '/api/none', '/api/%zz', '/api?x=1', '/api/servers/%00'])(
    'forbids caching of the 404 of %s',
    async (path) => {
      const { headers } = await fetch(`${url}${path}`);
      expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  test('forbids caching of an answer that was asked for in another way of writing its path', async () => {
    const { statusCode, headers } = await fixture.as('super', 'GET', '/servers'.replace('s', '%73'));
    expect([statusCode, headers['cache-control']]).toEqual([200, 'no-store']);
    const odd = await fetch(`${url}/%61pi/health`);
    expect([odd.status, odd.headers.get('cache-control')]).toEqual([200, 'no-store']);
  });

  test('forbids caching of a refused WebSocket upgrade', async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/servers/${serverId}/terminal`);
    const header = await new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.once('unexpected-response', (_request, response) => resolve(response.headers['cache-control']));
    });
    expect(header).toBe('no-store');
  });
});
