// A thief in the session of a super-admin, or somebody who was one, has made sign-in links to come back by.
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buoyCommand } from '../support/buoy-command.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

const BOSS = 901;
const OTHER_BOSS = 902;
const PERSON = 903;

const codeIn = (url: string) => url.split('#code=')[1] ?? '';
const open = (running: TestBuoy, code: string) => running.call('POST', '/auth/link', { body: { code } });
const must = (answer: LightMyRequestResponse) => {
  expect(answer.statusCode).toBeLessThan(300);
  return answer;
};
/** Codes of the links that a super-admin makes for themselves, for another one, and for a person who is new. */
const linksBy = async (running: TestBuoy, token: string) => {
  const urls: string[] = [];
  for (const id of [BOSS, OTHER_BOSS])
    urls.push(
      must(await running.call('POST', `/admin/users/${id}/sign-in-link`, { token })).json().signInUrl,
    );
  const added = await running.call('POST', '/admin/users', { token, body: { name: 'New', link: true } });
  return [...urls, must(added).json().signInUrl].map(codeIn);
};
const refusals = async (running: TestBuoy, codes: readonly string[]) => {
  const said: unknown[] = [];
  for (const code of codes) {
    const answer = await open(running, code);
    said.push([answer.statusCode, answer.json().code]);
  }
  return said;
};
const refused = [401, 'sign_in_failed'];

describe('links made in the session of a super-admin', () => {
  let running: TestBuoy;
  beforeAll(async () => {
    running = await startTestBuoy({ ADMIN_USER_IDS: `${BOSS},${OTHER_BOSS}` });
    await running.signIn(PERSON);
  });
  afterAll(() => running.close());

  test.each(['its owner ends it from another device', 'it is signed out', 'its cookie is used twice'])(
    'sign nobody in once %s',
    async (how) => {
      await running.signIn(BOSS);
      await running.signIn(OTHER_BOSS);
      const link = must(
        await running.call('POST', `/admin/users/${BOSS}/sign-in-link`, {
          token: await running.signIn(BOSS),
        }),
      ).json();
      const entered = must(await open(running, codeIn(link.signInUrl)));
      const stolen: string = entered.json().token;
      const [cookie = ''] = String([entered.headers['set-cookie']].flat()[0]).split(';');
      const codes = await linksBy(running, stolen);

      if (how.startsWith('its owner')) {
        const token = await running.signIn(BOSS);
        const { sessions } = (await running.call('GET', '/me/sessions', { token })).json();
        for (const { id, current } of sessions)
          if (!current) must(await running.call('DELETE', `/me/sessions/${id}`, { token }));
      } else if (how.startsWith('it is'))
        must(await running.call('POST', '/auth/logout', { token: stolen, headers: { cookie } }));
      else {
        must(await running.call('POST', '/auth/refresh', { headers: { cookie } }));
        expect((await running.call('POST', '/auth/refresh', { headers: { cookie } })).statusCode).toBe(401);
      }
      expect(await refusals(running, codes)).toEqual([refused, refused, refused]);
    },
  );

  test('sign people in while it lasts, whatever else its person ends', async () => {
    const token = await running.signIn(BOSS);
    const codes = await linksBy(running, token);
    must(await running.call('POST', '/auth/logout', { token: await running.signIn(BOSS) }));
    for (const code of codes) must(await open(running, code));
  });

  test('are not confused with what a person keeps, or what the machine made', async () => {
    const token = await running.signIn(BOSS);
    const kept = must(await running.call('POST', '/me/sign-in-link', { token })).json();
    const environment = { DATA_DIR: running.dataDir, ADMIN_USER_IDS: `${BOSS},${OTHER_BOSS}` };
    const made = await buoyCommand('sign-in-link', [String(PERSON)], environment);
    must(await running.call('POST', '/auth/logout', { token }));
    for (const url of [kept.signInUrl, made.stdout.trim()]) must(await open(running, codeIn(url)));
  });
});

describe('links made by somebody who was a super-admin', () => {
  test('sign nobody in, nor after they were disabled and became a super-admin again', async () => {
    const both = { ADMIN_USER_IDS: `${BOSS},${OTHER_BOSS}` };
    const first = await startTestBuoy(both);
    await first.signIn(OTHER_BOSS);
    const [, forOther = '', forNew = ''] = await linksBy(first, await first.signIn(BOSS));
    await first.stop();
    const second = await startTestBuoy({ ADMIN_USER_IDS: String(OTHER_BOSS) }, first.dataDir);
    expect(await refusals(second, [forOther])).toEqual([refused]);
    const token = await second.signIn(OTHER_BOSS);
    must(await second.call('POST', `/admin/users/${BOSS}/disable`, { token }));
    await second.stop();
    const third = await startTestBuoy(both, second.dataDir);
    expect(await refusals(third, [forNew])).toEqual([refused]);
    for (const running of [third, second, first]) await running.close();
  });
});
