// Sign-in, session renewal and sign-out on the real stores with a FakeClock.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createSessionStore } from './sessions.store.ts';
import { createSignInStore } from './sign-in.store.ts';
import { createSignIn, type SignedIn, type SignIn } from './sign-in.ts';
import { admissionParts, linkCodeFor, signInLinksOf } from './testing/people.ts';
import { createTokens } from './tokens.ts';
import { createUserStore } from './users.store.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const phone = { ip: '203.0.113.7', userAgent: 'Telegram-Android' };
const laptop = { ip: '198.51.100.9', userAgent: null };
const ada = { id: 42, first_name: 'Ada', username: 'ada' };

let database: DatabaseHandle;
let now: number;

beforeEach(async () => {
  now = Date.parse('2026-03-01T10:00:00.000Z');
  const [sqlite] = testDatabases();
  if (sqlite === undefined) throw new Error('SQLite is always there.');
  database = await sqlite.open();
});
afterEach(() => database.close());

const clock = { now: () => now, after: () => () => undefined };
const links = () => signInLinksOf(database, clock);

async function signInWith(options: { botToken?: string | null; admins?: string[]; secret?: string } = {}) {
  const { botToken = BOT_TOKEN, admins = [], secret = 'a secret of at least 32 characters' } = options;
  return createSignIn({
    users: createUserStore(database.db),
    sessions: createSessionStore(database.db),
    store: createSignInStore(database.db),
    tokens: await createTokens({ secrets: [secret], clock }),
    botToken,
    ...admissionParts(database, clock, { adminUserIds: new Set(admins) }),
    sessionMaxDays: 90,
    commands: 'npm',
    clock,
  });
}

/** initData that Telegram makes at this moment. */
const launch = (user: { id: number; first_name: string } = ada): string =>
  forgeInitData(user, BOT_TOKEN, now);

/** "ok", or the code of the refusal. */
const verdict = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );

describe('a Mini App launch', () => {
  let signIn: SignIn;
  beforeEach(async () => {
    signIn = await signInWith();
  });
  const use = (initData: string, launchKey?: string) =>
    verdict(signIn.byTelegram(launchKey === undefined ? { initData } : { initData, launchKey }, phone));

  test('signs the person in with their Telegram profile', async () => {
    const { token, user } = await signIn.byTelegram({ initData: launch() }, phone);
    expect(user).toEqual({
      id: '42',
      username: 'ada',
      firstName: 'Ada',
      lastName: null,
      photoUrl: null,
      languageCode: null,
      isSuperAdmin: false,
      approved: false,
      mayAddServers: false,
      createdAt: '2026-03-01T10:00:00.000Z',
    });
    expect(await signIn.authenticate(token)).toMatchObject({ user: { id: '42' } });
  });

  test('signs in again after a reload with the same launch key', async () => {
    const initData = launch();
    expect([await use(initData, 'key'), await use(initData, 'key')]).toEqual(['ok', 'ok']);
  });

  test.each([
    ['brought a key', 'brings another', 'key', 'other'],
    ['brought a key', 'brings none', 'key', undefined],
    ['brought none', 'brings one', undefined, 'key'],
  ])('that %s first and %s later is refused', async (_first, _later, first, later) => {
    const initData = launch();
    expect([await use(initData, first), await use(initData, later)]).toEqual(['ok', 'sign_in_failed']);
    // The refusal changes nothing for the launch that was first.
    expect(await use(initData, first)).toBe('ok');
  });

  test('first used without a launch key works again without one', async () => {
    const initData = launch();
    expect([await use(initData), await use(initData)]).toEqual(['ok', 'ok']);
  });

  test('cannot be replayed by re-encoding its initData', async () => {
    const initData = launch();
    expect(await use(initData, 'key')).toBe('ok');
    const rewritten = [...new URLSearchParams(initData)]
      .reverse()
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    expect(rewritten).not.toBe(initData);
    expect(await use(rewritten, 'thief')).toBe('sign_in_failed');
  });

  test('is refused after an hour, with or without its key, even after its use is forgotten', async () => {
    const initData = launch();
    expect(await use(initData, 'key')).toBe('ok');
    now += HOUR_MS;
    expect(await use(initData, 'key')).toBe('ok');
    now += 1_000;
    expect(await use(initData, 'key')).toBe('sign_in_failed');
    for (let minute = 0; minute < 10; minute += 1) {
      now += MINUTE_MS;
      expect(await use(launch({ id: 7, first_name: `someone ${minute}` }))).toBe('ok');
      expect(await use(initData, 'thief')).toBe('sign_in_failed');
    }
  });

  test('dated a minute ahead stays bound while it is fresh', async () => {
    const initData = forgeInitData(ada, BOT_TOKEN, now + MINUTE_MS);
    expect(await use(initData, 'key')).toBe('ok');
    now += HOUR_MS + MINUTE_MS;
    await use(launch({ id: 7, first_name: 'someone' }));
    expect(await use(initData, 'thief')).toBe('sign_in_failed');
    expect(await use(initData, 'key')).toBe('ok');
  });

  test('for another bot is refused and creates nobody', async () => {
    const initData = forgeInitData(ada, '1:another-bot-of-somebody', now);
    expect(await use(initData)).toBe('sign_in_failed');
    expect(await createUserStore(database.db).isEmpty()).toBe(true);
  });

  test('with malformed initData answers invalid_request', async () => {
    expect(await use('nonsense')).toBe('invalid_request');
  });

  test('replayed by thirty thieves and the person at once signs in only one of them', async () => {
    const initData = launch();
    const verdicts = await Promise.all(
      Array.from({ length: 31 }, (_, index) => use(initData, `key ${index}`)),
    );
    expect(verdicts.filter((one) => one === 'ok')).toHaveLength(1);
  });

  test('is refused with a message when Telegram is not set up', async () => {
    const without = await signInWith({ botToken: null });
    expect(await verdict(without.byTelegram({ initData: launch() }, phone))).toBe('sign_in_failed');
  });
});

describe('a one-time sign-in link', () => {
  let signIn: SignIn;
  beforeEach(async () => {
    signIn = await signInWith({ botToken: null });
  });
  const printed = async (): Promise<string> => (await links().forFirstStart()) ?? expect.unreachable();

  test('creates the first super-admin and works once', async () => {
    const code = await printed();
    const { user } = await signIn.byLink(code, laptop);
    expect(user).toMatchObject({ id: expect.stringMatching(/^u_/), isSuperAdmin: true });
    expect(await verdict(signIn.byLink(code, laptop))).toBe('sign_in_failed');
  });

  test('expires after a day', async () => {
    const code = await printed();
    now += DAY_MS;
    expect(await verdict(signIn.byLink(code, laptop))).toBe('sign_in_failed');
    const fresh = await printed();
    now += DAY_MS - 1;
    expect(await verdict(signIn.byLink(fresh, laptop))).toBe('ok');
  });

  test('printed again at a restart invalidates the previous one', async () => {
    const [first, second] = [await printed(), await printed()];
    expect(await verdict(signIn.byLink(first, laptop))).toBe('sign_in_failed');
    expect(await verdict(signIn.byLink(second, laptop))).toBe('ok');
  });

  test('that was made up is refused', async () => {
    for (const code of ['', 'x', 'A'.repeat(43)])
      expect(await verdict(signIn.byLink(code, laptop))).toBe('sign_in_failed');
  });
});

describe('session renewal', () => {
  let signIn: SignIn;
  let signed: SignedIn;
  beforeEach(async () => {
    signIn = await signInWith();
    signed = await signIn.byTelegram({ initData: launch() }, phone);
  });

  test('returns a new token of the same session and a new cookie', async () => {
    const renewed = await signIn.refresh(signed.refreshCookie);
    expect(renewed.refreshCookie).not.toBe(signed.refreshCookie);
    expect(renewed.user).toEqual(signed.user);
    const [before, after] = [
      await signIn.authenticate(signed.token),
      await signIn.authenticate(renewed.token),
    ];
    expect(after).toEqual(before);
  });

  test('uses up the cookie, and the new one works', async () => {
    const { refreshCookie } = await signIn.refresh(signed.refreshCookie);
    expect(await verdict(signIn.refresh(refreshCookie))).toBe('ok');
  });

  test('ends the session and its tokens when a cookie is reused', async () => {
    const renewed = await signIn.refresh(signed.refreshCookie);
    expect(await verdict(signIn.refresh(signed.refreshCookie))).toBe('session_revoked');
    expect(await verdict(signIn.refresh(renewed.refreshCookie))).toBe('session_revoked');
    for (const token of [signed.token, renewed.token])
      expect(await verdict(signIn.authenticate(token))).toBe('session_revoked');
  });

  test('ends the session when an older cookie is reused', async () => {
    const second = await signIn.refresh(signed.refreshCookie, 'tab');
    await signIn.refresh(second.refreshCookie, 'tab');
    expect(await verdict(signIn.refresh(signed.refreshCookie, 'tab'))).toBe('session_revoked');
  });

  test('retried with the same attempt key returns another cookie and voids the lost one', async () => {
    const lost = await signIn.refresh(signed.refreshCookie, 'tab');
    now += MINUTE_MS;
    const again = await signIn.refresh(signed.refreshCookie, 'tab');
    expect(again.refreshCookie).not.toBe(lost.refreshCookie);
    expect(await verdict(signIn.refresh(lost.refreshCookie))).toBe('unauthenticated');
    expect(await verdict(signIn.refresh(again.refreshCookie, 'tab'))).toBe('ok');
  });

  test('accepts the lost cookie when retried with the same attempt key', async () => {
    const late = await signIn.refresh(signed.refreshCookie, 'tab');
    await signIn.refresh(signed.refreshCookie, 'tab');
    expect(await verdict(signIn.refresh(late.refreshCookie, 'tab'))).toBe('ok');
  });

  test('may be retried twice; then a person has sixty retries for all sessions, and one more each second', async () => {
    const others: SignedIn[] = [];
    for (let session = 0; session < 4; session += 1) {
      now += 1;
      others.push(await signIn.byTelegram({ initData: launch() }, phone));
    }
    const all = [signed, ...others];
    for (const { refreshCookie } of all) await signIn.refresh(refreshCookie, 'tab');
    const retries = async ({ refreshCookie }: SignedIn): Promise<string[]> => {
      const verdicts: string[] = [];
      for (let count = 0; count < 21; count += 1)
        verdicts.push(await verdict(signIn.refresh(refreshCookie, 'tab')));
      return verdicts;
    };
    const granted = (count: number) =>
      Array.from({ length: 21 }, (_, index) => (index < count ? 'ok' : 'unauthenticated'));
    expect(await retries(others[0]!)).toEqual(granted(20));
    expect(await retries(others[1]!)).toEqual(granted(20));
    expect(await retries(others[2]!)).toEqual(granted(20));
    // 54 of the sixty are taken: six are left, beside two of the session's own.
    expect(await retries(others[3]!)).toEqual(granted(8));
    now += 3_000;
    expect(await retries(signed)).toEqual(granted(5));
    expect(await verdict(signIn.authenticate(signed.token))).toBe('ok');
  });

  test.each([
    ['another key', 'other tab', 0],
    ['no key', null, 0],
    ['the same key after more than a minute', 'tab', MINUTE_MS + 1],
  ])('treats a used cookie with %s as reuse', async (_what, key, laterMs) => {
    await signIn.refresh(signed.refreshCookie, 'tab');
    now += laterMs;
    expect(await verdict(signIn.refresh(signed.refreshCookie, key))).toBe('session_revoked');
    expect(await verdict(signIn.authenticate(signed.token))).toBe('session_revoked');
  });

  test('ends 90 days after the sign-in, however often it is used', async () => {
    let { refreshCookie, token } = signed;
    for (let day = 20; day < 90; day += 20) {
      now += 20 * DAY_MS;
      ({ refreshCookie, token } = await signIn.refresh(refreshCookie));
    }
    now += 10 * DAY_MS - 1;
    ({ refreshCookie, token } = await signIn.refresh(refreshCookie));
    expect(await verdict(signIn.authenticate(token))).toBe('ok');
    now += 1;
    expect(await verdict(signIn.authenticate(token))).toBe('session_revoked');
    expect(await verdict(signIn.refresh(refreshCookie))).toBe('session_revoked');
  });

  test('refuses a missing, partial or made-up cookie', async () => {
    const [id = '', secret = ''] = signed.refreshCookie.split('.');
    for (const cookie of [
      null,
      '',
      '.',
      id,
      `${id}.`,
      `.${secret}`,
      `${id}.${secret}x`,
      `${id}.${'A'.repeat(43)}`,
    ])
      expect(await verdict(signIn.refresh(cookie))).toBe('unauthenticated');
    expect(await verdict(signIn.refresh(`ses_none.${secret}`))).toBe('session_revoked');
    expect(await verdict(signIn.refresh(signed.refreshCookie))).toBe('ok');
  });

  test('signs out a device unused for thirty days and keeps a used one', async () => {
    now += 29 * DAY_MS;
    const { refreshCookie } = await signIn.refresh(signed.refreshCookie);
    now += 29 * DAY_MS;
    expect(await verdict(signIn.refresh(refreshCookie))).toBe('ok');
    now += 30 * DAY_MS;
    expect(await verdict(signIn.refresh(refreshCookie))).toBe('session_revoked');
  });

  test('writes lastUsedAt at most once a minute', async () => {
    const lastUsed = async () => {
      const caller = await signIn.authenticate(
        (await signIn.byLink(await linkCodeFor('42', database, clock), laptop)).token,
      );
      return (await signIn.sessions(caller)).find((session) => session.kind === 'telegram')?.lastUsedAt;
    };
    now += MINUTE_MS;
    await signIn.authenticate(signed.token);
    expect(await lastUsed()).toBe('2026-03-01T10:00:00.000Z');
    now += 1;
    await signIn.authenticate(signed.token);
    expect(await lastUsed()).toBe('2026-03-01T10:01:00.001Z');
  });
});

describe('signing out', () => {
  let signIn: SignIn;
  let onPhone: SignedIn;
  let onLaptop: SignedIn;
  beforeEach(async () => {
    signIn = await signInWith();
    onPhone = await signIn.byTelegram({ initData: launch() }, phone);
    onLaptop = await signIn.byLink(await linkCodeFor('42', database, clock), laptop);
  });

  test('invalidates the token and cookie of this device only', async () => {
    const caller = await signIn.authenticate(onPhone.token);
    await signIn.signOut(caller, caller.sessionId);
    expect(await verdict(signIn.authenticate(onPhone.token))).toBe('session_revoked');
    expect(await verdict(signIn.refresh(onPhone.refreshCookie))).toBe('session_revoked');
    expect(await signIn.personIn(caller.sessionId)).toBeNull();
    expect(await verdict(signIn.authenticate(onLaptop.token))).toBe('ok');
  });

  test('a person can list their devices, see the current one, and sign out another', async () => {
    const caller = await signIn.authenticate(onLaptop.token);
    const sessions = await signIn.sessions(caller);
    expect(sessions).toHaveLength(2);
    expect(sessions.find((session) => session.current)).toMatchObject({ kind: 'link', ...laptop });
    const other = sessions.find((session) => !session.current);
    expect(other).toMatchObject({ kind: 'telegram', ...phone });
    expect(JSON.stringify(sessions)).not.toContain(onPhone.refreshCookie.split('.')[1]);
    await signIn.signOut(caller, other?.id ?? '');
    expect(await verdict(signIn.authenticate(onPhone.token))).toBe('session_revoked');
    expect(await signIn.sessions(caller)).toHaveLength(1);
  });

  test("a person cannot sign out another person's device", async () => {
    const stranger = await signIn.authenticate(
      (await signIn.byTelegram({ initData: launch({ id: 666, first_name: 'M' }) }, phone)).token,
    );
    const { sessionId } = await signIn.authenticate(onPhone.token);
    expect(await verdict(signIn.signOut(stranger, sessionId))).toBe('not_found');
    expect(await verdict(signIn.authenticate(onPhone.token))).toBe('ok');
  });
});

describe('super-admins', () => {
  test('are read from ADMIN_USER_IDS at each call', async () => {
    const { token } = await (await signInWith()).byTelegram({ initData: launch() }, phone);
    const isSuper = async (admins: string[]) =>
      (await (await signInWith({ admins })).authenticate(token)).user.isSuperAdmin;
    expect(await isSuper([])).toBe(false);
    expect(await isSuper(['42', '7'])).toBe(true);
    expect(await isSuper(['4', '2', '420'])).toBe(false);
  });

  test("keep their id: a Telegram user cannot take the first super-admin's", async () => {
    const byLink = await signInWith({ botToken: null });
    const code = (await links().forFirstStart()) ?? '';
    await byLink.byLink(code, laptop);
    const { user } = await (await signInWith()).byTelegram({ initData: launch() }, phone);
    expect(user.isSuperAdmin).toBe(false);
  });
});
