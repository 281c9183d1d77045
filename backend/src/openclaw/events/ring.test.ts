import { describe, expect, test } from 'vitest';
import { createRing } from './ring.ts';

const limits = { events: 3, bytes: 1_000 };

describe('event ring', () => {
  test('returns the events after a number, in order, and null at the end', () => {
    const ring = createRing<string>(limits);
    expect(ring.after(0)).toBeNull();
    for (const value of ['a', 'b']) ring.push(value);
    expect(ring.after(0)).toEqual({ number: 1, value: 'a' });
    expect(ring.after(1)).toEqual({ number: 2, value: 'b' });
    expect(ring.after(2)).toBeNull();
  });

  test('returns "lost" for dropped events, by number of events and by bytes', () => {
    const ring = createRing<string>(limits);
    for (const value of ['a', 'b', 'c', 'd']) ring.push(value);
    expect(ring.after(0)).toBe('lost');
    expect(ring.after(1)).toEqual({ number: 2, value: 'b' });
    ring.push('x'.repeat(996));
    expect(ring.after(3)).toBe('lost');
    expect(ring.after(4)).toMatchObject({ number: 5 });
  });

  test('keeps the newest event, whatever its size', () => {
    const ring = createRing<string>(limits);
    ring.push('x'.repeat(5_000));
    expect(ring.after(0)).toMatchObject({ number: 1 });
  });

  test('accepts its own ids, and neither those of another ring nor future ones', () => {
    const ring = createRing<string>(limits);
    ring.push('a');
    expect(ring.numberIn(ring.idOf(1))).toBe(1);
    expect(ring.numberIn(ring.idOf(2))).toBeNull();
    expect(ring.numberIn(createRing<string>(limits).idOf(0))).toBeNull();
    for (const id of ['', '1', 'zz.1', `${ring.idOf(1)}0000000000000000`])
      expect(ring.numberIn(id)).toBeNull();
  });
});
