// A thief has copied the refresh cookie and tries to stay signed in beside its owner; others use it to end a session or to hold up Buoy.
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { openDatabase } from '../../src/db/database.ts';
import { newId, newSecret } from '../../src/lib/ids.ts';
import { auditLogOf } from '../support/audit-log.ts';
import { followEvents } from '../support/follow-events.ts';
import { longestBlock, longestBlockOfThree } from '../support/main-thread.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

/** Milliseconds of this thread that nobody notices. */
const MAX_BLOCK_MS = 25;

let running: TestBuoy;
let url: string;
let boss: string;
beforeAll(async () => {
  running = await startTestBuoy();
  url = await running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
  boss = await running.signIn(SUPER_ID);
});
afterAll(() => running.close());

/** `name=value` of the refresh cookie that an answer sets. */
const cookieIn = (answer: LightMyRequestResponse): string => {
  const [pair = ''] = [answer.headers['set-cookie']].flat().map((line) => String(line).split(';')[0] ?? '');
  expect(pair).toContain('refresh=');
  return pair;
};
let launches = 0;
const signIn = async (id: number) => {
  launches += 1;
  const initData = forgeInitData({ id, first_name: `Launch ${launches}` }, BOT_TOKEN);
  const answer = await running.call('POST', '/auth/telegram', { body: { initData } });
  return { token: answer.json().token as string, cookie: cookieIn(answer) };
};
const refresh = (cookie: string, headers: Record<string, string> = {}) =>
  running.call('POST', '/auth/refresh', { headers: { cookie, ...headers } });

describe('stolen refresh cookie', () => {
  test('a second use signs out thief and owner: tokens, cookies and streams end', async () => {
    const owner = await signIn(201);
    const stream = await followEvents({ token: owner.token, process: () => ({ url }) }, '/servers/events');
    await stream.until(({ event }) => event === 'complete');
    const stolen = await refresh(owner.cookie);
    expect(stolen.statusCode).toBe(200);

    const reused = await refresh(owner.cookie);
    expect([reused.statusCode, reused.json().code]).toEqual([401, 'session_revoked']);
    for (const token of [owner.token, stolen.json().token])
      expect((await running.call('GET', '/me', { token })).statusCode).toBe(401);
    expect((await refresh(cookieIn(stolen))).statusCode).toBe(401);
    await expect(stream.until(() => false, 10_000)).rejects.toThrow('/servers/events ended');

    const entry = (await auditLogOf(running, boss)).find(({ details }) => details.sessionEnded === true);
    expect(entry).toMatchObject({
      action: 'POST /auth/refresh',
      result: 'denied',
      userId: '201',
      details: { reason: 'a refresh secret was used twice' },
    });
  });

  test('cannot be hidden by renewing until Buoy has forgotten the secret of the owner', async () => {
    const owner = await signIn(207);
    const stolen = await refresh(owner.cookie);
    const other = await openDatabase({ engine: 'sqlite', file: `${running.dataDir}/buoy.db` });
    try {
      // As some forty renewals do.
      await other.db.deleteFrom('rotatedRefreshSecrets').execute();
    } finally {
      await other.close();
    }
    expect((await refresh(owner.cookie)).json().code).toBe('session_revoked');
    expect((await refresh(cookieIn(stolen))).statusCode).toBe(401);
  });

  test('ends only the session that the cookie belongs to', async () => {
    const phone = await signIn(202);
    const laptop = await signIn(202);
    await refresh(phone.cookie);
    expect((await refresh(phone.cookie)).json().code).toBe('session_revoked');
    expect((await running.call('GET', '/me', { token: laptop.token })).statusCode).toBe(200);
  });

  test('the id of a session alone cannot end it', async () => {
    const { cookie, token } = await signIn(203);
    await refresh(cookie);
    const [known] = cookie.split('.');
    const guess = await refresh(`${known}.${'A'.repeat(43)}`);
    expect([guess.statusCode, guess.json().code]).toEqual([401, 'unauthenticated']);
    expect((await running.call('GET', '/me', { token })).statusCode).toBe(200);
  });
});

describe('a page on another name of the same domain', () => {
  test.each(['same-site', 'cross-site'])(
    'cannot end a session by two renewals at once (%s)',
    async (site) => {
      const { cookie, token } = await signIn(204);
      // As `fetch` with `no-cors` sends them: both with the same cookie, since neither answer has come yet.
      const page = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' };
      const answers = await Promise.all([refresh(cookie, page), refresh(cookie, page)]);
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401]);
      expect(answers.map(({ headers }) => headers['set-cookie'])).toEqual([undefined, undefined]);
      expect((await running.call('GET', '/me', { token })).statusCode).toBe(200);
      expect((await refresh(cookie)).statusCode).toBe(200);
    },
  );

  test.each([{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, {}])(
    'is told apart from the web app, an address that was typed, and programs: %o',
    async (headers) => {
      const { cookie } = await signIn(205);
      expect((await refresh(cookie, headers as Record<string, string>)).statusCode).toBe(200);
    },
  );
});

describe('a thief of a session who has approved a device with it', () => {
  test.each(['ends it in the list', 'renews with the cookie that the thief has used'])(
    'has no way back by that device once its owner %s',
    async (how) => {
      const launch = forgeInitData({ id: 501, first_name: 'Ada' }, BOT_TOKEN);
      const signedIn = await running.call('POST', '/auth/telegram', { body: { initData: launch } });
      const cookie = cookieIn(signedIn);
      const stolen = await running.call('POST', '/auth/refresh', { headers: { cookie } });
      const thief: string = stolen.json().token;
      const device = (await running.call('POST', '/auth/device')).json();
      const body = { userCode: device.userCode };
      expect((await running.call('POST', '/auth/device/approve', { token: thief, body })).statusCode).toBe(
        204,
      );

      if (how.startsWith('ends')) {
        const own = await running.signIn(501);
        const { sessions } = (await running.call('GET', '/me/sessions', { token: own })).json();
        for (const { id, current } of sessions)
          if (!current) await running.call('DELETE', `/me/sessions/${id}`, { token: own });
      } else await running.call('POST', '/auth/refresh', { headers: { cookie } });
      const { deviceCode } = device;
      const answer = await running.call('POST', '/auth/device/token', { body: { deviceCode } });
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'sign_in_failed']);
    },
  );
});

describe('a person who has ended many sessions', () => {
  test('does not block others by the next renewal, however often these were renewed', async () => {
    const { cookie } = await signIn(206);
    const ended = await Promise.all(Array.from({ length: 60 }, () => signIn(206)));
    const other = await openDatabase({ engine: 'sqlite', file: `${running.dataDir}/buoy.db` });
    try {
      for (const one of ended) {
        const sessionId = one.cookie.split('=')[1]?.split('.')[0] ?? '';
        const rows = Array.from({ length: 1_000 }, (_, index) => ({
          ...{ secretHash: newSecret(), sessionId, generation: index + 1 },
          ...{ attemptKeyHash: null, voided: 0, rotatedAt: new Date().toISOString() },
        }));
        await other.db.insertInto('rotatedRefreshSecrets').values(rows).execute();
      }
    } finally {
      await other.close();
    }
    for (const { token } of ended) await running.call('POST', '/auth/logout', { token });
    const { answer, blockedMs } = await longestBlock(() => refresh(cookie));
    expect(answer.statusCode).toBe(200);
    expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
  });
});

describe('a person with 500 sessions', () => {
  test('does not block others by a sign-in that evicts one with 100,000 replaced secrets', async () => {
    const { token } = await signIn(208);
    const { sessions } = (await running.call('GET', '/me/sessions', { token })).json();
    const other = await openDatabase({ engine: 'sqlite', file: `${running.dataDir}/buoy.db` });
    try {
      const stored = await other.db
        .selectFrom('sessions')
        .selectAll()
        .where('id', '=', sessions[0].id)
        .executeTakeFirstOrThrow();
      // One for each try: a sign-in evicts the one that was not used for longest.
      const oldest = ['2020', '2021', '2022'].map((year) => ({
        ...stored,
        id: newId('ses'),
        lastUsedAt: stored.createdAt.replace(/^\d+/, year),
      }));
      const more = Array.from({ length: 496 }, () => ({ ...stored, id: newId('ses') }));
      await other.db
        .insertInto('sessions')
        .values([...oldest, ...more])
        .execute();
      for (const { id } of oldest)
        for (let batch = 0; batch < 100; batch += 1) {
          const rows = Array.from({ length: 1_000 }, (_, index) => ({
            ...{ secretHash: newSecret(), sessionId: id, generation: batch * 1_000 + index },
            ...{ attemptKeyHash: null, voided: 0, rotatedAt: stored.createdAt },
          }));
          await other.db.insertInto('rotatedRefreshSecrets').values(rows).execute();
        }
      const { answer, blockedMs } = await longestBlockOfThree(() => signIn(208), MAX_BLOCK_MS);
      const listed = await running.call('GET', '/me/sessions', { token: answer.token });
      expect(listed.json().sessions.map(({ id }: { id: string }) => id)).not.toContain(oldest[0]?.id);
      expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
    } finally {
      await other.close();
    }
  });
});

describe('a person who repeats renewals from many addresses', () => {
  test('retries from 50 address groups stop at the budget of the person; all else is renewed, and reuse is found', async () => {
    const buoy = await startTestBuoy({ TRUST_PROXY: '1' });
    try {
      let launch = 0;
      const open = async (id: number) => {
        launch += 1;
        const initData = forgeInitData({ id, first_name: `Launch ${launch}` }, BOT_TOKEN);
        return cookieIn(await buoy.call('POST', '/auth/telegram', { body: { initData } }));
      };
      const renew = (cookie: string, attemptKey: string, group = 0) =>
        buoy.call('POST', '/auth/refresh', {
          headers: { cookie, 'x-forwarded-for': `2001:db8:0:${group.toString(16)}::1` },
          body: { attemptKey },
        });
      const cookies: string[] = [];
      for (let session = 0; session < 8; session += 1) cookies.push(await open(209));
      const own = await open(209);
      const others = await open(210);
      for (const cookie of cookies) expect((await renew(cookie, 'mine')).statusCode).toBe(200);
      let answered = 0;
      for (let group = 0; group < 50; group += 1)
        for (const cookie of cookies)
          if ((await renew(cookie, 'mine', group)).statusCode === 200) answered += 1;
      // Two of each renewal, sixty more, and one for each second of this test: without a budget 160.
      expect(answered).toBeGreaterThanOrEqual(76);
      expect(answered).toBeLessThan(150);

      // A renewal and two retries of it, also in another session of that person.
      for (const cookie of [own, others])
        for (let attempt = 0; attempt < 3; attempt += 1)
          expect((await renew(cookie, 'lost answer', 51)).statusCode).toBe(200);
      const reused = await renew(cookies[0] ?? '', 'of a thief', 52);
      expect(reused.json()).toMatchObject({
        code: 'session_revoked',
        error: 'This sign-in was used in two places, so it was ended.',
      });
    } finally {
      await buoy.close();
    }
  });
});
