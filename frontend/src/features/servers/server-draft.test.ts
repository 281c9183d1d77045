import { describe, expect, it } from 'vitest';
import {
  changedFields,
  changeOf,
  cloneOf,
  draftOf,
  emptyDraft,
  hasNoWay,
  newServerOf,
  placeOf,
  type ServerDraft,
  sendsToUnknownKey,
  withSshCommand,
} from './server-draft.ts';
import { serverRecord } from './testing/server-record.ts';

describe('pasting an ssh command into the form', () => {
  it('fills in address, login and a short name', () => {
    expect(withSshCommand(emptyDraft, 'ssh -p 2222 deploy@web-1.example.com')).toMatchObject({
      host: 'web-1.example.com',
      port: '2222',
      username: 'deploy',
      name: 'web-1',
    });
  });

  it('keeps a typed name, and the login when the new address has none', () => {
    const typed = { ...emptyDraft, name: 'My server', isNameTyped: true, username: 'root' };
    expect(withSshCommand(typed, '203.0.113.7')).toMatchObject({
      name: 'My server',
      username: 'root',
      host: '203.0.113.7',
      port: '22',
    });
  });

  it('changes no other field while the text cannot be parsed', () => {
    const before = withSshCommand(emptyDraft, 'deploy@host');
    expect(withSshCommand(before, 'deploy@host:')).toEqual({ ...before, command: 'deploy@host:' });
  });
});

const server = serverRecord({ name: 'host', host: 'host.example.com', tags: ['prod'], version: 3 });

describe('server request body', () => {
  const filled = {
    ...withSshCommand(emptyDraft, 'deploy@host'),
    password: ' spaces count ',
    privateKey: 'KEY',
    passphrase: 'phrase',
    newKey: { privateKey: 'MADE', publicLine: 'ssh-ed25519 AAAA buoy' },
    tags: ' prod, ,eu ',
  };

  it('contains only the password for a password login', () => {
    expect(newServerOf({ ...filled, way: 'password' })).toEqual({
      name: 'host',
      host: 'host',
      port: 22,
      username: 'deploy',
      tags: ['prod', 'eu'],
      jumpServerId: null,
      authType: 'password',
      password: ' spaces count ',
    });
  });

  it('contains the key, and a passphrase only if given', () => {
    const withKey = { ...filled, way: 'ownKey' as const };
    expect(newServerOf(withKey)).toMatchObject({
      authType: 'key',
      privateKey: 'KEY',
      passphrase: 'phrase',
    });
    expect(newServerOf(withKey)).not.toHaveProperty('password');
    expect(newServerOf({ ...withKey, passphrase: '' })).not.toHaveProperty('passphrase');
  });

  it('contains the private key created in the browser, without another key’s passphrase', () => {
    const body = newServerOf({ ...filled, way: 'newKey' });
    expect(body).toMatchObject({ authType: 'key', privateKey: 'MADE' });
    expect(body).not.toHaveProperty('passphrase');
  });

  it('contains only changed fields of an existing server, and no secret unless one was given', () => {
    const draft = draftOf(server);
    expect(changeOf(server, draft)).toEqual({});
    expect(changedFields(server, draft)).toEqual([]);
    expect(changedFields(server, { ...draft, port: '2222', way: 'ownKey' })).toEqual(['port', 'credential']);
    expect(changeOf(server, { ...draft, name: 'other', tags: 'prod, eu', jumpServerId: 'srv_2' })).toEqual({
      name: 'other',
      tags: ['prod', 'eu'],
      jumpServerId: 'srv_2',
    });
    expect(changeOf(server, { ...draft, way: 'password', password: 'new' })).toEqual({
      authType: 'password',
      password: 'new',
    });
  });

  it('contains the shown host key for a change that sends a secret to a server without a pinned one', () => {
    const unpinned = { ...server, hostKey: null };
    const draft = draftOf(unpinned);
    const key = { kind: 'key', algorithm: 'ssh-ed25519', fingerprint: 'SHA256:seen' } as const;
    expect(changeOf(unpinned, { ...draft, port: '2222' }, key)).toEqual({
      port: 2222,
      hostKey: 'SHA256:seen',
    });
    const sends = (change: Partial<ServerDraft>, of = unpinned) =>
      sendsToUnknownKey(of, { ...draft, ...change });
    expect([sends({ port: '2222' }), sends({ way: 'password', password: 'new' })]).toEqual([true, true]);
    expect([sends({}), sends({ name: 'other', tags: 'eu' })]).toEqual([false, false]);
    const pinned = {
      ...server,
      hostKey: { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:x', pinnedAt: '' },
    };
    expect(sendsToUnknownKey(pinned, { ...draft, port: '2222' })).toBe(false);
  });

  it('contains the shown host key for a new server and a clone, if any', () => {
    const draft = { ...filled, way: 'password' as const };
    const key = { kind: 'key', algorithm: 'ssh-ed25519', fingerprint: 'SHA256:seen' } as const;
    expect(newServerOf(draft, key)).toMatchObject({ hostKey: 'SHA256:seen' });
    expect(cloneOf(draft, key)).toMatchObject({ hostKey: 'SHA256:seen' });
    for (const seen of [null, { kind: 'silent', message: 'No answer.' }, { kind: 'refused' }] as const)
      expect(newServerOf(draft, seen)).not.toHaveProperty('hostKey');
  });

  it('replaces a removed jump server by a direct connection only if chosen', () => {
    const lost = { ...server, jumpServerRemoved: true };
    const draft = draftOf(lost);
    expect(changeOf(lost, draft)).toEqual({});
    expect(changeOf(lost, { ...draft, name: 'other' })).toEqual({ name: 'other' });
    expect(changeOf(lost, { ...draft, jumpServerId: '' })).toEqual({ jumpServerId: null });
    expect(changeOf(lost, { ...draft, jumpServerId: 'srv_2' })).toEqual({ jumpServerId: 'srv_2' });
    expect(cloneOf({ ...draft, host: 'twin' })).not.toHaveProperty('jumpServerId');
    expect(placeOf({ ...draft, host: 'twin' })).toBeNull();
  });

  it('has no way to a server whose jump server was removed, and so no host key to show, until one is chosen', () => {
    const draft = { ...draftOf({ ...server, jumpServerRemoved: true }), host: 'twin' };
    expect(hasNoWay(draft)).toBe(true);
    for (const jumpServerId of ['', 'srv_2']) {
      const chosen = { ...draft, jumpServerId };
      expect(hasNoWay(chosen)).toBe(false);
      expect(placeOf(chosen)).not.toBeNull();
    }
    expect(hasNoWay(emptyDraft)).toBe(false);
  });

  it('offers an address for the host key check only when it is complete', () => {
    const at = (change: Partial<ServerDraft>) => placeOf({ ...emptyDraft, ...change });
    expect(at({ host: ' host ', port: '2222' })).toEqual({ host: 'host', port: 2222, jumpServerId: null });
    expect(at({ host: 'host', jumpServerId: 'srv_2' })).toMatchObject({ jumpServerId: 'srv_2' });
    for (const change of [{}, { host: ' ' }, { host: 'host', port: '' }, { host: 'host', port: '70000' }])
      expect(at(change)).toBeNull();
  });

  it('contains everything but the stored secret for a clone', () => {
    expect(cloneOf({ ...draftOf(server), name: 'second', host: '203.0.113.8' })).toEqual({
      name: 'second',
      host: '203.0.113.8',
      port: 22,
      username: 'deploy',
      tags: ['prod'],
      jumpServerId: null,
    });
  });
});
