// A requested test joins a running one, unless the tested settings have changed.
import { beforeEach, expect, test } from 'vitest';
import type { Ssh, SshTarget } from '../ssh/ssh.ts';
import { createTestServer, type TestServer } from './test-server.ts';

let target: SshTarget;
let logins: string[];
let refuse: () => void;
let testServer: TestServer;
/** When a test in the background may begin. */
let turn: Promise<void>;

beforeEach(() => {
  target = {
    ...{
      serverId: 's',
      host: 'h',
      port: 22,
      username: 'root',
      hostKey: null,
      credentialHostKey: null,
      jump: null,
    },
    credential: { type: 'password', password: 'first' },
  };
  logins = [];
  turn = Promise.resolve();
  const refusal = Promise.withResolvers<never>();
  refusal.promise.catch(() => undefined);
  refuse = () => refusal.reject(new Error('refused'));
  testServer = createTestServer({
    ssh: {
      test({ credential }: SshTarget) {
        logins.push(credential.type === 'password' ? credential.password : 'key');
        return refusal.promise;
      },
    } as unknown as Ssh,
    targets: {
      find: async () => ({ ...target }),
      onHostKeyPinned: async () => undefined,
      onHostKeyRefused: async () => undefined,
    },
    hostFacts: { read: () => expect.unreachable() },
    installations: { inspect: () => expect.unreachable() },
    status: { read: () => expect.unreachable() },
    observe: async () => undefined,
    backgroundTests: {
      async inTurn(_person, test) {
        await turn;
        return test();
      },
    },
  });
});
const settled = () => new Promise((resolve) => setImmediate(resolve));
const { signal } = new AbortController();

test('a requested test waits for the background test, also when that one has pinned the host key', async () => {
  const background = testServer('s');
  await settled();
  target = { ...target, hostKey: { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:x' } };
  const asked = testServer('s', signal);
  await settled();
  refuse();
  expect(await asked).toEqual(await background);
  expect(logins).toEqual(['first']);
});

test('a requested test does not wait for one in the background that has not begun', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  turn = promise;
  const background = testServer('s');
  await settled();
  const asked = testServer('s', signal);
  await settled();
  expect(logins).toEqual(['first']);
  refuse();
  await asked;
  resolve();
  await background;
  expect(logins).toEqual(['first', 'first']);
});

test('a changed password starts a test of its own, and a finished test is not reused', async () => {
  const before = testServer('s');
  await settled();
  target = { ...target, credential: { type: 'password', password: 'second' } };
  const after = testServer('s', signal);
  await settled();
  expect(logins).toEqual(['first', 'second']);
  refuse();
  await Promise.all([before, after]);
  await testServer('s', signal);
  expect(logins).toEqual(['first', 'second', 'second']);
});

test('a caller that stops waiting does not end the background test', async () => {
  const background = testServer('s');
  await settled();
  const gone = new AbortController();
  const asked = testServer('s', gone.signal);
  await settled();
  gone.abort(new Error('gone'));
  await expect(asked).rejects.toThrow('gone');
  refuse();
  expect(await background).toMatchObject({ ok: false });
});
