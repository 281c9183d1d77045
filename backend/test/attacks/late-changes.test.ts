// A change that waits behind slow private keys must not be applied when the right to make it ends meanwhile.
import { generateKeyPairSync } from 'node:crypto';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { slowKey } from '../../../testbed/freeze-inputs.ts';
import { type AccessFixture, ids, prepareAccessFixture } from '../support/access-fixture.ts';

/** Each takes half a second on an idle machine, one after another; four more of one person may wait. */
const SLOW_KEYS = 5;

const { privateKey: usableKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const elsewhere = { host: '192.0.2.66', authType: 'key', privateKey: usableKey };

describe('a change that waits behind slow keys', () => {
  let fixture: AccessFixture;
  let shared: string;
  beforeEach(async () => {
    fixture = await prepareAccessFixture();
    shared = await fixture.newServer();
  });
  afterEach(() => fixture.running.close());

  /** Sends `change` behind slow keys, runs `meanwhile` while it waits, and returns the answer. */
  async function behindSlowKeys(
    change: () => Promise<LightMyRequestResponse>,
    meanwhile: () => Promise<LightMyRequestResponse>,
  ): Promise<LightMyRequestResponse> {
    const privateKey = await slowKey(32);
    const waiting = new Map<number, Promise<boolean>>(
      Array.from({ length: SLOW_KEYS }, (_, index): [number, Promise<boolean>] => {
        const key = fixture.as('admin', 'POST', '/servers', {
          ...{ name: `slow ${index}`, host: '192.0.2.1', username: 'root' },
          ...{ authType: 'key', privateKey, passphrase: `wrong ${index}` },
        });
        return [index, key.then(() => waiting.delete(index))];
      }),
    );
    const oneMore = () => Promise.race(waiting.values());
    // All are queued when the first is done, so the change comes behind them; it is authorized when the next one is done.
    await oneMore();
    const changed = change();
    await oneMore();
    let isOver = false;
    void changed.then(() => {
      isOver = true;
    });
    expect((await meanwhile()).statusCode).toBeLessThan(300);
    expect(isOver).toBe(false);
    await Promise.all(waiting.values());
    return changed;
  }
  const server = async () => (await fixture.as('super', 'GET', `/servers/${shared}`)).json().server;
  const names = async () =>
    (await fixture.as('super', 'GET', '/servers')).json().servers.map((one: { name: string }) => one.name);
  const newServer = { name: 'late', username: 'root', ...elsewhere };

  test('redirects no server after the admin was revoked', async () => {
    const before = await server();
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'PUT', `/servers/${shared}`, elsewhere),
      () => fixture.as('owner', 'DELETE', `/servers/${shared}/access/${ids.admin}`),
    );
    expect(statusCode).toBe(403);
    expect(await server()).toEqual(before);
  });

  test('redirects no server after the device was signed out', async () => {
    const before = await server();
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'PUT', `/servers/${shared}`, elsewhere),
      async () => {
        const token = await fixture.running.signIn(Number(ids.admin));
        const { sessions } = (await fixture.running.call('GET', '/me/sessions', { token })).json();
        const other = sessions.find((one: { current: boolean }) => !one.current).id;
        return fixture.running.call('DELETE', `/me/sessions/${other}`, { token });
      },
    );
    expect(statusCode).toBe(401);
    expect(await server()).toEqual(before);
  });

  test('adds no server after the person was disabled', async () => {
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'POST', '/servers', newServer),
      () => fixture.as('super', 'POST', `/admin/users/${ids.admin}/disable`),
    );
    expect(statusCode).toBe(401);
    expect(await names()).toEqual(['shared']);
  });

  test('adds no server after the right to add servers was taken away', async () => {
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'POST', '/servers', newServer),
      () => fixture.as('super', 'PUT', `/admin/users/${ids.admin}`, { mayAddServers: false }),
    );
    expect(statusCode).toBe(403);
    expect(await names()).toEqual(['shared']);
  });

  test('clones no server after the admin was revoked', async () => {
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'POST', `/servers/${shared}/clone`, newServer),
      () => fixture.as('owner', 'DELETE', `/servers/${shared}/access/${ids.admin}`),
    );
    expect(statusCode).toBe(403);
    expect(await names()).toEqual(['shared']);
  });

  test('sets no jump server after the admin was revoked there', async () => {
    const jump = await fixture.newServer({ name: 'jump' });
    const before = await server();
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'PUT', `/servers/${shared}`, { ...elsewhere, jumpServerId: jump }),
      () => fixture.as('owner', 'DELETE', `/servers/${jump}/access/${ids.admin}`),
    );
    expect(statusCode).toBe(400);
    expect(await server()).toEqual(before);
  });

  test('is applied while the right lasts', async () => {
    const { statusCode } = await behindSlowKeys(
      () => fixture.as('admin', 'PUT', `/servers/${shared}`, elsewhere),
      () => fixture.as('owner', 'DELETE', `/servers/${shared}/access/${ids.viewer}`),
    );
    expect(statusCode).toBe(200);
    expect(await server()).toMatchObject({ host: elsewhere.host });
  });
});
