// The next free place goes to the share that holds the fewest, whatever the others have queued.
import { beforeEach, describe, expect, test } from 'vitest';
import { createFairSlots, type FairSlots } from './fair-slots.ts';

let slots: FairSlots;
/** Shares in the order in which they got a place, with what gives it back. */
let served: Array<{ share: string; release: () => void }>;

beforeEach(() => {
  slots = createFairSlots({ limit: 4 });
  served = [];
});

const ask = (share: string, times = 1, signal = new AbortController().signal) => {
  for (let time = 0; time < times; time += 1)
    slots.acquire(share, signal).then(
      (release) => void served.push({ share, release }),
      () => undefined,
    );
};
const settled = () => new Promise((resolve) => setImmediate(resolve));
const order = () => served.map(({ share }) => share).join('');

describe('fair slots', () => {
  test('alternate between shares that ask at the same moment', async () => {
    ask('a', 100);
    ask('b');
    ask('c', 2);
    await settled();
    expect(order()).toBe('abca');
  });

  test('give a single share all places', async () => {
    ask('a', 100);
    await settled();
    expect(order()).toBe('aaaa');
  });

  test('give a later share each free place until both hold the same number', async () => {
    ask('a', 100);
    await settled();
    ask('b', 100);
    for (const { release } of served.slice(0, 2)) release();
    await settled();
    expect(order()).toBe('aaaabb');
    served[2]?.release();
    await settled();
    expect(order()).toBe('aaaabba');
  });

  test("keep places free beyond a share's own limit", async () => {
    slots = createFairSlots({ limit: 4, perShare: 1 });
    ask('a', 100);
    await settled();
    ask('b', 2);
    await settled();
    expect(order()).toBe('ab');
    served[1]?.release();
    await settled();
    expect(order()).toBe('abb');
  });

  test('free a place once, and skip waiters that left the queue', async () => {
    const leaving = new AbortController();
    ask('a', 4);
    await settled();
    ask('b', 1, leaving.signal);
    ask('c', 2);
    leaving.abort();
    served[0]?.release();
    served[0]?.release();
    await settled();
    expect(order()).toBe('aaaac');
  });

  test('reject an already aborted signal with its reason', async () => {
    await expect(slots.acquire('a', AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});
