// The throttle of event streams: much at once, then slowly, and nobody is refused.
import { expect, test } from 'vitest';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { createStreamThrottle } from './stream-throttle.ts';

const MIB = 1024 * 1024;

/** A throttle, and how many megabytes of a person have been admitted so far. */
function throttled() {
  const clock = createFakeClock();
  const throttle = createStreamThrottle({ clock });
  const leaving = new AbortController();
  const admitted: Record<string, number> = {};
  return {
    leaving,
    admitted,
    send(person: string, mib: number) {
      void throttle.admit(person, mib * MIB, leaving.signal).then(() => {
        admitted[person] = (admitted[person] ?? 0) + mib;
      });
    },
    async pass(ms: number) {
      clock.pass(ms);
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    },
  };
}

test('32 megabytes go at once, and then one a second', async () => {
  const { send, pass, admitted } = throttled();
  for (let mib = 0; mib < 40; mib += 1) send('ada', 1);
  await pass(0);
  expect(admitted).toEqual({ ada: 32 });
  await pass(1_024);
  expect(admitted).toEqual({ ada: 33 });
  for (let second = 0; second < 7; second += 1) await pass(1_024);
  expect(admitted).toEqual({ ada: 40 });
});

test('another person is not held up', async () => {
  const { send, pass, admitted } = throttled();
  for (let mib = 0; mib < 40; mib += 1) send('ada', 1);
  send('grace', 30);
  await pass(0);
  expect(admitted).toEqual({ ada: 32, grace: 30 });
});

test('an event larger than all that goes at once waits until nothing is owed', async () => {
  const { send, pass, admitted } = throttled();
  send('ada', 1);
  send('ada', 50);
  await pass(1_023);
  expect(admitted).toEqual({ ada: 1 });
  await pass(1);
  expect(admitted).toEqual({ ada: 51 });
});

test('whoever leaves does not wait any longer', async () => {
  const { send, pass, leaving, admitted } = throttled();
  send('ada', 32);
  send('ada', 32);
  await pass(0);
  expect(admitted).toEqual({ ada: 32 });
  leaving.abort();
  await pass(0);
  expect(admitted).toEqual({ ada: 64 });
});
