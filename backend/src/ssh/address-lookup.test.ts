// Lookups that hang delay only the person who entered the names.
import { beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { type AddressLookup, createAddressLookup } from './address-lookup.ts';

let asked: string[];
let answers: Map<string, () => void>;
let lookup: AddressLookup;
let clock: FakeClock;

beforeEach(() => {
  asked = [];
  answers = new Map();
  clock = createFakeClock();
  lookup = createAddressLookup({
    clock,
    resolve(host) {
      asked.push(host);
      return new Promise(
        (resolve) => void answers.set(host, () => resolve([{ address: '192.0.2.1', family: 4 }])),
      );
    },
  });
});

const ask = (host: string, enteredBy: string, signal = new AbortController().signal) => {
  const answer = lookup(host, { enteredBy, signal });
  answer.catch(() => undefined);
  return answer;
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('names that their name server does not answer', () => {
  test('delay only the person who entered them', async () => {
    for (const index of [1, 2, 3, 4, 5]) void ask(`slow${index}.test`, 'mallory');
    await settled();
    expect(asked).toEqual(['slow1.test']);
    const answer = ask('server.test', 'ada');
    await settled();
    answers.get('server.test')?.();
    expect(await answer).toEqual([{ address: '192.0.2.1', family: 4 }]);
    expect(asked).toEqual(['slow1.test', 'server.test']);
  });

  test('keep their place when the call is aborted, because the thread is still busy', async () => {
    const giveUp = new AbortController();
    const first = ask('slow.test', 'mallory', giveUp.signal);
    void ask('next.test', 'mallory');
    await settled();
    giveUp.abort(new Error('given up'));
    await expect(first).rejects.toThrow('given up');
    await settled();
    expect(asked).toEqual(['slow.test']);
    answers.get('slow.test')?.();
    await settled();
    expect(asked).toEqual(['slow.test', 'next.test']);
  });

  test('do not delay an IP address, which needs no lookup', async () => {
    void ask('slow.test', 'mallory');
    for (const host of ['192.0.2.7', '2001:db8::1', 'fe80::1%eth0']) void ask(host, 'mallory');
    await settled();
    expect(asked).toContain('192.0.2.7');
    expect(asked).toHaveLength(4);
  });

  describe('asked for by three people at once', () => {
    const attackers = ['mallory', 'mallet', 'trudy'];
    /** All three hold a place for 10 s; the names that they ask for next wait behind. */
    beforeEach(async () => {
      for (const person of attackers) void ask(`first.${person}.test`, person);
      for (const person of attackers) void ask(`second.${person}.test`, person);
      await settled();
      clock.pass(10_000);
      for (const person of attackers) answers.get(`first.${person}.test`)?.();
      await settled();
    });
    const askedSecond = () => asked.filter((host) => host.startsWith('second.'));

    test('delay nobody else again: they share one place', async () => {
      expect(askedSecond()).toEqual(['second.mallory.test']);
      for (const [index, person] of ['ada', 'grace'].entries()) {
        const answer = ask(`server${index}.test`, person);
        await settled();
        answers.get(`server${index}.test`)?.();
        expect(await answer).toHaveLength(1);
      }
      answers.get('second.mallory.test')?.();
      await settled();
      expect(askedSecond()).toEqual(['second.mallory.test', 'second.mallet.test']);
    });

    test('keep that limit after a fast name in between', async () => {
      for (const person of attackers) {
        answers.get(`second.${person}.test`)?.();
        await settled();
      }
      for (const person of attackers) void ask(`third.${person}.test`, person);
      await settled();
      expect(asked.filter((host) => host.startsWith('third.'))).toHaveLength(1);
    });

    test('get places of their own again after a minute without a hang', async () => {
      for (const person of attackers) {
        answers.get(`second.${person}.test`)?.();
        await settled();
      }
      clock.pass(60_000);
      for (const person of attackers) void ask(`third.${person}.test`, person);
      await settled();
      expect(asked.filter((host) => host.startsWith('third.'))).toHaveLength(3);
    });
  });
});
