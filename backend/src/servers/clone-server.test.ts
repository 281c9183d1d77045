// What comes along to a clone, and that a stored secret never does to a machine where it could be misused.
import type { Role, ServerClone } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cloneFields, type ServerFields } from './clone-server.ts';
import { checkTakeover } from './secret-takeover.ts';

const source: ServerFields = {
  name: 'web',
  host: 'web.example.org',
  port: 2222,
  username: 'deploy',
  authType: 'key',
  tags: '["prod","eu"]',
  jumpServerId: 'srv_bastion',
  hostKeyAlgorithm: 'ssh-ed25519',
  hostKeyFingerprint: 'SHA256:pinned',
  hostKeyPinnedAt: '2026-01-01T00:00:00.000Z',
};
const unpinned = { hostKeyAlgorithm: null, hostKeyFingerprint: null, hostKeyPinnedAt: null };

describe('the fields of a clone', () => {
  test('what is not named is taken over, at the same address with the pinned host key', () => {
    expect(cloneFields(source, { name: 'twin', host: source.host })).toEqual({ ...source, name: 'twin' });
  });

  test('what is named is taken as it is named: no jump host, no tags', () => {
    const input = { name: 'twin', host: source.host, username: 'root', jumpServerId: null, tags: [] };
    expect(cloneFields(source, input)).toEqual({
      ...source,
      ...{ name: 'twin', username: 'root', jumpServerId: null, tags: '[]' },
    });
  });

  test.each([
    ['another host', { host: 'db.example.org' }],
    ['another port', { port: 22 }],
    ['another host and port', { host: 'db.example.org', port: 22 }],
  ])('%s: nobody has seen its key yet', (_, change) => {
    expect(cloneFields(source, { name: 'other', host: source.host, ...change })).toMatchObject({
      ...change,
      ...unpinned,
    });
  });

  test('a tag that is named twice is there once', () => {
    expect(cloneFields(source, { name: 'x', host: 'y', tags: ['a', 'b', 'a'] }).tags).toBe('["a","b"]');
  });
});

describe('the stored secret', () => {
  const takesOver = (
    from: ServerFields,
    change: Partial<ServerClone>,
    role: Role,
  ): 'taken over' | 'must be brought' => {
    const input = { name: 'clone', host: from.host, ...change };
    try {
      checkTakeover(from, cloneFields(from, input), input, role);
      return 'taken over';
    } catch (error) {
      expect(error).toMatchObject({
        code: 'invalid_request',
        details: [{ path: from.authType === 'key' ? 'privateKey' : 'password' }],
      });
      return 'must be brought';
    }
  };
  const anySource = fc.record({
    authType: fc.constantFrom('key', 'password'),
    jumpServerId: fc.constantFrom(null, 'srv_bastion'),
    key: fc.constantFrom(unpinned, {}),
  });
  const anyChange = fc.record(
    {
      host: fc.constantFrom('web.example.org', 'evil.example.org'),
      port: fc.constantFrom(2222, 22),
      username: fc.constantFrom('deploy', 'root'),
      jumpServerId: fc.constantFrom(null, 'srv_bastion', 'srv_evil'),
    },
    { requiredKeys: [] },
  );

  test('an owner may take it anywhere', () => {
    fc.assert(
      fc.property(anySource, anyChange, ({ key, ...from }, change) => {
        expect(takesOver({ ...source, ...from, ...key }, change, 'owner')).toBe('taken over');
      }),
    );
  });

  test('an admin takes it to no other address, and by another way only to a machine that proves itself by its pinned key', () => {
    fc.assert(
      fc.property(anySource, anyChange, ({ key, ...from }, change) => {
        const whole = { ...source, ...from, ...key };
        const clone = cloneFields(whole, { name: 'clone', host: whole.host, ...change });
        if (takesOver(whole, change, 'admin') === 'must be brought') return;
        expect([clone.host, clone.port]).toEqual([whole.host, whole.port]);
        const proved = clone.hostKeyFingerprint !== null;
        expect(proved || clone.jumpServerId === whole.jumpServerId).toBe(true);
      }),
    );
  });

  test.each([
    ['the same machine', {}, 'taken over'],
    ['the same machine under another name and login', { name: 'twin', username: 'root' }, 'taken over'],
    ['the same address by another way, its key pinned', { jumpServerId: null }, 'taken over'],
    ['another host', { host: 'evil.example.org' }, 'must be brought'],
    ['another port of the same host', { port: 22 }, 'must be brought'],
  ] as const)('an admin clones to %s: it is %s', (_, change, outcome) => {
    for (const authType of ['key', 'password'])
      expect(takesOver({ ...source, authType }, change, 'admin')).toBe(outcome);
  });

  test('the same address by another way, no key pinned: an admin must bring it', () => {
    expect(takesOver({ ...source, ...unpinned }, { jumpServerId: 'srv_evil' }, 'admin')).toBe(
      'must be brought',
    );
    expect(takesOver({ ...source, ...unpinned }, {}, 'admin')).toBe('taken over');
  });

  test('an admin who brings a secret may go anywhere with it; a passphrase alone is none', () => {
    expect(takesOver(source, { host: 'evil.example.org', privateKey: 'theirs' }, 'admin')).toBe('taken over');
    expect(takesOver(source, { host: 'evil.example.org', passphrase: 'x' }, 'admin')).toBe('must be brought');
    const byPassword = { ...source, authType: 'password' };
    expect(takesOver(byPassword, { host: 'evil.example.org', password: 'theirs' }, 'admin')).toBe(
      'taken over',
    );
  });
});
