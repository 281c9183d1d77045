// Who may point Buoy to which host, and which right stays with the server.
import { describe, expect, test } from 'vitest';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { createAddressLookup } from '../ssh/address-lookup.ts';
import { createAddressPolicy } from '../ssh/address-policy.ts';
import type { Caller } from '../users/caller.ts';
import { createHostCheck } from './host-check.ts';

const caller = (isSuperAdmin: boolean) => ({ user: { id: 'u', isSuperAdmin } }) as Caller;
const [user, superAdmin] = [caller(false), caller(true)];
const names: Record<string, string[]> = {
  inner: ['127.0.0.1', '::1'],
  outer: ['192.0.2.1'],
  mixed: ['127.0.0.1', '192.0.2.1'],
};
const lookup = createAddressLookup({
  async resolve(host) {
    if (names[host] === undefined) throw Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' });
    return names[host].map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  },
});
const clock = createFakeClock();
const policy = createAddressPolicy(['127.0.0.0/8', '::1/128']);
const check = createHostCheck({ policy, lookup, clock });
const at = (host: string, changes = {}) => ({ host, port: 22, jumpServerId: null, ...changes });

describe('a new server', () => {
  test('in a denied network is refused with the field name and the setting', async () => {
    await expect(check(user, at('inner'), null)).rejects.toMatchObject({
      code: 'invalid_request',
      details: [{ path: 'host' }],
      hint: expect.stringContaining('SSH_DENIED_NETWORKS'),
    });
  });

  test.each(['outer', 'mixed', 'unknown'])(
    'with an allowed or not yet known address is accepted: %s',
    async (host) => {
      expect(await check(user, at(host), null)).toBe(0);
    },
  );

  test.each([
    ['inner', 1],
    ['mixed', 1],
    ['unknown', 1],
    ['outer', 0],
  ] as const)('of a super-admin may have any address, and only that one: %s', async (host, may) => {
    expect(await check(superAdmin, at(host), null)).toBe(may);
  });

  test('behind a jump server may have an address that a later direct connection may not', async () => {
    const behind = at('inner', { jumpServerId: 'srv_jump' });
    expect(await check(user, behind, null)).toBe(0);
    expect(await check(superAdmin, behind, null)).toBe(0);
  });

  test('is accepted after 2 s when the name server does not answer', async () => {
    const silent = createAddressLookup({ resolve: () => new Promise(() => {}) });
    const slow = createHostCheck({ policy, lookup: silent, clock });
    const checked = slow(user, at('inner'), null);
    clock.pass(2_000);
    expect(await checked).toBe(0);
  });

  test('is not looked up when no network is denied', async () => {
    const open = createHostCheck({
      policy: createAddressPolicy([]),
      lookup: () => expect.unreachable(),
      clock,
    });
    expect(await open(user, at('inner'), null)).toBe(0);
  });
});

describe("a super-admin's server in a denied network", () => {
  const before = { ...at('inner'), mayUseDeniedNetworks: 1, ownerId: 'u' };

  test('keeps its right when someone else saves the same address', async () => {
    expect(await check(user, at('inner'), before)).toBe(1);
  });

  test('refuses another port from someone else, and a direct connection around its jump server', async () => {
    await expect(check(user, at('inner', { port: 23 }), before)).rejects.toMatchObject({
      code: 'invalid_request',
    });
    const behind = { ...at('inner', { jumpServerId: 'srv_jump' }), mayUseDeniedNetworks: 0, ownerId: 'u' };
    await expect(check(user, at('inner'), behind)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('loses the right when someone else changes its address', async () => {
    expect(await check(user, at('outer'), before)).toBe(0);
  });

  test('keeps what it had when its name is not resolved at that moment', async () => {
    for (const mayUseDeniedNetworks of [0, 1])
      expect(
        await check(superAdmin, at('unknown'), { ...before, ...at('unknown'), mayUseDeniedNetworks }),
      ).toBe(mayUseDeniedNetworks);
  });

  test('gets the right when the super-admin enters the same address again', async () => {
    expect(await check(superAdmin, at('inner'), { ...before, mayUseDeniedNetworks: 0 })).toBe(1);
  });
});

describe("somebody else's server of which a super-admin names the same address, to change its login", () => {
  test.each(['unknown', 'inner', 'outer'])('keeps the limits that it had: %s', async (host) => {
    for (const mayUseDeniedNetworks of [0, 1]) {
      const before = { ...at(host), mayUseDeniedNetworks, ownerId: 'stranger' };
      expect(await check(superAdmin, at(host), before)).toBe(mayUseDeniedNetworks);
    }
  });

  test('has the right at another address that the super-admin enters', async () => {
    const before = { ...at('outer'), mayUseDeniedNetworks: 0, ownerId: 'stranger' };
    expect(await check(superAdmin, at('inner'), before)).toBe(1);
  });
});
