// API token expiry and scope, on the real stores with a FakeClock.
import type { Scope } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createApiTokenStore } from './api-tokens.store.ts';
import { type ApiTokens, createApiTokens } from './api-tokens.ts';
import { createAuthentication } from './authentication.ts';
import type { CallerInPerson } from './caller.ts';
import { createChatSignIns } from './chat-sign-ins.ts';
import { createSessionStore } from './sessions.store.ts';
import { createSignInStore } from './sign-in.store.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { admissionParts, linkCodeFor } from './testing/people.ts';
import { createTokens } from './tokens.ts';
import { createUserStore } from './users.store.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

let database: DatabaseHandle;
let clock: FakeClock;
let signIn: SignIn;
let apiTokens: ApiTokens;
let ada: CallerInPerson;

beforeEach(async () => {
  clock = createFakeClock();
  const [sqlite] = testDatabases();
  database = await (sqlite ?? expect.unreachable()).open();
  const { db } = database;
  const people = admissionParts(database, clock);
  signIn = createSignIn({
    users: createUserStore(db),
    sessions: createSessionStore(db),
    store: createSignInStore(db),
    tokens: await createTokens({ secrets: ['a secret of at least 32 characters'], clock }),
    botToken: null,
    ...people,
    sessionMaxDays: 90,
    commands: 'npm',
    clock,
  });
  apiTokens = createApiTokens({
    store: createApiTokenStore(db),
    presentUser: people.present,
    clock,
  });
  ada = await newPerson('ada');
});
afterEach(() => database.close());

async function newPerson(id: string): Promise<CallerInPerson> {
  const empty = { username: null, firstName: null, lastName: null, photoUrl: null, languageCode: null };
  await createUserStore(database.db).upsert({ id, ...empty }, '2026-01-01T00:00:00.000Z');
  const { token } = await signIn.byLink(await linkCodeFor(id, database, clock), {
    ip: '127.0.0.1',
    userAgent: null,
  });
  return signIn.authenticate(token);
}
const setRank = (id: string, isSuperAdmin: number) =>
  database.db.updateTable('users').set({ isSuperAdmin }).where('id', '=', id).execute();

const make = (input: { scopes?: Scope[]; expiresAt?: string | null } = {}, caller = ada) =>
  apiTokens.create(caller, { name: 'CI', scopes: ['read'], ...input });

/** "ok", or the code of the refusal. */
const verdict = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );

describe('an API token', () => {
  test('acts as its person within its scopes, without a session', async () => {
    const { id, secret } = await make({ scopes: ['operate', 'read'] });
    expect(await apiTokens.authenticate(secret)).toEqual({
      user: ada.user,
      sessionId: null,
      apiToken: { id, scopes: ['operate', 'read'] },
    });
  });

  test('is buoy_ plus 256 random bits', async () => {
    const secrets = [(await make()).secret, (await make()).secret];
    for (const secret of secrets) expect(secret).toMatch(/^buoy_[A-Za-z0-9_-]{43}$/);
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  test('is valid for years without an expiry, otherwise until its expiry', async () => {
    const endless = await make({ expiresAt: null });
    const { secret, expiresAt } = await make({ expiresAt: '2026-03-01T11:00:00Z' });
    expect(expiresAt).toBe('2026-03-01T11:00:00.000Z');
    clock.pass(60 * MINUTE_MS - 1);
    expect(await verdict(apiTokens.authenticate(secret))).toBe('ok');
    clock.pass(1);
    expect(await verdict(apiTokens.authenticate(secret))).toBe('token_expired');
    clock.pass(3_650 * DAY_MS);
    expect(await verdict(apiTokens.authenticate(endless.secret))).toBe('ok');
  });

  test('ends its open streams when it expires', async () => {
    const { id } = await make({ expiresAt: '2026-03-01T11:00:00.000Z' });
    expect((await apiTokens.personOf(id))?.id).toBe('ada');
    clock.pass(60 * MINUTE_MS);
    expect(await apiTokens.personOf(id)).toBeNull();
  });

  test.each([
    '2026-03-01T10:00:00.000Z',
    '2026-03-01T10:00Z',
    '2026-03-01T09:59:59.999999Z',
    '0001-01-01T00:00:00Z',
  ])('with an expiry in the past is refused: %s', async (expiresAt) => {
    expect(await verdict(make({ expiresAt }))).toBe('invalid_request');
    expect(await apiTokens.list(ada)).toEqual([]);
  });

  test('keeps working after its session signs out, until it is revoked', async () => {
    const { id, secret } = await make();
    await signIn.signOut(ada, ada.sessionId);
    expect(await verdict(apiTokens.authenticate(secret))).toBe('ok');
    await apiTokens.revoke(ada, id);
    expect(await verdict(apiTokens.authenticate(secret))).toBe('unauthenticated');
    expect(await apiTokens.personOf(id)).toBeNull();
  });

  test.each([
    (secret: string) => `${secret}x`,
    (secret: string) => secret.slice(0, -1),
    (secret: string) => secret.replace('buoy_', 'Buoy_'),
    (secret: string) => `buoy_${secret}`,
    () => 'buoy_',
    () => `buoy_${'A'.repeat(43)}`,
  ])('that was modified or made up is refused (%#)', async (change) => {
    const { secret } = await make();
    expect(await verdict(apiTokens.authenticate(change(secret)))).toBe('unauthenticated');
  });

  test('cannot be revoked by another person', async () => {
    const { id, secret } = await make();
    const eve = await newPerson('eve');
    expect(await verdict(apiTokens.revoke(eve, id))).toBe('not_found');
    expect(await apiTokens.list(eve)).toEqual([]);
    expect(await verdict(apiTokens.authenticate(secret))).toBe('ok');
  });

  test('loses super-admin rights as soon as its person does', async () => {
    await setRank('ada', 1);
    const { secret } = await make({ scopes: ['admin'] });
    expect((await apiTokens.authenticate(secret)).user.isSuperAdmin).toBe(true);
    await setRank('ada', 0);
    expect((await apiTokens.authenticate(secret)).user.isSuperAdmin).toBe(false);
  });

  test('with unreadable scopes has none', async () => {
    const { secret } = await make({ scopes: ['admin'] });
    await database.db.updateTable('apiTokens').set({ scopes: '["admin","root"]' }).execute();
    expect((await apiTokens.authenticate(secret)).apiToken?.scopes).toEqual([]);
  });

  test('with the scope "metrics" can only be made by a super-admin', async () => {
    expect(await verdict(make({ scopes: ['read', 'metrics'] }))).toBe('forbidden');
    expect(await apiTokens.list(ada)).toEqual([]);
    await setRank('ada', 1);
    const boss = { ...ada, user: { ...ada.user, isSuperAdmin: true } };
    expect((await make({ scopes: ['metrics'] }, boss)).scopes).toEqual(['metrics']);
  });
});

describe('the API token list', () => {
  test('shows the newest first, lastUsedAt to the minute, and no secret', async () => {
    const first = await make({ expiresAt: '2027-01-01T00:00:00.000Z' });
    clock.pass(MINUTE_MS);
    const second = await make({ scopes: ['operate'] });
    await apiTokens.authenticate(first.secret);
    clock.pass(MINUTE_MS);
    await apiTokens.authenticate(first.secret);
    const listed = await apiTokens.list(ada);
    expect(listed).toEqual([
      {
        id: second.id,
        name: 'CI',
        scopes: ['operate'],
        createdAt: '2026-03-01T10:01:00.000Z',
        lastUsedAt: null,
        expiresAt: null,
      },
      {
        id: first.id,
        name: 'CI',
        scopes: ['read'],
        createdAt: '2026-03-01T10:00:00.000Z',
        // Not the second use, which was within the same minute.
        lastUsedAt: '2026-03-01T10:01:00.000Z',
        expiresAt: '2027-01-01T00:00:00.000Z',
      },
    ]);
    clock.pass(1);
    await apiTokens.authenticate(first.secret);
    expect((await apiTokens.list(ada))[1]?.lastUsedAt).toBe('2026-03-01T10:02:00.001Z');
    for (const { secret } of [first, second]) expect(JSON.stringify(listed)).not.toContain(secret.slice(5));
  });

  test('keeps an expired token for a month', async () => {
    const expired = await make({ expiresAt: '2026-03-01T11:00:00.000Z' });
    clock.pass(60 * MINUTE_MS + 30 * DAY_MS);
    await make();
    expect((await apiTokens.list(ada)).map(({ id }) => id)).toContain(expired.id);
    clock.pass(1);
    await make();
    expect((await apiTokens.list(ada)).map(({ id }) => id)).not.toContain(expired.id);
  });

  test('allows fifty live tokens; an expiry or revocation frees a place', async () => {
    const made = [];
    for (let count = 0; count < 49; count += 1) made.push(await make());
    await make({ expiresAt: '2026-03-01T11:00:00.000Z' });
    expect(await verdict(make())).toBe('conflict');
    expect(await verdict(make({}, await newPerson('eve')))).toBe('ok');
    clock.pass(60 * MINUTE_MS);
    expect(await verdict(make())).toBe('ok');
    expect(await verdict(make())).toBe('conflict');
    await apiTokens.revoke(ada, made[0]?.id ?? '');
    expect(await verdict(make())).toBe('ok');
  });
});

describe('authentication by token', () => {
  const authentication = () =>
    createAuthentication({
      ...{ signIn, apiTokens },
      chatSignIns: createChatSignIns({
        users: createUserStore(database.db),
        presentUser: admissionParts(database, clock).present,
      }),
    });

  test('accepts session tokens and API tokens, each with its own end', async () => {
    const { secret, id } = await make();
    const { token } = await signIn.byLink(await linkCodeFor('ada', database, clock), {
      ip: '127.0.0.1',
      userAgent: null,
    });
    const inPerson = await authentication().authenticate(token);
    const byToken = await authentication().authenticate(secret);
    expect([inPerson.user, inPerson.apiToken]).toEqual([ada.user, null]);
    expect([byToken.user, byToken.sessionId]).toEqual([ada.user, null]);
    const alive = async () =>
      (await Promise.all([inPerson, byToken].map((caller) => authentication().current(caller)))).map(
        (current) => current !== null,
      );
    expect(await alive()).toEqual([true, true]);
    await signIn.signOut(inPerson, inPerson.sessionId ?? '');
    expect(await alive()).toEqual([false, true]);
    await apiTokens.revoke(ada, id);
    expect(await alive()).toEqual([false, false]);
  });

  test('refuses any other text', async () => {
    for (const token of ['', 'buoy_', 'buoy', 'a.b.c', 'buoy_a.b.c'])
      expect(await verdict(authentication().authenticate(token))).toBe('unauthenticated');
  });
});
