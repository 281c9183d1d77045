// Links to the Control UI and the sessions that come of them, over the real stores, with a clock that the test moves.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccessStore } from '../../access/access.store.ts';
import { createAccess } from '../../access/access.ts';
import type { DatabaseHandle } from '../../db/database.ts';
import { testDatabases } from '../../db/testing/databases.ts';
import { serverRow } from '../../db/testing/server-row.ts';
import { AppError } from '../../lib/app-error.ts';
import { createFakeClock, type FakeClock } from '../../lib/testing/fake-clock.ts';
import type { SshTarget } from '../../ssh/ssh.ts';
import type { CallerInPerson } from '../../users/caller.ts';
import { createSessionStore } from '../../users/sessions.store.ts';
import { createSignInStore } from '../../users/sign-in.store.ts';
import { createSignIn, type SignIn } from '../../users/sign-in.ts';
import { admissionParts, linkCodeFor } from '../../users/testing/people.ts';
import { createTokens } from '../../users/tokens.ts';
import { createUserStore } from '../../users/users.store.ts';
import { createControlUiAddress } from './address.ts';
import { createControlUiSessionStore } from './control-ui-sessions.store.ts';
import { type ControlUi, createControlUi } from './dashboard.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const at = '2026-03-01T10:00:00.000Z';
const origin = 'http://127.0.0.1:8080';
const { signal } = new AbortController();

let database: DatabaseHandle;
let clock: FakeClock;
let signIn: SignIn;
let controlUi: ControlUi;
let ada: CallerInPerson;
let bob: CallerInPerson;
let jump: SshTarget | null;
/** All servers are on one origin. */
let isShared: boolean;
let answerAccess: () => Promise<{ port: number; auth: null; problem: null }>;

beforeEach(async () => {
  clock = createFakeClock();
  isShared = true;
  const [sqlite] = testDatabases();
  database = await (sqlite ?? expect.unreachable()).open();
  const { db } = database;
  jump = null;
  answerAccess = () => Promise.resolve({ port: 18_789, auth: null, problem: null });
  signIn = createSignIn({
    users: createUserStore(db),
    sessions: createSessionStore(db),
    store: createSignInStore(db),
    tokens: await createTokens({ secrets: ['a secret of at least 32 characters'], clock }),
    botToken: null,
    ...admissionParts(database, clock),
    sessionMaxDays: 90,
    commands: 'npm',
    clock,
  });
  controlUi = createControlUi({
    store: createControlUiSessionStore(db),
    signIn,
    access: createAccess({ store: createAccessStore(db), isSuperAdmin: () => Promise.resolve(false) }),
    installations: { access: () => answerAccess() },
    targets: {
      find: (serverId) =>
        Promise.resolve({
          serverId,
          host: 'claw.example',
          port: 2222,
          username: 'deploy',
          credential: { type: 'password', password: 'hush' },
          hostKey: null,
          credentialHostKey: null,
          jump,
        }),
    },
    address: {
      ...createControlUiAddress({ domain: null, appDomain: null, isTls: false, port: () => 8081 }),
      get isShared() {
        return isShared;
      },
    },
    appDomain: null,
    clock,
  });
  ada = await newPerson('ada');
  bob = await newPerson('bob');
  for (const id of ['srv_1', 'srv_2']) {
    await db.insertInto('servers').values(serverRow(id)).execute();
    for (const userId of ['ada', 'bob'])
      await db
        .insertInto('grants')
        .values({ serverId: id, userId, role: 'admin', grantedBy: 'ada', createdAt: at })
        .execute();
  }
});
afterEach(() => database.close());

async function newPerson(id: string): Promise<CallerInPerson> {
  const empty = { username: null, firstName: null, lastName: null, photoUrl: null, languageCode: null };
  await createUserStore(database.db).upsert({ id, ...empty }, at);
  const { token } = await signIn.byLink(await linkCodeFor(id, database, clock), {
    ip: '127.0.0.1',
    userAgent: null,
  });
  return signIn.authenticate(token);
}

const codeOf = (url: string) => new URL(url).hash.replace('#code=', '');
const link = (who = ada, serverId = 'srv_1') => controlUi.link(who, serverId, origin, { signal });
const confirm = async (url: string, who = ada) => (await controlUi.confirm(who, codeOf(url), origin)).url;
const session = async (who = ada, serverId = 'srv_1', earlier: string | null = null) =>
  (await controlUi.enter(codeOf(await confirm((await link(who, serverId)).url, who)), earlier)).secret;
/** "ok", or the code of the refusal. */
const verdict = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );
const setRole = (userId: string, role: string) =>
  database.db.updateTable('grants').set({ role }).where('userId', '=', userId).execute();

describe('a link', () => {
  test('leads to a page of Buoy, tells its end and the way by SSH', async () => {
    const made = await link();
    expect(made.url).toMatch(/^http:\/\/127\.0\.0\.1:8080\/control-ui#code=[\w-]{43}$/);
    expect(made.expiresAt).toBe('2026-03-01T10:01:00.000Z');
    expect(made.sshCommand).toBe('ssh -N -L 18789:127.0.0.1:18789 -p 2222 deploy@claw.example');
  });

  test('shows the way through a jump server only to who sees that server', async () => {
    jump = {
      ...{ serverId: 'srv_2', host: 'gate.example', port: 22, username: 'gatekeeper' },
      ...{ credential: { type: 'password', password: 'hush' } },
      ...{ hostKey: null, credentialHostKey: null, jump: null },
    };
    expect((await link()).sshCommand).toContain(' -J gatekeeper@gate.example:22 ');
    await database.db
      .deleteFrom('grants')
      .where('serverId', '=', 'srv_2')
      .where('userId', '=', 'ada')
      .execute();
    expect((await link()).sshCommand).toBeNull();
    expect((await link(bob)).sshCommand).not.toBeNull();
  });

  test('leads its person to the origin of the Control UI and signs the browser in', async () => {
    const entry = await confirm((await link()).url);
    expect(entry).toMatch(/^http:\/\/127\.0\.0\.1:8081\/enter#code=[\w-]{43}$/);
    const { secret, serverId, lifeS } = await controlUi.enter(codeOf(entry), null);
    expect({ serverId, lifeS }).toEqual({ serverId: 'srv_1', lifeS: 8 * 3600 });
    expect(await controlUi.admit(secret, 'srv_1')).toEqual({ serverId: 'srv_1', userId: 'ada' });
  });

  test('works once at each of its two steps, also for concurrent requests', async () => {
    const { url } = await link();
    const both = await Promise.all([verdict(confirm(url)), verdict(confirm(url))]);
    expect(both.sort()).toEqual(['not_found', 'ok']);
    const entry = codeOf(await confirm((await link()).url));
    const entries = await Promise.all([
      verdict(controlUi.enter(entry, null)),
      verdict(controlUi.enter(entry, null)),
    ]);
    expect(entries.sort()).toEqual(['not_found', 'ok']);
    expect(await verdict(controlUi.enter(entry, null))).toBe('not_found');
  });

  test('expires after a minute, and its second step after 30 seconds', async () => {
    const { url } = await link();
    clock.pass(59 * SECOND_MS);
    const entry = await confirm(url);
    clock.pass(30 * SECOND_MS);
    expect(await verdict(controlUi.enter(codeOf(entry), null))).toBe('not_found');
    const late = await link();
    clock.pass(60 * SECOND_MS);
    await expect(confirm(late.url)).rejects.toThrow(
      'This link to the Control UI was already used, has expired',
    );
  });

  test('is refused for another person, and stays valid for its own', async () => {
    const { url } = await link();
    await expect(confirm(url, bob)).rejects.toMatchObject({ code: 'forbidden', status: 403 });
    expect(await verdict(confirm(url))).toBe('ok');
  });

  test('is refused for a person who is no longer an admin', async () => {
    const { url } = await link();
    await setRole('ada', 'viewer');
    expect(await verdict(confirm(url))).toBe('forbidden');
  });

  test('is not a session: neither of its codes opens a page', async () => {
    const { url } = await link();
    expect(await verdict(controlUi.admit(codeOf(url), 'srv_1'))).toBe('unauthenticated');
    expect(await verdict(controlUi.enter(codeOf(url), null))).toBe('not_found');
    const entry = codeOf(await confirm(url));
    expect(await verdict(controlUi.admit(entry, 'srv_1'))).toBe('unauthenticated');
  });

  test('is not created for an unreachable server', async () => {
    answerAccess = () => Promise.reject(new AppError('unreachable', 'No way to the server.'));
    expect(await verdict(link())).toBe('unreachable');
  });

  test('and its session are stored as hashes', async () => {
    const { url } = await link();
    const entry = await confirm(url);
    const { secret } = await controlUi.enter(codeOf(entry), null);
    const rows = JSON.stringify(await database.db.selectFrom('controlUiVisits').selectAll().execute());
    for (const one of [codeOf(url), codeOf(entry), secret]) expect(rows).not.toContain(one);
  });
});

describe('a Control UI session', () => {
  test('ends after eight hours, even when it is in use', async () => {
    const secret = await session();
    clock.pass(8 * HOUR_MS - SECOND_MS);
    expect(await verdict(controlUi.admit(secret, 'srv_1'))).toBe('ok');
    clock.pass(SECOND_MS);
    expect(await verdict(controlUi.admit(secret, 'srv_1'))).toBe('unauthenticated');
  });

  test('is valid for one server', async () => {
    const secret = await session();
    expect(await verdict(controlUi.admit(secret, 'srv_2'))).toBe('unauthenticated');
    expect(await verdict(controlUi.admit(null, 'srv_1'))).toBe('unauthenticated');
    expect(await verdict(controlUi.admit('made-up', 'srv_1'))).toBe('unauthenticated');
  });

  test('ends with the sign-in session that opened it, and with no other', async () => {
    const secret = await session();
    await signIn.signOut(bob, bob.sessionId);
    expect(await verdict(controlUi.admit(secret, 'srv_1'))).toBe('ok');
    await signIn.signOut(ada, ada.sessionId);
    expect(await verdict(controlUi.admit(secret, 'srv_1'))).toBe('unauthenticated');
  });

  test.each([
    ['a role that is too low', () => setRole('ada', 'viewer')],
    ['no role', () => database.db.deleteFrom('grants').where('userId', '=', 'ada').execute()],
  ])('ends with %s', async (_what, change) => {
    const secret = await session();
    await change();
    expect(await verdict(controlUi.admit(secret, 'srv_1'))).toBe('forbidden');
  });

  test('ends when its sign-in session opens another server on the same origin, and with no other', async () => {
    const [one, others] = [await session(), await session(bob)];
    const again = await session();
    expect(await verdict(controlUi.admit(one, 'srv_1'))).toBe('ok');
    const next = await session(ada, 'srv_2');
    for (const earlier of [one, again])
      expect(await verdict(controlUi.admit(earlier, 'srv_1'))).toBe('unauthenticated');
    expect(await verdict(controlUi.admit(next, 'srv_2'))).toBe('ok');
    expect(await verdict(controlUi.admit(others, 'srv_1'))).toBe('ok');
  });

  test('ends when its browser opens another server for another person', async () => {
    const secret = await session();
    await session(bob, 'srv_2', secret);
    expect(await verdict(controlUi.admit(secret, 'srv_1'))).toBe('unauthenticated');
  });

  test('stays when its sign-in session opens another server with an origin of its own', async () => {
    isShared = false;
    const secret = await session();
    await session(ada, 'srv_2', secret);
    expect(await verdict(controlUi.admit(secret, 'srv_1'))).toBe('ok');
  });

  test('stays when its browser sends a used code', async () => {
    const secret = await session();
    expect(await verdict(controlUi.enter('used', secret))).toBe('not_found');
    expect(await verdict(controlUi.admit(secret, 'srv_1'))).toBe('ok');
  });

  test('ends with the server', async () => {
    const secret = await session();
    await database.db.deleteFrom('servers').where('id', '=', 'srv_1').execute();
    expect(await verdict(controlUi.admit(secret, 'srv_1'))).toBe('unauthenticated');
  });
});
