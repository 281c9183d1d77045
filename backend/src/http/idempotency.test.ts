// The same Idempotency-Key, user and body: the first answer again, and one effect however often it is sent.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DurabilityApp, startDurabilityApp } from '../../test/support/durability-app.ts';
import { AppError } from '../lib/app-error.ts';
import { signedIn } from './policies.ts';
import { route } from './route.ts';

const DAY_MS = 86_400_000;

/** What the exec stand-in prints besides a number, by command. */
const printed: Record<string, string> = {
  'print much': 'x'.repeat(300_000),
  'print much in Chinese': '語'.repeat(100_000),
  'print a lot': 'x'.repeat(250_000),
};

let running: DurabilityApp;
let ada: string;
let grace: string;
let now: number;
/** What the exec stand-in does besides counting. */
let during: (command: string) => Promise<void> | void;
let effects: string[];

beforeEach(async () => {
  now = Date.parse('2026-03-01T10:00:00.000Z');
  effects = [];
  during = () => undefined;
  running = await startDurabilityApp({
    clock: { now: () => now, after: () => () => undefined },
    routes: [
      route('POST /servers/:id/exec', signedIn, async ({ body, params }) => {
        effects.push(`${params.id} ${body.command}`);
        await during(body.command ?? '');
        return {
          exitCode: 0,
          signal: null,
          stdout: printed[body.command ?? ''] ?? `effect ${effects.length}`,
          stderr: '',
          truncated: false,
          durationMs: 1,
        };
      }),
      route('PUT /servers/:id', signedIn, ({ params }) => {
        effects.push(`put ${params.id}`);
        throw new AppError('unsupported', 'Seen.');
      }),
    ],
  });
  ada = await running.authorization(42);
  grace = await running.authorization(43);
});
afterEach(() => running.close());

type Call = { key?: string; command?: string; url?: string; authorization?: string };

const send = ({
  key = 'key-1',
  command = 'uptime',
  url = '/servers/srv_1/exec',
  authorization = ada,
}: Call = {}) =>
  running.app.inject({
    method: 'POST',
    url: `/api${url}`,
    headers: { authorization, 'idempotency-key': key },
    payload: { command },
  });

describe('a repeated Idempotency-Key', () => {
  test('returns the same answer without a second effect', async () => {
    const [first, second] = [await send(), await send()];
    expect(first.statusCode).toBe(200);
    expect([second.statusCode, second.json()]).toEqual([200, first.json()]);
    expect(effects).toEqual(['srv_1 uptime']);
  });

  test.each(['print much', 'print much in Chinese'])(
    'answers 409 without a second effect when the first answer was too large to keep: %s',
    async (command) => {
      expect((await send({ command })).statusCode).toBe(200);
      const again = await send({ command });
      expect(again.statusCode).toBe(409);
      expect(again.json()).toMatchObject({ code: 'idempotency_key_in_use' });
      expect(effects).toHaveLength(1);
    },
  );

  test('answers 409 without a second effect when 16 MiB of newer answers of that person are kept', async () => {
    const theirs = { key: 'of-grace', authorization: grace };
    const first = await send(theirs);
    const command = 'print a lot';
    // 50 of these are kept, sealed.
    for (let index = 0; index < 52; index += 1) {
      now += 1;
      await send({ key: `key-${index}`, command });
    }
    expect(effects).toHaveLength(53);
    for (const key of ['key-0', 'key-1'])
      expect((await send({ key, command })).json().code).toBe('idempotency_key_in_use');
    for (const key of ['key-2', 'key-51']) expect((await send({ key, command })).statusCode).toBe(200);
    expect((await send(theirs)).json()).toEqual(first.json());
    expect(effects).toHaveLength(53);
  });

  test('sent fifty times in parallel has one effect, and all get its answer', async () => {
    during = () => new Promise((resolve) => setImmediate(resolve));
    const answers = await Promise.all(Array.from({ length: 50 }, () => send()));
    expect(effects).toEqual(['srv_1 uptime']);
    for (const answer of answers)
      expect([answer.statusCode, answer.json().stdout]).toEqual([200, 'effect 1']);
  });

  test('returns an empty answer again', async () => {
    const signOut = () =>
      running.app.inject({
        method: 'POST',
        url: '/api/auth/logout',
        headers: { authorization: ada, 'idempotency-key': 'out' },
      });
    expect((await signOut()).statusCode).toBe(204);
    ada = await running.authorization(42);
    const again = await signOut();
    expect([again.statusCode, again.body]).toEqual([204, '']);
  });

  test('matches the same body with reordered fields or explicit defaults', async () => {
    await send();
    const again = await running.app.inject({
      method: 'POST',
      url: '/api/servers/srv_1/exec',
      headers: { authorization: ada, 'idempotency-key': 'key-1' },
      payload: { timeoutS: 30, command: 'uptime' },
    });
    expect(again.statusCode).toBe(200);
    expect(effects).toHaveLength(1);
  });

  test('returns the same refusal even when its reason has gone', async () => {
    during = () => {
      throw new AppError('conflict', 'Somebody is at it.', { hint: 'Wait.' });
    };
    const first = await send();
    during = () => undefined;
    const second = await send();
    expect([first.statusCode, second.statusCode]).toEqual([409, 409]);
    expect(second.json()).toMatchObject({ code: 'conflict', error: 'Somebody is at it.', hint: 'Wait.' });
    expect(effects).toHaveLength(1);
  });

  test.each([
    ...(['internal', 'unreachable', 'deadline', 'bad_gateway', 'rate_limited', 'storage_full'] as const),
    ...(['cancelled', 'session_revoked', 'forbidden'] as const),
  ])('runs the call again after %s, which is temporary', async (code) => {
    during = () => {
      throw new AppError(code, 'Not now.');
    };
    expect((await send()).json().code).toBe(code);
    during = () => undefined;
    expect((await send()).statusCode).toBe(200);
    expect(effects).toHaveLength(2);
    expect((await send()).json().stdout).toBe('effect 2');
  });

  test('sent fifty times in parallel for a failing call gives all an error, and can be retried', async () => {
    during = () => Promise.reject(new Error('broken'));
    const answers = await Promise.all(Array.from({ length: 50 }, () => send()));
    expect(answers.every(({ statusCode }) => statusCode === 500)).toBe(true);
    during = () => undefined;
    expect((await send()).statusCode).toBe(200);
  });

  test('runs a new call after a day', async () => {
    await send();
    now += DAY_MS;
    // The tokens are a day old as well.
    ada = await running.authorization(42);
    expect((await send()).json().stdout).toBe('effect 1');
    now += 1;
    expect((await send()).json().stdout).toBe('effect 2');
  });
});

describe('the same Idempotency-Key', () => {
  test('with another body, path or query is refused without effect', async () => {
    await send();
    for (const other of [{ command: 'reboot' }, { url: '/servers/srv_2/exec' }]) {
      const answer = await send(other);
      expect([answer.statusCode, answer.json().code]).toEqual([409, 'idempotency_key_reused']);
    }
    expect(effects).toEqual(['srv_1 uptime']);
  });

  test('with another body is refused while the first call runs', async () => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    during = () => {
      started.resolve();
      return finish.promise;
    };
    const first = send();
    await started.promise;
    expect((await send({ command: 'reboot' })).json().code).toBe('idempotency_key_reused');
    finish.resolve();
    expect((await first).statusCode).toBe(200);
    expect(effects).toEqual(['srv_1 uptime']);
  });

  test('of another person is a separate key, so that no answer leaks', async () => {
    await send();
    const theirs = await send({ authorization: grace });
    expect(theirs.json().stdout).toBe('effect 2');
  });

  test('does not authenticate a caller', async () => {
    await send();
    expect((await send({ authorization: 'Bearer a.b.c' })).statusCode).toBe(401);
  });

  test('is ignored for methods other than POST', async () => {
    for (let call = 0; call < 2; call += 1)
      await running.app.inject({
        method: 'PUT',
        url: '/api/servers/srv_1',
        headers: { authorization: ada, 'idempotency-key': 'key-1' },
        payload: {},
      });
    expect(effects).toEqual(['put srv_1', 'put srv_1']);
  });
});

describe('an Idempotency-Key', () => {
  test.each([' ', 'a b', 'x'.repeat(256), 'ключ', '\u00e9'])(
    '"%s" is refused without effect',
    async (key) => {
      const answer = await running.app.inject({
        method: 'POST',
        url: '/api/servers/srv_1/exec',
        headers: { authorization: ada, 'idempotency-key': Buffer.from(key).toString('latin1') },
        payload: { command: 'uptime' },
      });
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid_request']);
      expect(effects).toEqual([]);
    },
  );

  test.each([
    'x',
    'x'.repeat(255),
    '~!@#$%^&*()_+',
    "'; drop table idempotency_keys;--".replaceAll(' ', '_'),
  ])('"%s" is accepted', async (key) => {
    expect((await send({ key })).statusCode).toBe(200);
    expect((await send({ key })).json().stdout).toBe('effect 1');
  });

  test('is not used up by an invalid body', async () => {
    const bad = await send({ command: '' });
    expect(bad.statusCode).toBe(400);
    expect((await send({ command: 'uptime' })).statusCode).toBe(200);
  });
});
