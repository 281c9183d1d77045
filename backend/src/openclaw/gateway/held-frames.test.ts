import { describe, expect, test } from 'vitest';
import { createHeldFrames, type HeldFrames } from './held-frames.ts';

/** A holder that notes its name when it is to end, and then ends. */
function holderOf(held: HeldFrames, person: string, name: string, ended: string[]) {
  const holder = held.open(person, () => {
    ended.push(name);
    holder.close();
  });
  return holder;
}

describe('held frames', () => {
  test('of a person above their limit the longest holder is ended, and nobody else', () => {
    const held = createHeldFrames(10, 100);
    const ended: string[] = [];
    const [short, long, other] = [
      holderOf(held, 'ada', 'short', ended),
      holderOf(held, 'ada', 'long', ended),
      holderOf(held, 'bob', 'other', ended),
    ];
    other.grow(9);
    long.grow(6);
    short.grow(4);
    expect(ended).toEqual([]);
    short.grow(1);
    expect(ended).toEqual(['long']);
    short.grow(5);
    expect(ended).toEqual(['long']);
  });

  test('above the total the one with the most loses, however many accounts share it and however short their frames', () => {
    const held = createHeldFrames(10, 60);
    const ended: string[] = [];
    const victim = holderOf(held, 'victim', 'victim', ended);
    victim.grow(6);
    for (let account = 1; account <= 8; account += 1)
      for (let at = 0; at < 3; at += 1) holderOf(held, `guest ${account}`, `guest ${account}`, ended).grow(3);
    expect(ended).not.toContain('victim');
    expect(ended.length).toBeGreaterThan(0);
    // 78 came; each that was ended held 3.
    expect(78 - ended.length * 3).toBeLessThanOrEqual(60);
  });

  test('what was given back no longer counts', () => {
    const held = createHeldFrames(10, 10);
    const ended: string[] = [];
    const [one, two] = [holderOf(held, 'ada', 'one', ended), holderOf(held, 'bob', 'two', ended)];
    for (let times = 0; times < 5; times += 1) {
      one.grow(9);
      one.shrink(9);
      two.grow(9);
      two.shrink(9);
    }
    one.grow(9);
    one.close();
    one.grow(9);
    two.grow(9);
    expect(ended).toEqual([]);
  });
});
