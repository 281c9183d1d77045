// A webhook or browser address must not make Buoy send into networks that only its own machine reaches.
import type { NotificationChannel } from '@buoy/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeHttpReceiver, startFakeHttpReceiver } from '../../../testbed/fake-http-receiver.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

let running: TestBuoy;
let inside: FakeHttpReceiver;
beforeAll(async () => {
  inside = await startFakeHttpReceiver();
  running = await startTestBuoy({ SSH_DENIED_NETWORKS: '127.0.0.0/8,::1/128,169.254.0.0/16' });
});
afterAll(async () => {
  await running.close();
  await inside.stop();
});

test.each([
  ['its own machine', '127.0.0.1'],
  ['its own machine by name', 'localhost'],
  ['its own machine as a number', '2130706433'],
  ['its own machine in octal', '0177.0.0.1'],
  ['its own machine as IPv6', '[::1]'],
  ['its own machine as IPv4 in IPv6', '[::ffff:127.0.0.1]'],
  ['the metadata of a cloud', '169.254.169.254'],
])('a webhook never reaches %s', async (_what, host) => {
  const token = await running.signIn(Math.floor(Math.random() * 1e9));
  const { port } = new URL(inside.url);
  const url = `http://${host}:${host.startsWith('169') ? 80 : port}/`;
  const added = await running.call('POST', '/me/notification-channels', {
    token,
    body: { type: 'webhook', url },
  });
  expect(added.statusCode).toBe(201);
  const { id } = added.json<{ channel: NotificationChannel }>().channel;
  const answer = await running.call('POST', `/me/notification-channels/${id}/test`, { token });
  expect(answer.json()).toMatchObject({
    delivered: false,
    error: expect.stringContaining('sends nothing to'),
  });
  expect(inside.requests).toBe(0);
});

test.each(['upgrade', 'inform', 'hang', 'drop'] as const)(
  'a receiver that answers with "%s" holds an attempt for 16 seconds at most',
  async (behaviour) => {
    const open = await startTestBuoy();
    try {
      const token = await open.signIn(78);
      const body = { type: 'webhook', url: inside.url };
      const added = await open.call('POST', '/me/notification-channels', { token, body });
      const { id } = added.json<{ channel: NotificationChannel }>().channel;
      const beganAt = Date.now();
      inside.misbehave(behaviour);
      const answer = await open.call('POST', `/me/notification-channels/${id}/test`, { token });
      expect(answer.json()).toMatchObject({ delivered: false });
      expect(Date.now() - beganAt).toBeLessThan(20_000);
    } finally {
      inside.requests = 0;
      await open.close();
    }
  },
  60_000,
);

test('somebody who may not add servers learns nothing of private networks', async () => {
  const open = await startTestBuoy({ SSH_DENIED_NETWORKS: '' });
  try {
    const root = await open.signIn(SUPER_ID);
    const token = await open.signIn(77);
    const told = async (host: string) => {
      const body = { type: 'webhook', url: `http://${host}/` };
      const added = await open.call('POST', '/me/notification-channels', { token, body });
      const { id } = added.json<{ channel: NotificationChannel }>().channel;
      const { error } = (await open.call('POST', `/me/notification-channels/${id}/test`, { token })).json();
      return error.replace(host, 'HOST');
    };
    const { host } = new URL(inside.url);
    expect(await told('127.0.0.1:1')).toContain('ECONNREFUSED');
    await open.call('PUT', '/admin/users/77', { token: root, body: { mayAddServers: false } });
    // Costly calls are few: one address, one private network, one name.
    const hosts = [host, '10.0.0.5:8080', 'no-such-host.invalid'];
    const answers: string[] = [];
    for (const one of hosts) answers.push(await told(one));
    expect(new Set(answers)).toEqual(new Set(['This Buoy sends nothing to HOST.']));
    expect(inside.requests).toBe(0);
  } finally {
    await open.close();
  }
}, 60_000);

test.each([
  ['a file', 'file:///etc/passwd'],
  ['a password in it', 'ftp://user:pass@example.org/'],
  ['no address', 'hooks'],
])('a webhook with %s is refused', async (_what, url) => {
  const token = await running.signIn(Math.floor(Math.random() * 1e9));
  const body = { type: 'webhook', url };
  expect((await running.call('POST', '/me/notification-channels', { token, body })).statusCode).toBe(400);
});
