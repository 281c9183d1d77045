import { describe, expect, it } from 'vitest';
import {
  changedFields,
  changeOf,
  cloneOf,
  draftOf,
  emptyDraft,
  fieldErrors,
  newServerOf,
  placeOf,
  type ServerDraft,
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

  it('keeps a name that was typed, and a login that the new address does not say', () => {
    const typed = { ...emptyDraft, name: 'My server', isNameTyped: true, username: 'root' };
    expect(withSshCommand(typed, '203.0.113.7')).toMatchObject({
      name: 'My server',
      username: 'root',
      host: '203.0.113.7',
      port: '22',
    });
  });

  it('changes nothing else while the text cannot be read', () => {
    const before = withSshCommand(emptyDraft, 'deploy@host');
    expect(withSshCommand(before, 'deploy@host:')).toEqual({ ...before, command: 'deploy@host:' });
  });
});

const server = serverRecord({ name: 'host', host: 'host.example.com', tags: ['prod'], version: 3 });

describe('what goes to the server', () => {
  const filled = {
    ...withSshCommand(emptyDraft, 'deploy@host'),
    password: ' spaces count ',
    privateKey: 'KEY',
    passphrase: 'phrase',
    newKey: { privateKey: 'MADE', publicLine: 'ssh-ed25519 AAAA buoy' },
    tags: ' prod, ,eu ',
  };

  it('is the password alone when one logs in with it', () => {
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

  it('is the key, and the passphrase only when there is one', () => {
    const withKey = { ...filled, way: 'ownKey' as const };
    expect(newServerOf(withKey)).toMatchObject({
      authType: 'key',
      privateKey: 'KEY',
      passphrase: 'phrase',
    });
    expect(newServerOf(withKey)).not.toHaveProperty('password');
    expect(newServerOf({ ...withKey, passphrase: '' })).not.toHaveProperty('passphrase');
  });

  it('is the private half of the key that the browser made, and never a passphrase of another one', () => {
    const body = newServerOf({ ...filled, way: 'newKey' });
    expect(body).toMatchObject({ authType: 'key', privateKey: 'MADE' });
    expect(body).not.toHaveProperty('passphrase');
  });

  it('is what has changed of a server that is there, and no secret unless one was given', () => {
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

  it('is the host key that was shown, for a new server and a clone, and none where none was', () => {
    const draft = { ...filled, way: 'password' as const };
    const key = { kind: 'key', algorithm: 'ssh-ed25519', fingerprint: 'SHA256:seen' } as const;
    expect(newServerOf(draft, key)).toMatchObject({ hostKey: 'SHA256:seen' });
    expect(cloneOf(draft, key)).toMatchObject({ hostKey: 'SHA256:seen' });
    for (const seen of [null, { kind: 'silent', message: 'No answer.' }, { kind: 'refused' }] as const)
      expect(newServerOf(draft, seen)).not.toHaveProperty('hostKey');
  });

  it('is a direct way in place of a removed jump server only when the person chose it', () => {
    const lost = { ...server, jumpServerRemoved: true };
    const draft = draftOf(lost);
    expect(changeOf(lost, draft)).toEqual({});
    expect(changeOf(lost, { ...draft, name: 'other' })).toEqual({ name: 'other' });
    expect(changeOf(lost, { ...draft, jumpServerId: '' })).toEqual({ jumpServerId: null });
    expect(changeOf(lost, { ...draft, jumpServerId: 'srv_2' })).toEqual({ jumpServerId: 'srv_2' });
    expect(cloneOf({ ...draft, host: 'twin' })).not.toHaveProperty('jumpServerId');
    expect(placeOf({ ...draft, host: 'twin' })).toBeNull();
  });

  it('is an address to look at only when it is complete', () => {
    const at = (change: Partial<ServerDraft>) => placeOf({ ...emptyDraft, ...change });
    expect(at({ host: ' host ', port: '2222' })).toEqual({ host: 'host', port: 2222, jumpServerId: null });
    expect(at({ host: 'host', jumpServerId: 'srv_2' })).toMatchObject({ jumpServerId: 'srv_2' });
    for (const change of [{}, { host: ' ' }, { host: 'host', port: '' }, { host: 'host', port: '70000' }])
      expect(at(change)).toBeNull();
  });

  it('is everything but the stored secret for a clone', () => {
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

it('finds the first message for each field of a refusal, and none in anything else', () => {
  const details = [
    { path: 'host', message: 'must be a host name' },
    { path: 'host', message: 'is too long' },
    { path: 'tags.1', message: 'must not contain a comma' },
  ];
  expect(fieldErrors(details)).toEqual({ host: 'must be a host name', tags: 'must not contain a comma' });
  expect(fieldErrors({ taskId: 'x' })).toEqual({});
  expect(fieldErrors([null, 'text', {}])).toEqual({});
});
