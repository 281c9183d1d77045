// Which sign-ins at model providers expire: those that OpenClaw does not renew.
import { beforeEach, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../../lib/testing/fake-clock.ts';
import { type CalledGateways, createCalledGateways } from '../testing/called-gateways.ts';
import { createSignInExpiries, type SignInExpiries } from './sign-ins.ts';

const HOUR_MS = 3_600_000;

let clock: FakeClock;
let gateways: CalledGateways;
let changed: (serverId: string) => void;
let signIns: SignInExpiries;
let profiles: unknown;
beforeEach(() => {
  clock = createFakeClock();
  gateways = createCalledGateways();
  gateways.methods['models.authStatus'] = () => ({ providers: [{ provider: 'anthropic', profiles }] });
  gateways.onStateChange = (listener) => {
    changed = (serverId) => listener(serverId, 'disconnected');
    return () => {};
  };
  signIns = createSignInExpiries({ gateways, clock });
});
const read = () => signIns.read('s1', { deadlineMs: 1_000 });
const endsIn = (hours: number) => ({
  expiry: { at: clock.now() + hours * HOUR_MS, remainingMs: 1, label: '1h' },
});

test.each<[string, object]>([
  ['a token that ends', { type: 'token', status: 'ok' }],
  ['a sign-in by OAuth without a refresh token', { type: 'oauth', status: 'expiring' }],
])('%s expires then', async (_, profile) => {
  profiles = [{ profileId: 'p1', ...profile, ...endsIn(5) }];
  expect(await read()).toEqual([{ provider: 'anthropic', profile: 'p1', atMs: clock.now() + 5 * HOUR_MS }]);
});

test.each(['token', 'oauth'])('a %s that has expired and cannot be renewed has no time', async (type) => {
  profiles = [{ profileId: 'p1', type, status: 'expired', reasonCode: 'expired' }];
  expect(await read()).toEqual([{ provider: 'anthropic', profile: 'p1', atMs: null }]);
});

test.each<[string, () => object]>([
  ['a key', () => ({ type: 'api_key', status: 'static' })],
  ['a token without an end', () => ({ type: 'token', status: 'static' })],
  ['a sign-in by OAuth that OpenClaw renews', () => ({ type: 'oauth', status: 'ok', ...endsIn(5) })],
  ['one that it is about to renew', () => ({ type: 'oauth', status: 'expiring', ...endsIn(0.05) })],
  ['one that it will renew at its next use', () => ({ type: 'oauth', status: 'expired', ...endsIn(-5) })],
  [
    'one that another program renews',
    () => ({ type: 'oauth', status: 'expiring', externallyManaged: true, ...endsIn(5) }),
  ],
  ['a time that is none', () => ({ type: 'token', expiry: { at: -1 } })],
  ['a text for a time', () => ({ type: 'token', expiry: { at: 'tomorrow' } })],
  ['no object', () => ({ type: 'token', expiry: 'tomorrow' })],
])('%s does not expire', async (_, profile) => {
  profiles = [{ profileId: 'p1', ...profile() }];
  expect(await read()).toEqual([]);
});

test('a gateway without any is asked again after an hour, or after it was away', async () => {
  profiles = [];
  await read();
  clock.pass(HOUR_MS - 1);
  expect(await read()).toEqual([]);
  expect(gateways.calls).toHaveLength(1);
  profiles = [{ profileId: 'p1', type: 'token', ...endsIn(5) }];
  clock.pass(1);
  expect(await read()).toHaveLength(1);
  await read();
  expect(gateways.calls).toHaveLength(3);
  profiles = [];
  await read();
  changed('s1');
  await read();
  expect(gateways.calls).toHaveLength(5);
});

test('of a hostile gateway, 20 profiles of 300 providers at most are read', async () => {
  profiles = Array.from({ length: 500 }, (_, index) => ({
    profileId: `p${index}`,
    type: 'token',
    ...endsIn(5),
  }));
  gateways.methods['models.authStatus'] = () => ({
    providers: Array.from({ length: 1_000 }, (_, index) => ({ provider: `v${index}`, profiles })),
  });
  expect(await read()).toHaveLength(20 * 300);
});
