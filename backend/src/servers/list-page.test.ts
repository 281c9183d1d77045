import type { Server } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { listPage } from './list-page.ts';

const server = (name: string, state = 'up') =>
  ({ id: `srv_${name}`, name, host: `${name}.example`, tags: [], status: { state } }) as unknown as Server;
const servers = ['a', 'b', 'c', 'd', 'e'].map((name) => server(name));
const names = ({ servers: page }: { servers: Server[] }) => page.map(({ name }) => name);

describe('a page of the server list', () => {
  test('continues after the last server of the previous page', () => {
    const first = listPage(servers, { limit: 2 });
    const second = listPage(servers, { limit: 2, cursor: first.nextCursor ?? '' });
    const third = listPage(servers, { limit: 2, cursor: second.nextCursor ?? '' });
    expect([first, second, third].map(names)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(third.nextCursor).toBeNull();
  });

  test('continues where it was when that server is removed, or no longer matches the filter', () => {
    const { nextCursor } = listPage(servers, { limit: 2, state: 'up' });
    const cursor = nextCursor ?? '';
    const removed = servers.filter(({ name }) => name !== 'b');
    expect(names(listPage(removed, { limit: 2, cursor }))).toEqual(['c', 'd']);
    const changed = servers.map((one) => (one.name === 'b' ? server('b', 'down') : one));
    expect(names(listPage(changed, { limit: 2, state: 'up', cursor }))).toEqual(['c', 'd']);
  });

  test('is refused with invalid_request for a cursor that Buoy did not issue', () => {
    for (const cursor of ['typed', 'srv_a', Buffer.from('[1]').toString('base64url')])
      expect(() => listPage(servers, { limit: 2, cursor })).toThrow('Buoy did not issue this cursor.');
  });
});
