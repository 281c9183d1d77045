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
const groupsOf = (servers: readonly Server[], hasChosenTags = false) =>
  serverGroups(servers, hasChosenTags).map((group) => [
    group.by === 'state' ? group.state : group.tag,
    names(group.servers),
  ]);

it('orders servers: down, unreachable, unknown, not set up, in maintenance, then healthy, each by name', () => {
  const servers = [
    server('web-10', 'up'),
    server('web-2', 'up'),
    server('a', 'maintenance'),
    server('new', 'not_set_up', ['prod']),
    server('b', 'unknown'),
    server('c', 'unreachable'),
    server('Z', 'down'),
    server('y', 'down'),
  ];
  expect(groupsOf(servers)).toEqual([
    ['down', ['y', 'Z']],
    ['unreachable', ['c']],
    ['unknown', ['b']],
    ['not_set_up', ['new']],
    ['maintenance', ['a']],
    ['up', ['web-2', 'web-10']],
  ]);
});

describe('grouping healthy servers by tag', () => {
  const servers = [
    server('web-1', 'up', ['prod', 'eu']),
    server('plain', 'up'),
    server('web-2', 'up', ['prod']),
    server('lab', 'up', ['dev', 'prod']),
    server('broken', 'down', ['prod']),
  ];

  it('groups by first tag, untagged last, problems first regardless of tags', () => {
    expect(groupsOf(servers)).toEqual([
      ['down', ['broken']],
      ['dev', ['lab']],
      ['prod', ['web-1', 'web-2']],
      [null, ['plain']],
    ]);
  });

  it('keeps one group when the list is filtered by tags', () => {
    expect(groupsOf(servers, true)).toEqual([
      ['down', ['broken']],
      ['up', ['lab', 'plain', 'web-1', 'web-2']],
    ]);
  });

  it('has no untagged group when every server has a tag', () => {
    expect(groupsOf([server('a', 'up', ['x'])])).toEqual([['x', ['a']]]);
  });
});

it('returns no groups for no servers', () => {
  expect(groupsOf([])).toEqual([]);
});

describe('server search', () => {
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

  it('lists each tag once, by name', () => {
    expect(tagsIn(servers)).toEqual(['eu', 'prod', 'us']);
  });
});
