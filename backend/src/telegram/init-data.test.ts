// initData checks agree with an independent implementation, and refusals give the reason.
import { createHmac } from 'node:crypto';
import { isValid } from '@tma.js/init-data-node';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isAppError } from '../lib/app-error.ts';
import { checkInitData } from './init-data.ts';

const botToken = '7000000001:test-token-of-no-bot-at-all-0000';
const now = Date.parse('2026-03-01T10:00:00.000Z');
const nowS = now / 1000;

// The other implementation reads the time by itself.
beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now }));
afterAll(() => void vi.useRealTimers());

const theirs = (raw: string, token = botToken): boolean => isValid(raw, token, { expiresIn: 3600 });

/** "ok", or the code that we refuse with. */
function ours(raw: string, token = botToken, at = now): string {
  try {
    checkInitData(raw, token, at);
    return 'ok';
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
}

type Fields = Record<string, string>;

const ada = { id: 42, first_name: 'Ada', username: 'ada', language_code: 'en' };
const fieldsOf = (changes: Fields = {}): Fields => ({
  query_id: 'AAHdF6IQAAAAAN0XohDhrOrc',
  user: JSON.stringify(ada),
  auth_date: String(nowS - 60),
  signature: 'c2lnbmF0dXJl-_',
  chat_instance: '-3788475317572404878',
  chat_type: 'private',
  ...changes,
});

function hashOf(pairs: ReadonlyArray<readonly [string, string]>, token = botToken): string {
  const secret = createHmac('sha256', 'WebAppData').update(token).digest();
  const text = pairs
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('\n');
  return createHmac('sha256', secret).update(text).digest('hex');
}

/** As Telegram signs it. `encode` is how its client writes a value into the query string. */
function signed(fields: Fields, encode: (value: string) => string = encodeURIComponent): string {
  const pairs = Object.entries(fields);
  return [...pairs, ['hash', hashOf(pairs)] as const]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encode(value)}`)
    .join('&');
}

describe('initData signed by Telegram', () => {
  test('yields the person, the hash and the time', () => {
    const raw = signed(fieldsOf());
    expect(checkInitData(raw, botToken, now)).toEqual({
      user: ada,
      hash: new URLSearchParams(raw).get('hash'),
      authDateMs: now - 60_000,
    });
    expect(theirs(raw)).toBe(true);
  });

  const names = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 64 }),
    fc.constantFrom(
      'a+b',
      '100%',
      '%41',
      '%zz',
      'Ünïcödé',
      'Жанна',
      '王小明',
      '👩‍👩‍👧‍👦🦞',
      'a&b=c',
      '"\\',
      'hash=0',
      ' ',
    ),
  );
  const fields = fc
    .record({
      first_name: names,
      last_name: names,
      start_param: names,
      age: fc.integer({ min: 0, max: 3_599 }),
    })
    .map(({ first_name, last_name, start_param, age }) =>
      fieldsOf({
        user: JSON.stringify({ ...ada, first_name, last_name }),
        start_param,
        auth_date: String(nowS - age),
      }),
    );
  const encodings = fc.constantFrom<(value: string) => string>(
    encodeURIComponent,
    // Forms write a space as "+".
    (value) => encodeURIComponent(value).replaceAll('%20', '+'),
    // Some clients escape everything, others escape in lower case.
    (value) => [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );

  test('is accepted with any name and escaping, as by the reference implementation', () => {
    fc.assert(
      fc.property(fields, encodings, (values, encode) => {
        const raw = signed(values, encode);
        expect([ours(raw), theirs(raw)]).toEqual(['ok', true]);
        expect(checkInitData(raw, botToken, now).user.first_name).toBe(
          JSON.parse(values.user ?? '').first_name,
        );
      }),
    );
  });

  test('is accepted with its fields in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.keys(fieldsOf()), { minLength: 6 }), (order) => {
        const raw = signed(Object.fromEntries(order.map((name) => [name, fieldsOf()[name] ?? ''])));
        expect([ours(raw), theirs(raw)]).toEqual(['ok', true]);
      }),
    );
  });

  test('is accepted with unknown fields', () => {
    const raw = signed(fieldsOf({ brand_new_field: 'x', Zebra: 'y', '': 'z' }));
    expect([ours(raw), theirs(raw)]).toEqual(['ok', true]);
  });
});

describe('modified initData is refused, as by the reference implementation,', () => {
  test.each(Object.keys(fieldsOf()))('with any one character of the field %s changed', (name) => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('x', '0', ' ', '🦞', ''), (position, replacement) => {
        const params = new URLSearchParams(signed(fieldsOf()));
        const value = params.get(name) ?? '';
        const at = position % value.length;
        const changed = value.slice(0, at) + replacement + value.slice(at + 1);
        fc.pre(changed !== value);
        params.set(name, changed);
        expect(ours(`${params}`)).not.toBe('ok');
        expect(theirs(`${params}`)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  test.each(Object.keys(fieldsOf()))('without the field %s', (name) => {
    const params = new URLSearchParams(signed(fieldsOf()));
    params.delete(name);
    expect(ours(`${params}`)).not.toBe('ok');
    expect(theirs(`${params}`)).toBe(false);
  });

  test('with an added field', () => {
    const raw = `${signed(fieldsOf())}&can_send_after=10`;
    expect([ours(raw), theirs(raw)]).toEqual(['sign_in_failed', false]);
  });

  test('with a hash that omits the signature field', () => {
    const fields = fieldsOf();
    const { signature, ...others } = fields;
    const hash = hashOf(Object.entries(others));
    const raw = `${new URLSearchParams({ ...fields, hash })}`;
    expect([ours(raw), theirs(raw)]).toEqual(['sign_in_failed', false]);
  });

  test('with the hash of another bot, of an empty token or a made-up one', () => {
    const raw = signed(fieldsOf());
    expect([ours(raw, '7:another-bot'), theirs(raw, '7:another-bot')]).toEqual(['sign_in_failed', false]);
    for (const hash of [hashOf(Object.entries(fieldsOf()), ''), '0'.repeat(64)]) {
      const forged = `${new URLSearchParams({ ...fieldsOf(), hash })}`;
      expect([ours(forged), theirs(forged)]).toEqual(['sign_in_failed', false]);
    }
  });

  test('when it is any other text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webQueryParameters()), (text) => {
        expect(ours(text)).not.toBe('ok');
        expect(theirs(text)).toBe(false);
      }),
    );
  });
});

describe('auth_date of initData', () => {
  test.each([
    ['just now', 0, 'ok'],
    ['exactly an hour', 3_600, 'ok'],
    ['an hour and a second', 3_601, 'sign_in_failed'],
    ['a year', 365 * 86_400, 'sign_in_failed'],
  ])('%s old: same result as the reference implementation', (_what, ageS, verdict) => {
    const raw = signed(fieldsOf({ auth_date: String(nowS - ageS) }));
    expect([ours(raw), theirs(raw)]).toEqual([verdict, verdict === 'ok']);
  });

  test('is compared with the given clock to the millisecond', () => {
    const raw = signed(fieldsOf({ auth_date: String(nowS) }));
    expect(ours(raw, botToken, now + 3_600_000)).toBe('ok');
    expect(ours(raw, botToken, now + 3_600_001)).toBe('sign_in_failed');
  });

  // The other implementation takes any date in the future; a phone's clock is never that far ahead of Telegram's.
  test('may be at most a minute in the future', () => {
    expect(ours(signed(fieldsOf({ auth_date: String(nowS + 60) })))).toBe('ok');
    expect(ours(signed(fieldsOf({ auth_date: String(nowS + 61) })))).toBe('sign_in_failed');
    expect(ours(signed(fieldsOf({ auth_date: String(nowS + 365 * 86_400) })))).toBe('sign_in_failed');
  });

  test.each(['', 'now', '-1', '1e9', '0x10', ` ${nowS}`, `${nowS}.5`, '9'.repeat(13)])(
    'is refused as not a number when it is "%s", though signed',
    (authDate) => {
      expect(ours(signed(fieldsOf({ auth_date: authDate })))).toBe('invalid_request');
    },
  );
});

describe('malformed initData is invalid_request, not sign_in_failed:', () => {
  // Signed by the bot itself: only the form is at fault.
  const withUser = (user: unknown) =>
    signed(fieldsOf({ user: typeof user === 'string' ? user : JSON.stringify(user) }));

  test.each([
    ['nothing', ''],
    ['no hash', `${new URLSearchParams(fieldsOf())}`],
    ['an empty hash', `${new URLSearchParams({ ...fieldsOf(), hash: '' })}`],
    ['a hash that is too short', signed(fieldsOf()).slice(0, -1)],
    [
      'a hash in upper case',
      signed(fieldsOf()).replace(/hash=(.*)$/, (_, hash) => `hash=${hash.toUpperCase()}`),
    ],
    ['a user that is no JSON', withUser('Ada')],
    ['a user that is null', withUser(null)],
    ['a user without an id', withUser({ first_name: 'Ada' })],
    ['an id that is text', withUser({ ...ada, id: '42' })],
    ['an id that is no whole number', withUser({ ...ada, id: 4.2 })],
    ['an id below one', withUser({ ...ada, id: 0 })],
    ['an id that JavaScript cannot count exactly', withUser('{"id":9007199254740993}')],
    ['a name of 300 characters', withUser({ ...ada, first_name: 'x'.repeat(300) })],
  ])('%s', (_what, raw) => {
    expect(ours(raw)).toBe('invalid_request');
  });

  test('no user field at all', () => {
    const { user, ...others } = fieldsOf();
    expect(ours(signed(others))).toBe('invalid_request');
  });

  // The other implementation lets the last one win; two readers of one text must not disagree about who signs in.
  test.each(['user', 'auth_date', 'hash', 'start_param'])(
    'initData with a second %s is refused, even when signed',
    (name) => {
      const twice: Array<[string, string]> = [
        ...Object.entries(fieldsOf({ start_param: 'x' })),
        [name, name === 'user' ? '{"id":1}' : String(nowS)],
      ];
      const params = new URLSearchParams([...twice, ['hash', hashOf(twice)]]);
      expect(ours(`${params}`)).toBe('invalid_request');
    },
  );

  test('initData errors never contain the hash or the person', () => {
    const raw = signed(fieldsOf({ auth_date: String(nowS - 9_999) }));
    try {
      checkInitData(raw, botToken, now);
      expect.unreachable();
    } catch (error) {
      const shown = JSON.stringify({ ...(error as object), message: String(error) });
      for (const secret of [new URLSearchParams(raw).get('hash') ?? '', 'Ada', botToken])
        expect(shown).not.toContain(secret);
    }
  });
});
