import type { Server, ServerState } from '@buoy/contract';
import { describe, expect, it } from 'vitest';
import { found, serverGroups, tagsIn } from './server-order.ts';
import { serverRecord } from './testing/server-record.ts';

const server = (name: string, state: ServerState, tags: string[] = []): Server =>
  serverRecord({
    id: `srv_${name}`,
    name,
    host: `${name}.example.com`,
    tags,
    status: { ...serverRecord().status, state },
  });

const names = (servers: readonly Server[]) => servers.map(({ name }) => name);

/** Each group by its title and the names in it. */
const look = (servers: readonly Server[], hasChosenTags = false) =>
  serverGroups(servers, hasChosenTags).map((group) => [
    group.by === 'state' ? group.state : group.tag,
    names(group.servers),
  ]);

it('shows what is broken first, then what cannot be seen, and healthy servers last, by name', () => {
  const servers = [
    server('web-10', 'up'),
    server('web-2', 'up'),
    server('a', 'maintenance'),
    server('b', 'unknown'),
    server('c', 'unreachable'),
    server('Z', 'down'),
    server('y', 'down'),
  ];
  expect(look(servers)).toEqual([
    ['down', ['y', 'Z']],
    ['unreachable', ['c']],
    ['unknown', ['b']],
    ['maintenance', ['a']],
    ['up', ['web-2', 'web-10']],
  ]);
});

describe('healthy servers with tags', () => {
  const servers = [
    server('web-1', 'up', ['prod', 'eu']),
    server('plain', 'up'),
    server('web-2', 'up', ['prod']),
    server('lab', 'up', ['dev', 'prod']),
    server('broken', 'down', ['prod']),
  ];

  it('stand under their first tag, by tag, those without one last; a problem stands first whatever its tags', () => {
    expect(look(servers)).toEqual([
      ['down', ['broken']],
      ['dev', ['lab']],
      ['prod', ['web-1', 'web-2']],
      [null, ['plain']],
    ]);
  });

  it('stand together once the list was chosen by tags', () => {
    expect(look(servers, true)).toEqual([
      ['down', ['broken']],
      ['up', ['lab', 'plain', 'web-1', 'web-2']],
    ]);
  });

  it('have no group for servers without a tag when there are none', () => {
    expect(look([server('a', 'up', ['x'])])).toEqual([['x', ['a']]]);
  });
});

it('has no group without servers', () => {
  expect(look([])).toEqual([]);
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
