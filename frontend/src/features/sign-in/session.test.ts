import type { User } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { describe, expect, it } from 'vitest';
import { createLastPerson } from './last-person.ts';
import { createSession, type Session, type SessionParts } from './session.ts';
import type { TelegramOffer } from './sign-in-offer.ts';

const user: User = {
  id: 'u_1',
  username: null,
  firstName: 'Admin',
  lastName: null,
  photoUrl: null,
  languageCode: null,
  isSuperAdmin: true,
  approved: true,
  mayAddServers: true,
  createdAt: '2026-01-01T00:00:00.000Z',
};
const refused = new ApiError(401, { error: 'This link was used already.', code: 'sign_in_failed' });
const nothingKept = new ApiError(401, { error: 'Nothing is kept.', code: 'unauthenticated' });
const disabled = new ApiError(403, { error: 'Your account is disabled.', code: 'account_disabled' });
const noAnswer = new ApiError(0, { error: 'Buoy does not answer.' });

/** A token alone is one of `user`. */
type Answers = Record<string, (string | { token: string; user: User } | ApiError)[]>;

const launch = (part: Partial<TelegramOffer> = {}): TelegramOffer => ({
  ...{ kind: 'telegram', initData: 'x', launchKey: 'k', isInTelegram: true },
  person: { id: user.id, name: 'Admin' },
  ...part,
});
const stranger = launch({ isInTelegram: false, person: { id: '666', name: 'Mallory' } });

/** A session before a server that answers each route in turn with a token or a refusal. */
function sessionBefore(answers: Answers, parts: Partial<SessionParts> = {}) {
  const calls: string[] = [];
  const inputs: unknown[] = [];
  const pauses: number[] = [];
  const client = (async (key: string, input: unknown) => {
    calls.push(key);
    inputs.push(input);
    const next = answers[key]?.shift() ?? nothingKept;
    if (next instanceof ApiError) throw next;
    return typeof next === 'string' ? { token: next, user } : next;
  }) as unknown as Client;
  const session = createSession({
    clientFor: () => client,
    telegram: null,
    takeLinkCode: () => null,
    takeTelegramReturn: () => null,
    takeOidcReturn: () => null,
    lastPerson: createLastPerson(null),
    exclusively: (work) => work(),
    attemptKey: 'key of this browser',
    pause: async (ms) => void pauses.push(ms),
    onLinkUsed: () => undefined,
    onLaunchUsed: () => undefined,
    ...parts,
  });
  return { session, calls, inputs, pauses };
}

/** Starts, and says this to the question that comes. */
async function startAndAnswer(session: Session, isYes: boolean): Promise<void> {
  const started = session.start();
  await untilAsked(session);
  session.answer(isYes);
  await started;
}

function untilAsked(session: Session): Promise<void> {
  return new Promise((resolve) => {
    const stop = session.subscribe(() => {
      if (session.state().phase !== 'asking') return;
      stop();
      resolve();
    });
  });
}

describe('after a rate limit', () => {
  const tooMany = (details: unknown) =>
    new ApiError(429, { error: 'Too many requests.', code: 'rate_limited', details });

  it('a page load waits for Retry-After without a sign-in page, and then signs in', async () => {
    const refusals = [7, 3_600, undefined].map((retryAfterS) => tooMany({ retryAfterS }));
    const { session, calls, pauses } = sessionBefore({ 'POST /auth/refresh': [...refusals, 'kept'] });
    const phases = new Set<string>();
    session.subscribe(() => phases.add(session.state().phase));
    await session.start();
    expect([...phases]).toEqual(['starting', 'signed-in']);
    expect(pauses).toEqual([7_000, 60_000, 5_000]);
    expect(calls).toHaveLength(4);
  });

  it('the code of a sign-in link is sent again', async () => {
    const { session, inputs } = sessionBefore(
      { 'POST /auth/link': [tooMany({ retryAfterS: 1 }), 't1'] },
      { takeLinkCode: () => 'the code' },
    );
    await startAndAnswer(session, true);
    expect(session.token()).toBe('t1');
    expect(inputs.slice(1)).toEqual([{ body: { code: 'the code' } }, { body: { code: 'the code' } }]);
  });

  it('a signed-in person stays signed in', async () => {
    const { session } = sessionBefore({ 'POST /auth/refresh': ['t1', tooMany(null), 't2'] });
    await session.start();
    expect(await session.renew()).toBe(true);
    expect(session.token()).toBe('t2');
  });
});

describe('after a provider returned without a sign-in', () => {
  const takeOidcReturn = () => ({ refusal: 'denied' }) as const;

  it('shows the refusal, and only renews the kept session', async () => {
    const { session, calls } = sessionBefore({}, { takeOidcReturn });
    await session.start();
    expect(session.state()).toEqual({ phase: 'signed-out', problem: null, refusal: 'denied' });
    expect(calls).toEqual(['POST /auth/refresh']);
  });

  it('keeps a signed-in person without a message, since anyone can craft such an address', async () => {
    const { session } = sessionBefore({ 'POST /auth/refresh': ['kept'] }, { takeOidcReturn });
    await session.start();
    expect(session.state()).toMatchObject({ phase: 'signed-in', notice: null });
  });
});

it('signs in inside Telegram without asking', async () => {
  const { session, calls } = sessionBefore({ 'POST /auth/telegram': ['t1'] }, { telegram: launch() });
  await session.start();
  expect(session.token()).toBe('t1');
  expect(calls).toEqual(['POST /auth/refresh', 'POST /auth/telegram']);
});

it('signs the same person in again without asking, whatever the source of the launch data', async () => {
  const { session, calls } = sessionBefore(
    { 'POST /auth/refresh': ['kept'], 'POST /auth/telegram': ['t1'] },
    { telegram: launch({ isInTelegram: false }) },
  );
  await session.start();
  expect(session.token()).toBe('t1');
  expect(calls).toEqual(['POST /auth/refresh', 'POST /auth/telegram']);
});

describe('a link with launch data of another person', () => {
  it('asks in an ordinary browser before sending any of it', async () => {
    const { session, calls } = sessionBefore({ 'POST /auth/telegram': ['t1'] }, { telegram: stranger });
    const started = session.start();
    await Promise.race([started, untilAsked(session)]);
    expect(session.state()).toEqual({ phase: 'asking', offer: stranger, kept: null });
    expect(session.token()).toBeNull();
    expect(calls).toEqual(['POST /auth/refresh']);
    session.answer(true);
    await started;
    expect(session.token()).toBe('t1');
    expect(calls).toEqual(['POST /auth/refresh', 'POST /auth/telegram']);
  });

  it('asks inside Telegram while another session is active', async () => {
    const telegram = { ...stranger, isInTelegram: true };
    const { session, calls } = sessionBefore({ 'POST /auth/refresh': ['kept'] }, { telegram });
    const started = session.start();
    await Promise.race([started, untilAsked(session)]);
    expect(session.state()).toEqual({ phase: 'asking', offer: telegram, kept: user });
    session.answer(false);
    await started;
    expect(session.state()).toEqual({ phase: 'signed-in', user, notice: null });
    expect(session.token()).toBe('kept');
    expect(calls).toEqual(['POST /auth/refresh']);
  });

  it('asks inside Telegram when another person signed in here last', async () => {
    const { session, calls } = sessionBefore(
      { 'POST /auth/refresh': ['kept'] },
      { telegram: { ...stranger, isInTelegram: true } },
    );
    await startAndAnswer(session, false);
    await session.signOut();
    await startAndAnswer(session, false);
    expect(session.state()).toEqual({ phase: 'signed-out', problem: null });
    expect(calls).not.toContain('POST /auth/telegram');
  });

  it('keeps the person signed out after a refusal, and is discarded', async () => {
    let used = 0;
    const { session, calls } = sessionBefore({}, { telegram: stranger, onLaunchUsed: () => (used += 1) });
    await startAndAnswer(session, false);
    expect(session.state()).toEqual({ phase: 'signed-out', problem: null });
    expect(used).toBe(1);
    await session.start();
    expect(session.state().phase).toBe('signed-out');
    expect(calls).toEqual(['POST /auth/refresh', 'POST /auth/refresh']);
  });

  it('is not sent while it is unknown whether another session is active', async () => {
    const { session, calls } = sessionBefore(
      { 'POST /auth/refresh': [noAnswer, 'kept'] },
      { telegram: { ...stranger, isInTelegram: true } },
    );
    await session.start();
    expect(session.state()).toEqual({ phase: 'signed-out', problem: noAnswer });
    const again = session.start();
    await untilAsked(session);
    session.answer(false);
    await again;
    expect(calls).toEqual(['POST /auth/refresh', 'POST /auth/refresh']);
  });
});

describe('a sign-in link', () => {
  it('asks before sending its code', async () => {
    const parts = { takeLinkCode: () => 'code' };
    const { session, calls } = sessionBefore({ 'POST /auth/link': ['t1'] }, parts);
    const started = session.start();
    await Promise.race([started, untilAsked(session)]);
    expect(session.state()).toEqual({ phase: 'asking', offer: { kind: 'link' }, kept: null });
    expect(calls).toEqual(['POST /auth/refresh']);
    session.answer(true);
    await started;
    expect(session.token()).toBe('t1');
    expect(calls).toEqual(['POST /auth/refresh', 'POST /auth/link']);
  });

  it('names the current person, who stays signed in after a refusal', async () => {
    const { session, calls } = sessionBefore(
      { 'POST /auth/refresh': ['kept'] },
      { takeLinkCode: () => 'code' },
    );
    const started = session.start();
    await Promise.race([started, untilAsked(session)]);
    expect(session.state()).toMatchObject({ phase: 'asking', kept: user });
    session.answer(false);
    await started;
    expect(session.token()).toBe('kept');
    expect(calls).toEqual(['POST /auth/refresh']);
  });
});

it('signs in with the code and state that Telegram returned', async () => {
  const { session, calls } = sessionBefore(
    { 'POST /auth/telegram-login/finish': ['t1'] },
    { takeTelegramReturn: () => ({ code: 'c', state: 's' }) },
  );
  await session.start();
  expect(session.token()).toBe('t1');
  expect(calls).toEqual(['POST /auth/telegram-login/finish']);
});

it('shows why a link was refused, also to a signed-in person', async () => {
  const parts = { takeLinkCode: () => 'code' };
  const stranger = sessionBefore({ 'POST /auth/link': [refused] }, parts).session;
  await startAndAnswer(stranger, true);
  expect(stranger.state()).toEqual({ phase: 'signed-out', problem: refused });

  const known = sessionBefore({ 'POST /auth/link': [refused], 'POST /auth/refresh': ['t1'] }, parts).session;
  await startAndAnswer(known, true);
  expect(known.state()).toEqual({ phase: 'signed-in', user, notice: refused });
});

it('reports an unreachable Buoy as a problem, but not a missing session', async () => {
  const fresh = sessionBefore({}).session;
  await fresh.start();
  expect(fresh.state()).toEqual({ phase: 'signed-out', problem: null });

  const cut = sessionBefore({ 'POST /auth/refresh': [noAnswer] }).session;
  await cut.start();
  expect(cut.state()).toEqual({ phase: 'signed-out', problem: noAnswer });
});

it('renews the session once for concurrent calls', async () => {
  const { session, calls } = sessionBefore({ 'POST /auth/refresh': ['t1', 't2'] });
  await session.start();
  expect(await Promise.all([session.renew(), session.renew(), session.renew()])).toEqual([true, true, true]);
  expect(session.token()).toBe('t2');
  expect(calls).toHaveLength(2);
});

it('renews the session one at a time, with the browser’s key and keepalive', async () => {
  const order: string[] = [];
  const { session, inputs } = sessionBefore(
    { 'POST /auth/refresh': ['t1'] },
    {
      exclusively: async (work) => {
        order.push('locked');
        const result = await work();
        order.push('unlocked');
        return result;
      },
    },
  );
  await session.start();
  expect(order).toEqual(['locked', 'unlocked']);
  expect(inputs).toEqual([{ body: { attemptKey: 'key of this browser' }, keepalive: true }]);
});

it('signs out after a refused renewal, and stays signed in when Buoy does not answer', async () => {
  const { session } = sessionBefore({ 'POST /auth/refresh': ['t1', noAnswer, refused] });
  await session.start();
  expect(await session.renew()).toBe(false);
  expect(session.state().phase).toBe('signed-in');
  expect(await session.renew()).toBe(false);
  expect(session.state()).toEqual({ phase: 'signed-out', problem: refused });
  expect(session.token()).toBeNull();
});

it('ends in this tab when the browser has been signed in as another person, as whom nothing is done here', async () => {
  const other = { token: 'of another person', user: { ...user, id: 'u_2', firstName: 'Mallory' } };
  const { session } = sessionBefore({ 'POST /auth/refresh': ['t1', other] });
  await session.start();
  expect(await session.renew()).toBe(false);
  expect(session.token()).toBeNull();
  expect(session.state()).toEqual({
    phase: 'signed-out',
    problem: expect.objectContaining({ message: 'Somebody else has signed in in this browser.' }),
  });
});

it('stays signed in with a notice when signing out fails', async () => {
  const { session } = sessionBefore({ 'POST /auth/refresh': ['t1'], 'POST /auth/logout': [noAnswer] });
  await session.start();
  await session.signOut();
  expect(session.state()).toEqual({ phase: 'signed-in', user, notice: noAnswer });
});

describe('signing out with an access token that has expired', () => {
  const expired = new ApiError(401, { error: 'The access token has expired.', code: 'token_expired' });
  const revoked = new ApiError(401, { error: 'This session was ended.', code: 'session_revoked' });
  const signOutAfter = async (answers: Answers) => {
    const before = sessionBefore(answers);
    await before.session.start();
    await before.session.signOut();
    return { ...before, state: before.session.state() };
  };

  it.each([expired, nothingKept])(
    'renews it first, and then ends the session on the server',
    async (refusal) => {
      const { state, calls } = await signOutAfter({
        'POST /auth/refresh': ['t1', 't2'],
        'POST /auth/logout': [refusal, 't2'],
      });
      expect(calls).toEqual([
        ...['POST /auth/refresh', 'POST /auth/logout'],
        ...['POST /auth/refresh', 'POST /auth/logout'],
      ]);
      expect(state).toEqual({ phase: 'signed-out', problem: null });
    },
  );

  it('stays signed in with a notice when the renewal fails: the cookie lives on', async () => {
    const { state, calls } = await signOutAfter({
      'POST /auth/refresh': ['t1', noAnswer],
      'POST /auth/logout': [expired],
    });
    expect(calls).toHaveLength(3);
    expect(state).toEqual({ phase: 'signed-in', user, notice: noAnswer });
  });

  it('stays signed in with a notice when the session could not be ended after the renewal either', async () => {
    const { state } = await signOutAfter({
      'POST /auth/refresh': ['t1', 't2'],
      'POST /auth/logout': [expired, expired],
    });
    expect(state).toEqual({ phase: 'signed-in', user, notice: expired });
  });

  it('is signed out when the renewal says that the session is over', async () => {
    const { session, state } = await signOutAfter({
      'POST /auth/refresh': ['t1', revoked],
      'POST /auth/logout': [expired],
    });
    expect(state.phase).toBe('signed-out');
    expect(session.token()).toBeNull();
  });

  it('ends no session of somebody else who has signed in in this browser meanwhile', async () => {
    const other = { token: 'of another person', user: { ...user, id: 'u_2' } };
    const { state, calls } = await signOutAfter({
      'POST /auth/refresh': ['t1', other],
      'POST /auth/logout': [expired],
    });
    expect(calls).toHaveLength(3);
    expect(state).toMatchObject({
      phase: 'signed-out',
      problem: { message: 'Somebody else has signed in in this browser.' },
    });
  });

  it('asks for no renewal when the session was ended elsewhere', async () => {
    const { state, calls } = await signOutAfter({
      'POST /auth/refresh': ['t1'],
      'POST /auth/logout': [revoked],
    });
    expect(calls).toHaveLength(2);
    expect(state).toEqual({ phase: 'signed-out', problem: null });
  });
});

it('signs out a person who was disabled, with the reason', async () => {
  const { session } = sessionBefore({ 'POST /auth/refresh': ['t1', disabled] });
  await session.start();
  expect(await session.renew()).toBe(false);
  expect(session.token()).toBeNull();
  expect(session.state()).toEqual({ phase: 'signed-out', problem: disabled });
});

describe('the kept sign-in of a disabled person', () => {
  it('does not block a sign-in link of another person', async () => {
    const { session } = sessionBefore(
      { 'POST /auth/refresh': [disabled], 'POST /auth/link': ['t1'] },
      { takeLinkCode: () => 'code' },
    );
    const started = session.start();
    await Promise.race([started, untilAsked(session)]);
    expect(session.state()).toEqual({ phase: 'asking', offer: { kind: 'link' }, kept: null });
    session.answer(true);
    await started;
    expect(session.token()).toBe('t1');
  });

  it('does not block a launch inside Telegram', async () => {
    const { session } = sessionBefore(
      { 'POST /auth/refresh': [disabled], 'POST /auth/telegram': ['t1'] },
      { telegram: launch() },
    );
    await session.start();
    expect(session.token()).toBe('t1');
  });

  it('is reported when the person has or takes no other way to sign in', async () => {
    const alone = sessionBefore({ 'POST /auth/refresh': [disabled] }).session;
    await alone.start();
    expect(alone.state()).toEqual({ phase: 'signed-out', problem: disabled });

    const parts = { takeLinkCode: () => 'code' };
    const declined = sessionBefore({ 'POST /auth/refresh': [disabled] }, parts).session;
    await startAndAnswer(declined, false);
    expect(declined.state()).toEqual({ phase: 'signed-out', problem: disabled });
  });
});

it('updates the person from the server’s answer', async () => {
  const { session } = sessionBefore({ 'POST /auth/refresh': ['t1'] });
  const approved = { ...user, firstName: 'Renamed' };
  session.updateUser(approved);
  expect(session.state()).toEqual({ phase: 'starting' });
  await session.start();
  session.updateUser(approved);
  expect(session.state()).toMatchObject({ phase: 'signed-in', user: approved });
});
