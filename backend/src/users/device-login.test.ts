// Device sign-in on the real stores with a FakeClock.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import type { CallerInPerson } from './caller.ts';
import { createDeviceLoginStore } from './device-login.store.ts';
import { createDeviceLogins, type DeviceLogins } from './device-login.ts';
import { createSessionStore } from './sessions.store.ts';
import { createSignInStore } from './sign-in.store.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { admissionParts, linkCodeFor } from './testing/people.ts';
import { createTokens } from './tokens.ts';
import { createUserStore } from './users.store.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const terminal = { ip: '203.0.113.7', userAgent: 'buoy-cli/1.0' };
const origin = 'http://10.0.0.5:8080';

let database: DatabaseHandle;
let clock: FakeClock;
let signIn: SignIn;
let deviceLogins: DeviceLogins;
let ada: CallerInPerson;

beforeEach(async () => {
  clock = createFakeClock();
  const [sqlite] = testDatabases();
  database = await (sqlite ?? expect.unreachable()).open();
  signIn = createSignIn({
    users: createUserStore(database.db),
    sessions: createSessionStore(database.db),
    store: createSignInStore(database.db),
    tokens: await createTokens({ secrets: ['a secret of at least 32 characters'], clock }),
    botToken: null,
    ...admissionParts(database, clock),
    sessionMaxDays: 90,
    commands: 'npm',
    clock,
  });
  deviceLogins = loginsAt(null);
  ada = await newPerson('ada');
});
afterEach(() => database.close());

function loginsAt(appDomain: string | null): DeviceLogins {
  return createDeviceLogins({ store: createDeviceLoginStore(database), signIn, appDomain, clock });
}
async function newPerson(id: string): Promise<CallerInPerson> {
  const empty = { username: null, firstName: null, lastName: null, photoUrl: null, languageCode: null };
  await createUserStore(database.db).upsert({ id, ...empty }, '2026-01-01T00:00:00.000Z');
  const { token } = await signIn.byLink(await linkCodeFor(id, database, clock), {
    ip: '127.0.0.1',
    userAgent: null,
  });
  return signIn.authenticate(token);
}

/** "ok", or the code of the refusal. */
const verdict = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );
const begin = () => deviceLogins.begin(terminal, origin);
const redeem = (deviceCode: string) => verdict(deviceLogins.redeem(deviceCode, terminal));

describe('device sign-in', () => {
  test('returns a user code, a verification URL and a device code', async () => {
    const started = await begin();
    expect(started).toEqual({
      userCode: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/),
      deviceCode: expect.stringMatching(/^[\w-]{43}$/),
      verificationUrl: `${origin}/device#code=${started.userCode}`,
      interval: 5,
      expiresIn: 600,
    });
    const { verificationUrl, userCode } = await loginsAt('buoy.example.org').begin(terminal, origin);
    expect(verificationUrl).toBe(`https://buoy.example.org/device#code=${userCode}`);
  });

  test('waits for approval, then signs in as that person once', async () => {
    const { userCode, deviceCode } = await begin();
    expect(await redeem(deviceCode)).toBe('authorization_pending');
    expect(await redeem(deviceCode)).toBe('authorization_pending');
    await deviceLogins.approve(ada, userCode);
    const later = { ip: '198.51.100.9', userAgent: 'buoy-cli/1.1' };
    const { token, user } = await deviceLogins.redeem(deviceCode, later);
    expect(user).toEqual(ada.user);
    const caller = await signIn.authenticate(token);
    expect((await signIn.sessions(caller)).find(({ current }) => current)).toMatchObject({
      kind: 'device',
      ...later,
    });
    expect(await redeem(deviceCode)).toBe('sign_in_failed');
  });

  test('can be renewed for 90 days and no longer', async () => {
    const { userCode, deviceCode } = await begin();
    await deviceLogins.approve(ada, userCode);
    let { token, refreshCookie } = await deviceLogins.redeem(deviceCode, terminal);
    for (let month = 0; month < 3; month += 1) {
      clock.pass(29 * DAY_MS);
      expect(await verdict(signIn.authenticate(token))).toBe('token_expired');
      ({ token, refreshCookie } = await signIn.refresh(refreshCookie));
      expect(await verdict(signIn.authenticate(token))).toBe('ok');
    }
    clock.pass(3 * DAY_MS);
    expect(await verdict(signIn.refresh(refreshCookie))).toBe('session_revoked');
  });

  test('ends after thirty days without use', async () => {
    const { userCode, deviceCode } = await begin();
    await deviceLogins.approve(ada, userCode);
    const { refreshCookie } = await deviceLogins.redeem(deviceCode, terminal);
    clock.pass(30 * DAY_MS);
    expect(await verdict(signIn.refresh(refreshCookie))).toBe('session_revoked');
  });

  test('opens one session for ten parallel polls after approval', async () => {
    const { userCode, deviceCode } = await begin();
    await deviceLogins.approve(ada, userCode);
    const verdicts = await Promise.all(Array.from({ length: 10 }, () => redeem(deviceCode)));
    expect(verdicts.filter((one) => one === 'ok')).toHaveLength(1);
    expect(verdicts.filter((one) => one === 'sign_in_failed')).toHaveLength(9);
    expect((await signIn.sessions(ada)).filter(({ kind }) => kind === 'device')).toHaveLength(1);
  });

  test('allows ten minutes for the approval and ten for the next poll', async () => {
    const [first, second] = [await begin(), await begin()];
    clock.pass(10 * MINUTE_MS - 1);
    await deviceLogins.approve(ada, first.userCode);
    expect(await redeem(second.deviceCode)).toBe('authorization_pending');
    clock.pass(1);
    expect(await redeem(first.deviceCode)).toBe('sign_in_failed');
    expect(await redeem(second.deviceCode)).toBe('sign_in_failed');
    expect(await verdict(deviceLogins.approve(ada, second.userCode))).toBe('not_found');
    expect(await verdict(deviceLogins.show(second.userCode))).toBe('not_found');
  });

  test('refuses the user code and made-up codes', async () => {
    const { userCode, deviceCode } = await begin();
    await deviceLogins.approve(ada, userCode);
    for (const code of [userCode, userCode.replace('-', ''), `${deviceCode}x`, 'A'.repeat(43), ' '])
      expect(await redeem(code)).toBe('sign_in_failed');
    expect(await redeem(deviceCode)).toBe('ok');
  });

  test('allows twenty waiting requests per address until the oldest ends', async () => {
    await begin();
    clock.pass(MINUTE_MS);
    for (let count = 0; count < 19; count += 1) await begin();
    await expect(begin()).rejects.toMatchObject({
      code: 'rate_limited',
      details: { retryAfterS: 540 },
      hint: expect.stringContaining('540 seconds'),
    });
    const elsewhere = { ...terminal, ip: '198.51.100.9' };
    expect(await verdict(deviceLogins.begin(elsewhere, origin))).toBe('ok');
    clock.pass(9 * MINUTE_MS - 1);
    expect(await verdict(begin())).toBe('rate_limited');
    clock.pass(1);
    expect(await verdict(begin())).toBe('ok');
  });

  test('deletes expired requests when the next one starts', async () => {
    await begin();
    clock.pass(10 * MINUTE_MS);
    await begin();
    expect(await database.db.selectFrom('deviceLogins').select('userCode').execute()).toHaveLength(1);
  });
});

describe('approving a device', () => {
  test('shows the requesting device for a code in any notation', async () => {
    const { userCode } = await begin();
    for (const typed of [userCode, userCode.toLowerCase(), userCode.replace('-', ' '), ` ${userCode} `])
      expect(await deviceLogins.show(typed)).toEqual({
        userCode,
        ...terminal,
        createdAt: '2026-03-01T10:00:00.000Z',
        expiresAt: '2026-03-01T10:10:00.000Z',
      });
    expect(await verdict(deviceLogins.show('BBBB-BBBB'))).toBe('not_found');
  });

  test("signs in the approving person, and fails after another person's approval", async () => {
    const eve = await newPerson('eve');
    const { userCode, deviceCode } = await begin();
    await deviceLogins.approve(ada, userCode);
    expect(await verdict(deviceLogins.approve(eve, userCode))).toBe('conflict');
    expect(await verdict(deviceLogins.approve(ada, userCode))).toBe('conflict');
    expect((await deviceLogins.redeem(deviceCode, terminal)).user.id).toBe('ada');
    expect(await verdict(deviceLogins.approve(eve, userCode))).toBe('not_found');
  });

  test('makes the device a session that the person can sign out', async () => {
    const { userCode, deviceCode } = await begin();
    await deviceLogins.approve(ada, userCode);
    const { token } = await deviceLogins.redeem(deviceCode, terminal);
    const { sessionId } = await signIn.authenticate(token);
    await signIn.signOut(ada, sessionId);
    expect(await verdict(signIn.authenticate(token))).toBe('session_revoked');
  });
});
