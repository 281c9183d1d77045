import type { Server, ServerState } from '@buoy/contract';
import { describe, expect, it } from 'vitest';
import { found, groupsByState, tagsIn } from './server-order.ts';

const at = '2026-01-01T00:00:00.000Z';

function server(name: string, state: ServerState, tags: string[] = []): Server {
  return {
    id: `srv_${name}`,
    name,
    host: `${name}.example.com`,
    port: 22,
    username: 'deploy',
    authType: 'key',
    tags,
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

const names = (servers: readonly Server[]) => servers.map(({ name }) => name);

it('shows what is broken first, then what cannot be seen, and healthy servers last, by name', () => {
  const groups = groupsByState([
    server('web-10', 'up'),
    server('web-2', 'up'),
    server('a', 'maintenance'),
    server('b', 'unknown'),
    server('c', 'unreachable'),
    server('Z', 'down'),
    server('y', 'down'),
  ]);
  expect(groups.map(({ state, servers }) => [state, names(servers)])).toEqual([
    ['down', ['y', 'Z']],
    ['unreachable', ['c']],
    ['unknown', ['b']],
    ['maintenance', ['a']],
    ['up', ['web-2', 'web-10']],
  ]);
});

it('has no group without servers', () => {
  expect(groupsByState([])).toEqual([]);
});

describe('a search', () => {
  const servers = [
    server('web-1', 'up', ['prod', 'eu']),
    server('web-2', 'up', ['prod', 'us']),
    server('db', 'down', ['eu']),
  ];

  it.each([
    [{ search: '', tags: [] }, ['web-1', 'web-2', 'db']],
    [{ search: ' WEB ', tags: [] }, ['web-1', 'web-2']],
    [{ search: 'db.example', tags: [] }, ['db']],
    [{ search: 'eu', tags: [] }, ['web-1', 'db']],
    [{ search: '', tags: ['prod', 'eu'] }, ['web-1']],
    [{ search: 'db', tags: ['prod'] }, []],
  ])('%j finds %j', (search, expected) => {
    expect(names(found(servers, search))).toEqual(expected);
  });

  it('offers each tag once, by name', () => {
    expect(tagsIn(servers)).toEqual(['eu', 'prod', 'us']);
  });
});
