// People who name themselves like another person, so that a command of the owner or a super-admin means the wrong one.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

const [OWNER, GOOD, EVIL] = ['500', '600', '666'];

let fixture: CliFixture;
let id: string;
const tokens = new Map<string, string>();
beforeAll(async () => {
  fixture = await startCliFixture();
  for (const userId of [OWNER, GOOD, EVIL]) tokens.set(userId, await fixture.running.signIn(Number(userId)));
  const body = {
    name: 'web',
    host: '192.0.2.1',
    port: 1,
    username: 'x',
    authType: 'password',
    password: 'x',
  };
  id = (await call('POST', '/servers', OWNER, body)).json().server.id;
  for (const userId of [GOOD, EVIL])
    await call('POST', `/servers/${id}/access`, OWNER, { userId, role: 'viewer' });
});
afterAll(() => fixture.close());
beforeEach(() => rename(EVIL, 'bob'));
beforeEach(() => rename(GOOD, 'Bob'));

const call = (method: 'GET' | 'POST' | 'PUT', url: string, userId: string, body?: object) =>
  fixture.running.call(method, url, { token: tokens.get(userId) ?? null, body });
const rename = async (userId: string, displayName: string): Promise<void> => {
  expect((await call('PUT', '/me', userId, { displayName })).statusCode).toBe(200);
};
const asOwner = (...words: string[]) => {
  fixture.environment.BUOY_TOKEN = tokens.get(OWNER);
  return fixture.buoy(words);
};
const asSuper = (...words: string[]) => {
  fixture.environment.BUOY_TOKEN = fixture.token;
  return fixture.buoy(words);
};
const roles = async (): Promise<Record<string, string>> => {
  const { members } = (await call('GET', `/servers/${id}/access`, OWNER)).json();
  return Object.fromEntries(members.map((one: { userId: string; role: string }) => [one.userId, one.role]));
};
const before = { [OWNER]: 'owner', [GOOD]: 'viewer', [EVIL]: 'viewer' };

test.each([
  ['bob', 'Bob', 'bob'],
  ['BOB', 'Bob', 'bob'],
  ['Bob', 'Bob', 'Bob'],
  ['Bob', 'Bob Smith', 'Bob'],
])(
  'a member who takes the name of another gets no role of theirs: "%s" for "%s" and "%s" is ambiguous',
  async (wanted, good, evil) => {
    await rename(GOOD, good);
    await rename(EVIL, evil);
    for (const words of [
      ['access', 'change', 'web', wanted, 'admin', '--yes'],
      ['access', 'revoke', 'web', wanted, '--yes'],
    ]) {
      const { exit, out, err } = await asOwner(...words);
      expect([exit, out]).toEqual([1, '']);
      expect(err).toContain(`"${wanted}" matches several members: `);
      for (const shown of [/\(600\)/, /\(666\)/, /Give the id\./]) expect(err).toMatch(shown);
    }
    expect(await roles()).toEqual(before);
  },
);

test('a member whose name is the only match gets no role before a question that shows their id', async () => {
  await rename(GOOD, 'Robert');
  for (const [question, words] of [
    ['Make bob (666) admin of web?', ['access', 'change', 'web', 'Bob', 'admin']],
    ['Revoke the access of bob (666) to web?', ['access', 'revoke', 'web', 'Bob']],
  ] as const) {
    const { exit, err } = await asOwner(...words);
    expect(exit).toBe(2);
    expect(err).toContain(question);
  }
  expect(await roles()).toEqual(before);
});

test('a member who takes the id of another as their name gets no role', async () => {
  await rename(EVIL, '777000111');
  const { exit, err } = await asOwner('access', 'change', 'web', '777000111', 'admin', '--yes');
  expect(exit).toBe(1);
  expect(err).toContain('There is no member "777000111" of web.');
  expect(await roles()).toEqual(before);
});

test('a person who takes the name of another is not enabled, and may not add servers', async () => {
  for (const words of [
    ['enable', 'bob', '--yes'],
    ['approve', 'Bob', '--yes'],
    ['change', 'BOB', '--add-servers', 'yes', '--yes'],
  ])
    expect((await asSuper('admin', 'users', ...words)).err).toMatch(
      /matches several people: .*\(6[06][06]\), /,
    );
  await rename(GOOD, 'Robert');
  for (const [question, words] of [
    ['Let bob (666) sign in again?', ['enable', 'bob']],
    ['Let bob (666) add servers?', ['change', 'bob', '--add-servers', 'yes']],
  ] as const) {
    const { exit, err } = await asSuper('admin', 'users', ...words);
    expect(exit).toBe(2);
    expect(err).toContain(question);
  }
});

test('a role goes to the id that the owner typed, without a question, and the result names the id', async () => {
  expect(await asOwner('access', 'change', 'web', GOOD, 'admin')).toEqual({
    exit: 0,
    out: expect.stringMatching(/\(600\) is now admin of web\.\n$/),
    err: '',
  });
  expect(await roles()).toEqual({ ...before, [GOOD]: 'admin' });
  const moved = await asOwner('access', 'transfer', 'web', GOOD);
  expect(moved.exit).toBe(2);
  expect(moved.err).toMatch(/Make .*\(600\) the owner of web\?/);
});
