import type { Server, ServerState } from '@buoy/contract';
import { expect, it } from 'vitest';
import { countByState, problemsFirst } from './server-order.ts';

const at = '2026-01-01T00:00:00.000Z';

function server(name: string, state: ServerState): Server {
  return {
    id: `srv_${name}`,
    name,
    host: 'host',
    port: 22,
    username: 'deploy',
    authType: 'key',
    tags: [],
    jumpServerId: null,
    hostKey: null,
    openclaw: { installed: null, version: null },
    status: { state, since: at, checkedAt: at, reasons: [] },
    role: 'owner',
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}

const servers = [
  server('web-10', 'up'),
  server('web-2', 'up'),
  server('a', 'maintenance'),
  server('b', 'unknown'),
  server('c', 'unreachable'),
  server('Z', 'down'),
];

it('shows what is broken first, then what cannot be seen, and healthy servers last, by name', () => {
  expect(problemsFirst(servers).map(({ name }) => name)).toEqual(['Z', 'c', 'b', 'a', 'web-2', 'web-10']);
});

it('counts each state that there is', () => {
  expect(countByState(servers)).toEqual([
    { state: 'down', count: 1 },
    { state: 'unreachable', count: 1 },
    { state: 'unknown', count: 1 },
    { state: 'maintenance', count: 1 },
    { state: 'up', count: 2 },
  ]);
});
