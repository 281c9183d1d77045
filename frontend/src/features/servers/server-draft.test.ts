import { describe, expect, it } from 'vitest';
import { emptyDraft, fieldErrors, newServerOf, withSshCommand } from './server-draft.ts';

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

describe('what goes to the server', () => {
  const filled = {
    ...withSshCommand(emptyDraft, 'deploy@host'),
    password: ' spaces count ',
    privateKey: 'KEY',
    passphrase: 'phrase',
    tags: ' prod, ,eu ',
  };

  it('is the password alone when one logs in with it', () => {
    expect(newServerOf(filled)).toEqual({
      name: 'host',
      host: 'host',
      port: 22,
      username: 'deploy',
      tags: ['prod', 'eu'],
      authType: 'password',
      password: ' spaces count ',
    });
  });

  it('is the key, and the passphrase only when there is one', () => {
    const withKey = { ...filled, authType: 'key' as const };
    expect(newServerOf(withKey)).toMatchObject({ privateKey: 'KEY', passphrase: 'phrase' });
    expect(newServerOf(withKey)).not.toHaveProperty('password');
    expect(newServerOf({ ...withKey, passphrase: '' })).not.toHaveProperty('passphrase');
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
