// What a clone takes over, and that a stored secret never goes to a host where it could be misused.
import type { Scope, ServerClone } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../users/caller.ts';
import { cloneFields, type ServerFields } from './clone-server.ts';
import { checkClone, checkMove, isEntitled } from './secret-takeover.ts';

const source: ServerFields = {
  name: 'web',
  host: 'web.example.org',
  port: 2222,
  username: 'deploy',
  authType: 'key',
  tags: '["prod","eu"]',
  jumpServerId: 'srv_bastion',
  jumpServerRemoved: 0,
  hostKeyAlgorithm: 'ssh-ed25519',
  hostKeyFingerprint: 'SHA256:pinned',
  hostKeyPinnedAt: '2026-01-01T00:00:00.000Z',
};
const unpinned = { hostKeyAlgorithm: null, hostKeyFingerprint: null, hostKeyPinnedAt: null };

describe('the fields of a clone', () => {
  test('are taken over where the request does not name them, with the pinned host key at the same address', () => {
    expect(cloneFields(source, { name: 'twin', host: source.host })).toEqual({ ...source, name: 'twin' });
  });

  test('come from the request where it names them: no jump host, no tags', () => {
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
  ])('%s: have no pinned host key yet', (_, change) => {
    expect(cloneFields(source, { name: 'other', host: source.host, ...change })).toMatchObject({
      ...change,
      ...unpinned,
    });
  });

  test('of a server whose jump server was removed stay detached until the request names a jump server or a direct connection', () => {
    const lost = { ...source, jumpServerId: null, jumpServerRemoved: 1 };
    const clone = (input: Partial<ServerClone>) =>
      cloneFields(lost, { name: 'twin', host: source.host, ...input }).jumpServerRemoved;
    expect([clone({}), clone({ jumpServerId: null }), clone({ jumpServerId: 'srv_other' })]).toEqual([
      1, 0, 0,
    ]);
  });

  test('do not take over the pinned host key when another one is expected at the same address', () => {
    const input = { name: 'twin', host: source.host };
    expect(cloneFields(source, { ...input, hostKey: 'SHA256:other' })).toMatchObject(unpinned);
    expect(cloneFields(source, { ...input, hostKey: 'SHA256:pinned' }).hostKeyFingerprint).toBe(
      'SHA256:pinned',
    );
  });

  test('contain a repeated tag once', () => {
    expect(cloneFields(source, { name: 'x', host: 'y', tags: ['a', 'b', 'a'] }).tags).toBe('["a","b"]');
  });
});

type CloneChange = Partial<Omit<ServerClone, 'name'>>;
const anySource = fc.record({
  authType: fc.constantFrom('key', 'password'),
  jumpServerId: fc.constantFrom(null, 'srv_bastion'),
  jumpServerRemoved: fc.constantFrom(0, 1),
  key: fc.constantFrom(unpinned, {}),
});
const anyAddress = fc.record(
  {
    host: fc.constantFrom('web.example.org', 'evil.example.org'),
    port: fc.constantFrom(2222, 22),
    username: fc.constantFrom('deploy', 'root'),
    jumpServerId: fc.constantFrom(null, 'srv_bastion', 'srv_evil'),
    hostKey: fc.constantFrom('SHA256:pinned', 'SHA256:evil'),
    passphrase: fc.constantFrom('x'),
  },
  { requiredKeys: [] },
);
const isRefused = (authType: string, check: () => void): boolean => {
  try {
    check();
    return false;
  } catch (error) {
    expect(error).toMatchObject({
      code: 'invalid_request',
      details: [{ path: authType === 'key' ? 'privateKey' : 'password' }],
    });
    return true;
  }
};
const bound = (from: ServerFields) => ({
  ...from,
  credentialEnteredBy: 'ada',
  credentialHostKey: from.hostKeyFingerprint,
});
const cloneIsRefused = (from: ServerFields, change: CloneChange, entitled: boolean) => {
  const input = { name: 'clone', host: from.host, ...change };
  return isRefused(from.authType, () => checkClone(bound(from), cloneFields(from, input), input, entitled));
};

const caller = (id: string, apiToken: Caller['apiToken'] = null) => ({ user: { id }, apiToken }) as Caller;

describe('who may decide where a stored secret goes', () => {
  test.each([
    ['the owner who entered it does', 'ada', 'ada', true],
    ['an owner to whom the server was transferred does not', 'bob', 'bob', false],
    ['an admin who entered it does not', 'bob', 'ada', false],
    ['a super-admin who does not own the server does not', 'ada', 'root', false],
  ])('%s', (_, ownerId, userId, entitled) => {
    expect(isEntitled({ credentialEnteredBy: 'ada' }, ownerId, caller(userId))).toBe(entitled);
  });

  test('nobody, when it is unknown who entered the secret', () => {
    expect(isEntitled({ credentialEnteredBy: null }, 'ada', caller('ada'))).toBe(false);
  });

  test('an API token of the owner only with the scope "admin"', () => {
    const by = (...scopes: Scope[]) =>
      isEntitled({ credentialEnteredBy: 'ada' }, 'ada', caller('ada', { id: 'tok_1', scopes }));
    expect([by('read', 'operate'), by('admin')]).toEqual([false, true]);
  });
});

describe('the stored secret and a clone', () => {
  test('is taken over only for the person who may decide, and only to the same address, login and host key', () => {
    fc.assert(
      fc.property(anySource, anyAddress, fc.boolean(), ({ key, ...from }, change, entitled) => {
        const whole = { ...source, ...from, ...key };
        if (cloneIsRefused(whole, change, entitled)) return;
        const clone = cloneFields(whole, { name: 'clone', host: whole.host, ...change });
        expect(entitled).toBe(true);
        expect(clone).toEqual({ ...whole, name: 'clone' });
      }),
    );
  });

  test.each([
    ['the same place: it comes along', {}, false],
    ['the same place, naming its host key: it comes along', { hostKey: 'SHA256:pinned' }, false],
    ['another host: it must be sent', { host: 'evil.example.org' }, true],
    ['another port: it must be sent', { port: 22 }, true],
    ['another login: it must be sent', { username: 'root' }, true],
    ['another way: it must be sent', { jumpServerId: null }, true],
    ['another host key: it must be sent', { hostKey: 'SHA256:evil' }, true],
  ] as const)('to %s, by the owner who entered it', (_, change, refused) => {
    for (const authType of ['key', 'password'])
      expect(cloneIsRefused({ ...source, authType }, change, true)).toBe(refused);
  });

  test('anyone may clone to any address with a secret of their own; a passphrase alone is not one', () => {
    const away = { host: 'evil.example.org' };
    expect(cloneIsRefused(source, { ...away, privateKey: 'theirs' }, false)).toBe(false);
    expect(cloneIsRefused(source, { ...away, passphrase: 'x' }, false)).toBe(true);
    expect(cloneIsRefused(source, { passphrase: 'x' }, false)).toBe(true);
    const byPassword = { ...source, authType: 'password' };
    expect(cloneIsRefused(byPassword, { ...away, password: 'theirs' }, false)).toBe(false);
  });
});

describe('the stored secret and a change', () => {
  const changeIsRefused = (change: Partial<ServerFields> & CloneChange, entitled: boolean) => {
    const moved = { ...source, ...change };
    return isRefused(moved.authType, () => checkMove(source, moved, change, entitled));
  };

  test.each([
    ['the name: it stays', { name: 'other' }, false],
    ['the values that are stored: it stays', { host: source.host, port: source.port }, false],
    ['a passphrase: it stays', { passphrase: 'x' }, false],
    ['the host: it must be sent again', { host: 'evil.example.org' }, true],
    ['the port: it must be sent again', { port: 22 }, true],
    ['the login: it must be sent again', { username: 'root' }, true],
    ['the jump server: it must be sent again', { jumpServerId: 'srv_evil' }, true],
    ['the port, with a passphrase alone: it must be sent again', { port: 22, passphrase: 'x' }, true],
    ['the port, with the key', { port: 22, privateKey: 'theirs' }, false],
    [
      'the kind of sign-in and the port, with the password',
      { port: 22, authType: 'password', password: 'x' },
      false,
    ],
  ] as const)('%s', (_, change, refused) => {
    expect(changeIsRefused(change, false)).toBe(refused);
    expect(changeIsRefused(change, true)).toBe(false);
  });

  test('a direct connection instead of a removed jump server counts as another address', () => {
    const lost = { ...source, jumpServerId: null, jumpServerRemoved: 1 };
    const direct = { ...lost, jumpServerRemoved: 0 };
    expect(isRefused('key', () => checkMove(lost, direct, {}, false))).toBe(true);
    expect(isRefused('key', () => checkMove(lost, direct, { privateKey: 'theirs' }, false))).toBe(false);
  });
});
