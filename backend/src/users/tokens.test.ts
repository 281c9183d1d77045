// Access tokens: who holds one, for how long, and every way to make one up.
import { describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { createSessionStore } from './sessions.store.ts';
import { createSignInStore } from './sign-in.store.ts';
import { createSignIn } from './sign-in.ts';
import { admissionParts } from './testing/people.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { createUserStore } from './users.store.ts';

const start = Date.parse('2026-03-01T10:00:00.000Z');
let now = start;
const clock = { now: () => now, after: () => () => undefined };
const secret = 'a secret of at least 32 characters';
const subject = { userId: '42', sessionId: 'ses_1' };
const fresh = 'another secret of at least 32 characters';
const tokens: Tokens = await createTokens({ secrets: [secret], clock });
const both: Tokens = await createTokens({ secrets: [fresh, secret], clock });
const newAlone: Tokens = await createTokens({ secrets: [fresh], clock });

/** "ok", or the code of the refusal. */
const verdict = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const issue = async () => {
  now = start;
  const token = await tokens.issue(subject);
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return { token, header, payload, signature, claims };
};

describe('an access token', () => {
  test('names the user and session, signed with HS256 for a day, as in the contract', async () => {
    const { token, header, claims } = await issue();
    expect(JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))).toMatchObject({ alg: 'HS256' });
    expect(claims).toMatchObject({ sub: '42', sid: 'ses_1', iat: start / 1000, exp: start / 1000 + 86_400 });
    expect(await tokens.verify(token)).toEqual(subject);
  });

  test("is valid for a day by Buoy's clock", async () => {
    const { token } = await issue();
    now = start + 86_400_000 - 1_000;
    expect(await verdict(tokens.verify(token))).toBe('ok');
    now = start + 86_400_000;
    expect(await verdict(tokens.verify(token))).toBe('token_expired');
  });

  test('is valid in another process with the same secret only', async () => {
    const { token } = await issue();
    expect(await verdict((await createTokens({ secrets: [secret], clock })).verify(token))).toBe('ok');
    const other = await createTokens({ secrets: [`${secret}!`], clock });
    expect(await verdict(other.verify(token))).toBe('unauthenticated');
  });
});

describe('access tokens after a secret change', () => {
  test('an earlier token is valid while the old secret is kept, for at most its day', async () => {
    const { token } = await issue();
    expect(await both.verify(token)).toEqual(subject);
    expect(await verdict(newAlone.verify(token))).toBe('unauthenticated');
    now = start + 86_400_000;
    expect(await verdict(both.verify(token))).toBe('token_expired');
  });

  test('a new token is signed with the new secret', async () => {
    now = start;
    const token = await both.issue(subject);
    expect(await newAlone.verify(token)).toEqual(subject);
    expect(await verdict(tokens.verify(token))).toBe('unauthenticated');
  });

  test('a token signed with another secret is refused', async () => {
    now = start;
    const stranger = await createTokens({ secrets: [`${secret}!`], clock });
    expect(await verdict(both.verify(await stranger.issue(subject)))).toBe('unauthenticated');
  });

  test('creating tokens without a secret throws', async () => {
    await expect(createTokens({ secrets: [], clock })).rejects.toThrow(/at least one secret/);
  });
});

describe('a forged access token is refused', () => {
  test.each(['none', 'None', 'NONE', 'HS384', 'HS512', 'RS256', 'ES256', ''])(
    'when it says that its algorithm is "%s"',
    async (alg) => {
      const { payload, signature } = await issue();
      for (const end of ['', signature])
        expect(await verdict(tokens.verify(`${encoded({ alg, typ: 'JWT' })}.${payload}.${end}`))).toBe(
          'unauthenticated',
        );
    },
  );

  test.each([{ sub: '1' }, { sid: 'ses_other' }, { exp: 9_999_999_999 }, { extra: true }, { aud: 'other' }])(
    'when its payload was changed to have %j',
    async (change) => {
      const { header, claims, signature } = await issue();
      const token = `${header}.${encoded({ ...claims, ...change })}.${signature}`;
      expect(await verdict(tokens.verify(token))).toBe('unauthenticated');
    },
  );

  test('when its signature was cut or any bit changed', async () => {
    const { header, payload, signature } = await issue();
    expect(await verdict(tokens.verify(`${header}.${payload}.`))).toBe('unauthenticated');
    expect(await verdict(tokens.verify(`${header}.${payload}.${signature.slice(0, -4)}`))).toBe(
      'unauthenticated',
    );
    for (let at = 0; at < 32; at += 1) {
      const bytes = Buffer.from(signature, 'base64url');
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      const token = `${header}.${payload}.${bytes.toString('base64url')}`;
      expect(await verdict(tokens.verify(token))).toBe('unauthenticated');
    }
  });

  test.each(['', '.', '..', 'a.b.c', '🦞', 'x'.repeat(5_000)])(
    'when it is not a token: "%s"',
    async (token) => {
      expect(await verdict(tokens.verify(token))).toBe('unauthenticated');
    },
  );
});

describe('a correctly signed access token', () => {
  test("is refused when its session is missing or another person's", async () => {
    now = start;
    const [sqlite] = testDatabases();
    const database = await (sqlite ?? expect.unreachable()).open();
    try {
      const signIn = createSignIn({
        users: createUserStore(database.db),
        sessions: createSessionStore(database.db),
        store: createSignInStore(database.db),
        tokens,
        botToken: BOT_TOKEN,
        ...admissionParts(database, clock),
        sessionMaxDays: 90,
        commands: 'npm',
        clock,
      });
      const initData = forgeInitData({ id: 42, first_name: 'Ada' }, BOT_TOKEN, now);
      const { token } = await signIn.byTelegram({ initData }, { ip: '127.0.0.1', userAgent: null });
      const { sessionId } = await signIn.authenticate(token);
      const stolen = await tokens.issue({ userId: '1', sessionId });
      expect(await verdict(signIn.authenticate(stolen))).toBe('unauthenticated');
      const ended = await tokens.issue({ userId: '42', sessionId: 'ses_none' });
      expect(await verdict(signIn.authenticate(ended))).toBe('session_revoked');
    } finally {
      await database.close();
    }
  });
});
