// The limit of refused logins: what counts towards it and what resets it.
import { beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createRefusedLogins, type LoginSubject, type RefusedLogins } from './refused-logins.ts';

const MINUTE_MS = 60_000;
const subject = (changes: Partial<LoginSubject> = {}): LoginSubject => ({
  ...{ serverId: 'srv_1', enteredBy: 'ada', address: '192.0.2.1', port: 22 },
  ...changes,
});
const hostPort = '192.0.2.1:22';

let clock: FakeClock;
let logins: RefusedLogins;

beforeEach(() => {
  clock = createFakeClock();
  logins = createRefusedLogins({ clock });
});

const begin = (of = subject(), username = 'root', signal = new AbortController().signal) =>
  logins.begin(of, { username, credential: { type: 'password', password: 'p' }, hostPort, signal });
const refuse = async (times: number, of = subject(), username = 'root') => {
  for (let time = 0; time < times; time += 1) (await begin(of, username)).refused();
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('refused logins', () => {
  test('the sixth within ten minutes is not tried, and the error says when the next one may be', async () => {
    await refuse(1);
    clock.pass(2 * MINUTE_MS);
    await refuse(4);
    await expect(begin()).rejects.toMatchObject({
      code: 'circuit_open',
      hint: expect.stringContaining('in 8 minutes'),
      details: { kind: 'auth', retryInMs: 8 * MINUTE_MS },
    });
    clock.pass(8 * MINUTE_MS);
    await refuse(1);
    await expect(begin()).rejects.toMatchObject({ details: { retryInMs: 2 * MINUTE_MS } });
  });

  test('count for a server also when it moves to another address', async () => {
    await refuse(5);
    await expect(begin(subject({ address: '192.0.2.9' }))).rejects.toMatchObject({ code: 'circuit_open' });
  });

  test('count for an address and port also when the server is added again', async () => {
    await refuse(3);
    await refuse(2, subject({ serverId: 'srv_2' }));
    await expect(begin(subject({ serverId: 'srv_3' }))).rejects.toMatchObject({ code: 'circuit_open' });
    await begin(subject({ serverId: 'srv_3', port: 2222 }));
  });

  test('of one person at an address do not lock out other people there', async () => {
    await refuse(5, subject({ enteredBy: 'mallory', serverId: 'srv_m' }));
    await begin(subject());
  });

  test('are reset by a success of the same login name, not of another one there', async () => {
    await refuse(4);
    (await begin(subject(), 'guest')).succeeded();
    await refuse(1);
    await expect(begin()).rejects.toMatchObject({ code: 'circuit_open' });
    clock.pass(10 * MINUTE_MS);
    await refuse(4);
    (await begin()).succeeded();
    await refuse(4);
    await begin();
  });

  test('do not count logins without an answer', async () => {
    for (let time = 0; time < 9; time += 1) (await begin()).undecided();
    await begin();
  });

  test('cannot be bypassed by concurrent logins: the sixth waits and is refused with the others', async () => {
    const open = await Promise.all(Array.from({ length: 5 }, () => begin()));
    let outcome = 'waits';
    const sixth = begin().then(
      () => (outcome = 'begins'),
      () => (outcome = 'is refused'),
    );
    await settled();
    expect(outcome).toBe('waits');
    for (const attempt of open) attempt.refused();
    await sixth;
    expect(outcome).toBe('is refused');
  });

  test('one that waits begins when another has succeeded, and ends with its call', async () => {
    const open = await Promise.all(Array.from({ length: 5 }, () => begin()));
    const stop = new AbortController();
    const stopped = begin(subject(), 'root', stop.signal);
    const waiting = begin();
    stop.abort(new Error('gone'));
    await expect(stopped).rejects.toThrow('gone');
    open[0]?.succeeded();
    await waiting;
  });

  test('of ten thousand other addresses replace the oldest, so that memory stays bounded', async () => {
    await refuse(5);
    for (let index = 0; index < 5_000; index += 1)
      await refuse(
        1,
        subject({ serverId: `srv_${index + 2}`, address: `2001:db8::${index}`, enteredBy: 'bob' }),
      );
    await begin();
  });
});
