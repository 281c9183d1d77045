import type { User } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import { createSession, type SessionParts } from './session.ts';

const user: User = {
  id: 'u_1',
  username: null,
  firstName: 'Admin',
  lastName: null,
  photoUrl: null,
  languageCode: null,
  isSuperAdmin: true,
  createdAt: '2026-01-01T00:00:00.000Z',
};
const refused = new ApiError(401, { error: 'This link was used already.', code: 'sign_in_failed' });
const nothingKept = new ApiError(401, { error: 'Nothing is kept.', code: 'unauthenticated' });
const noAnswer = new ApiError(0, { error: 'Buoy does not answer.' });

type Answers = Record<string, (string | ApiError)[]>;

/** A session before a server that answers each route in turn with a token or a refusal. */
function sessionBefore(answers: Answers, parts: Partial<SessionParts> = {}) {
  const calls: string[] = [];
  const client = (async (key: string) => {
    calls.push(key);
    const next = answers[key]?.shift() ?? nothingKept;
    if (next instanceof ApiError) throw next;
    return { token: next, user };
  }) as unknown as Client;
  const session = createSession({
    clientFor: () => client,
    telegram: null,
    takeLinkCode: () => null,
    takeTelegramReturn: () => null,
    exclusively: (work) => work(),
    onLinkUsed: () => undefined,
    ...parts,
  });
  return { session, calls };
}

it('signs in by Telegram without asking for anything else', async () => {
  const { session, calls } = sessionBefore(
    { 'POST /auth/telegram': ['t1'] },
    { telegram: { initData: 'x', launchKey: 'k' } },
  );
  await session.start();
  expect(session.token()).toBe('t1');
  expect(calls).toEqual(['POST /auth/telegram']);
});

it('signs in by a link before the kept sign-in', async () => {
  const { session, calls } = sessionBefore({ 'POST /auth/link': ['t1'] }, { takeLinkCode: () => 'code' });
  await session.start();
  expect(session.token()).toBe('t1');
  expect(calls).toEqual(['POST /auth/link']);
});

it('signs in by what Telegram has sent the browser back with', async () => {
  const { session, calls } = sessionBefore(
    { 'POST /auth/telegram-login/finish': ['t1'] },
    { takeTelegramReturn: () => ({ code: 'c', state: 's' }) },
  );
  await session.start();
  expect(session.token()).toBe('t1');
  expect(calls).toEqual(['POST /auth/telegram-login/finish']);
});

it('says why a link was refused, also to who is still signed in', async () => {
  const parts = { takeLinkCode: () => 'code' };
  const stranger = sessionBefore({ 'POST /auth/link': [refused] }, parts).session;
  await stranger.start();
  expect(stranger.state()).toEqual({ phase: 'signed-out', problem: refused });

  const known = sessionBefore({ 'POST /auth/link': [refused], 'POST /auth/refresh': ['t1'] }, parts).session;
  await known.start();
  expect(known.state()).toEqual({ phase: 'signed-in', user, notice: refused });
});

it('does not call it a problem that nobody has signed in here, but that Buoy does not answer', async () => {
  const fresh = sessionBefore({}).session;
  await fresh.start();
  expect(fresh.state()).toEqual({ phase: 'signed-out', problem: null });

  const cut = sessionBefore({ 'POST /auth/refresh': [noAnswer] }).session;
  await cut.start();
  expect(cut.state()).toEqual({ phase: 'signed-out', problem: noAnswer });
});

it('renews once for many calls at the same time', async () => {
  const { session, calls } = sessionBefore({ 'POST /auth/refresh': ['t1', 't2'] });
  await session.start();
  expect(await Promise.all([session.renew(), session.renew(), session.renew()])).toEqual([true, true, true]);
  expect(session.token()).toBe('t2');
  expect(calls).toHaveLength(2);
});

it('signs out when the renewal is refused, and stays when Buoy does not answer', async () => {
  const { session } = sessionBefore({ 'POST /auth/refresh': ['t1', noAnswer, refused] });
  await session.start();
  expect(await session.renew()).toBe(false);
  expect(session.state().phase).toBe('signed-in');
  expect(await session.renew()).toBe(false);
  expect(session.state()).toEqual({ phase: 'signed-out', problem: refused });
  expect(session.token()).toBeNull();
});

it('stays signed in, with a notice, when signing out does not get through', async () => {
  const { session } = sessionBefore({ 'POST /auth/refresh': ['t1'], 'POST /auth/logout': [noAnswer] });
  await session.start();
  await session.signOut();
  expect(session.state()).toEqual({ phase: 'signed-in', user, notice: noAnswer });
});
