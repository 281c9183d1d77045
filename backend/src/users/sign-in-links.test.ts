// Sign-in links made on Buoy's machine: recipients, and errors for unknown people.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import type { UserTable } from '../db/schema.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createSignInStore } from './sign-in.store.ts';
import { createSignInLinks } from './sign-in-links.ts';
import { userRow } from './testing/people.ts';
import { createUserPresenter } from './user.presenter.ts';
import { createUserStore } from './users.store.ts';

const clock = { now: () => Date.parse('2026-03-01T10:00:00.000Z'), after: () => () => undefined };

let database: DatabaseHandle;
beforeEach(async () => {
  const [sqlite] = testDatabases();
  database = await (sqlite ?? expect.unreachable()).open();
});
afterEach(() => database.close());

const linksWith = ({ hasBot = false, admins = [] as string[] } = {}) =>
  createSignInLinks({
    store: createSignInStore(database.db),
    users: createUserStore(database.db),
    present: createUserPresenter({ adminUserIds: new Set(admins), signUp: 'approval' }),
    appDomain: null,
    hasBot,
    clock,
  });
const add = (id: string, changes: Partial<UserTable> = {}) =>
  database.db.insertInto('users').values(userRow(id, changes)).execute();
const personFor = async (wanted: string | null, options = {}) =>
  (await linksWith(options).fromMachine(wanted)).person;
const refusal = (wanted: string | null, options = {}) =>
  linksWith(options)
    .fromMachine(wanted)
    .then(
      () => expect.unreachable(),
      ({ code, message, hint }: { code: string; message: string; hint: string }) => ({ code, message, hint }),
    );

describe('the sign-in link of the first start', () => {
  test('is made only before the first sign-in and without Telegram', async () => {
    expect(await linksWith().forFirstStart()).toMatch(/^[\w-]{43}$/);
    expect(await linksWith({ hasBot: true }).forFirstStart()).toBeNull();
    await add('42');
    expect(await linksWith().forFirstStart()).toBeNull();
  });
});

describe('npm run sign-in-link', () => {
  test('makes a link for the first super-admin of an empty Buoy, even with Telegram', async () => {
    expect(await personFor(null, { hasBot: true })).toBeNull();
    expect(await refusal('Ada')).toMatchObject({
      code: 'not_found',
      message: 'Nobody has signed in to this Buoy yet.',
    });
  });

  test('without a name picks the earliest super-admin who can sign in', async () => {
    await add('u_gone', { isSuperAdmin: 1, disabledAt: '2026-02-01', createdAt: '2025-01-01' });
    await add('u_later', { isSuperAdmin: 1, createdAt: '2026-02-02', firstName: 'Later' });
    await add('42', { createdAt: '2026-02-01', firstName: 'Ada' });
    expect(await personFor(null)).toBe('Later (u_later)');
    expect(await personFor(null, { admins: ['42'] })).toBe('Ada (42)');
  });

  test('without a name and a super-admin reports that and lists the people', async () => {
    await add('42', { firstName: 'Ada', lastName: 'Lovelace' });
    expect(await refusal(null)).toEqual({
      code: 'not_found',
      message: 'No super-admin has signed in here yet.',
      hint: 'People of this Buoy: Ada Lovelace (42).',
    });
  });

  test.each(['42', 'ada', '@Ada', 'Ada Lovelace', 'ADA LOVELACE', 'Countess'])(
    'finds a person by "%s"',
    async (wanted) => {
      await add('42', { username: 'ada', firstName: 'Ada', lastName: 'Lovelace', displayName: 'Countess' });
      await add('43', { username: 'grace', firstName: 'Grace' });
      if (wanted.toLowerCase() === 'ada lovelace')
        await database.db.updateTable('users').set({ displayName: null }).execute();
      expect(await personFor(wanted)).toMatch(/\(42\)$/);
    },
  );

  test("a display name equal to another person's name or id does not redirect the link", async () => {
    await add('42', { firstName: 'Ada' });
    await add('666', { firstName: 'Mallory', displayName: 'Ada' });
    await add('667', { firstName: 'Mallory', displayName: '42' });
    expect(await refusal('Ada')).toMatchObject({
      code: 'conflict',
      message: '2 people are called "Ada": Ada (666), Ada (42).',
    });
    expect(await personFor('42')).toBe('Ada (42)');
  });

  test('fails for an unknown name and for a disabled person, and says which', async () => {
    await add('42', { firstName: 'Ada', disabledAt: '2026-02-01' });
    expect(await refusal('Bob')).toMatchObject({
      code: 'not_found',
      message: 'Nobody here is called "Bob".',
      hint: 'People of this Buoy: Ada (42).',
    });
    expect(await refusal('ada')).toMatchObject({ code: 'account_disabled' });
  });
});
