import { describe, expect, it } from 'vitest';
import { serverRecord } from '../servers/testing/server-record.ts';
import { isUnmoved, listedServers, sharedKeys, targetOf } from './bulk-targets.ts';
import { readServerLines } from './server-lines.ts';

const mine = serverRecord({ id: 'srv_mine', name: 'web', host: '203.0.113.7', username: 'deploy' });
const listed = (text: string, servers = [mine], jumpServerId: string | null = null) =>
  listedServers(readServerLines(text).servers, { username: 'root', jumpServerId }, servers, '1');

describe('a pasted list beside the servers of Buoy', () => {
  it('uses the login of the form where a line names none', () => {
    expect(listed('a host-1\nb host-2 deploy').fresh).toEqual([
      { name: 'a', host: 'host-1', port: 22, username: 'root', jumpServerId: null },
      { name: 'b', host: 'host-2', port: 22, username: 'deploy', jumpServerId: null },
    ]);
  });

  it('finds an own server that is in Buoy already', () => {
    const { fresh, known, taken } = listed('web 203.0.113.7 deploy');
    expect([fresh, known, taken]).toEqual([[], [targetOf(mine)], []]);
  });

  it.each(['web 203.0.113.8 deploy', 'web 203.0.113.7:2222 deploy', 'web 203.0.113.7'])(
    'reports that the name of %j is taken',
    (line) => {
      const { fresh, known, taken } = listed(line);
      expect([fresh, known]).toEqual([[], []]);
      expect(taken).toMatchObject([{ name: 'web', isGiven: false }]);
    },
  );

  it('takes an own server for the listed one only where both are reached through the same jump server', () => {
    const behind = { ...mine, jumpServerId: 'srv_jump' };
    const line = 'web 203.0.113.7 deploy';
    expect(listed(line, [behind])).toMatchObject({ known: [], taken: [{ name: 'web', isGiven: false }] });
    expect(listed(line, [mine], 'srv_jump')).toMatchObject({ known: [], taken: [{ name: 'web' }] });
    expect(listed(line, [behind], 'srv_jump')).toMatchObject({ known: [targetOf(behind)], taken: [] });
  });

  it('never takes a server that someone gave the person for the listed one', () => {
    const given = { ...mine, owner: { id: '1', name: 'Anna', givenBy: '2' } };
    const { fresh, known, taken } = listed('web 203.0.113.7 deploy', [given]);
    expect([fresh, known]).toEqual([[], []]);
    expect(taken).toMatchObject([{ name: 'web', isGiven: true }]);
  });

  it('never mistakes a server that someone else shares for the listed one', () => {
    const theirs = { ...mine, owner: { id: '2', name: 'Berta', givenBy: null } };
    const { fresh, known } = listed('web 203.0.113.7 deploy', [theirs]);
    expect([fresh.map(({ name }) => name), known]).toEqual([['web'], []]);
    expect(listed('web 203.0.113.7 deploy', [{ ...mine, owner: null }]).known).toEqual([]);
  });
});

describe('a server that was shown before', () => {
  const key = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:a', pinnedAt: mine.createdAt };

  it('is the same after its first connection has pinned a host key', () => {
    expect(isUnmoved(mine, { ...mine, hostKey: key, version: 2 })).toBe(true);
  });

  it.each([
    { host: '203.0.113.8' },
    { port: 2222 },
    { username: 'root' },
    { jumpServerId: 'srv_2' },
    { hostKey: null },
    { hostKey: { ...key, fingerprint: 'SHA256:b' } },
  ])('is another one with %j', (change) => {
    expect(isUnmoved({ ...mine, hostKey: key }, { ...mine, hostKey: key, ...change })).toBe(false);
  });
});

it('names the servers that show the same host key', () => {
  const keys = new Map(
    Object.entries({ a: 'SHA256:x', b: 'SHA256:y', c: 'SHA256:x' }).map(
      ([name, fingerprint]) => [name, { fingerprint }] as const,
    ),
  );
  expect([...sharedKeys(keys)]).toEqual([
    ['a', ['c']],
    ['c', ['a']],
  ]);
});
