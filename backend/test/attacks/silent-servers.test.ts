// One person's hundred servers that accept every command and never end it must not hide the inbox of others.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';

const SERVERS = 100;
const OWN = 'zz my own';

let fixture: AccessFixture;
let silent: ssh2.Server;
beforeAll(async () => {
  fixture = await prepareAccessFixture();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const hostKey = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  silent = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (context) => context.accept());
    client.on('session', (accept) => accept().on('exec', (acceptExec) => void acceptExec()));
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterAll(async () => {
  await fixture.running.close();
  silent.close();
});

const add = (by: 'super' | 'stranger', name: string, port: number) =>
  fixture.as(by, 'POST', '/servers', {
    ...{ name, host: '127.0.0.1', port, username: 'x', authType: 'password', password: 'x' },
  });

/** How long the inbox of the super-admin took, and what it says of their own server. */
async function readInbox(): Promise<{ ms: number; own: string | undefined }> {
  const startedAt = performance.now();
  const answer = await fixture.as('super', 'GET', '/inbox');
  const unreachable: Array<{ serverName: string; reason: string }> = answer.json().unreachable;
  return {
    ms: performance.now() - startedAt,
    own: unreachable.find(({ serverName }) => serverName === OWN)?.reason,
  };
}

describe('a hundred silent servers of a stranger', () => {
  test('do not keep the own server of a super-admin out of the inbox, and slow it down only at first', async () => {
    await add('super', OWN, 1);
    const { port } = silent.address() as AddressInfo;
    // Their names sort before all others.
    for (let index = 0; index < SERVERS; index += 1) await add('stranger', `00 ${index}`, port);
    const first = await readInbox();
    expect(first.own).toContain('refused');
    // The first answer has no time for all of them, so that the second one still meets some for the first time.
    expect((await readInbox()).own).toContain('refused');
    const third = await readInbox();
    expect(third.own).toContain('refused');
    expect(third.ms).toBeLessThan(5_000);
  });
});
