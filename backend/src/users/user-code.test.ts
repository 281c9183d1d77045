// The user code of device sign-in, which a person types from one screen into another.
import { contract } from '@buoy/contract';
import { expect, test } from 'vitest';
import { newUserCode, readUserCode, showUserCode } from './user-code.ts';

const codes = Array.from({ length: 5_000 }, newUserCode);

test('user code: eight consonants without look-alikes, practically unique', () => {
  for (const code of codes) expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/);
  // Two of 5,000 are the same in one run of two thousand, and a second pair in one of ten million.
  expect(new Set(codes).size).toBeGreaterThanOrEqual(codes.length - 1);
});

test('user code: letters are evenly distributed at every position', () => {
  for (let place = 0; place < 8; place += 1) {
    const counts = new Map<string, number>();
    for (const code of codes) counts.set(code[place]!, (counts.get(code[place]!) ?? 0) + 1);
    expect(counts.size).toBe(20);
    // 5000 / 20 = 250, with a standard deviation of 15.4: 100 is six of them.
    for (const count of counts.values()) expect(Math.abs(count - 250)).toBeLessThan(100);
  }
});

test.each(['BCDFGHJK', 'BCDF-GHJK', 'bcdf-ghjk', 'bCdF GhJk', ' bcdfghjk ', '\tBCDF-GHJK\n'])(
  'user code: typed text is parsed like in the contract: "%s"',
  (typed) => {
    expect(contract['POST /auth/device/approve'].body.safeParse({ userCode: typed }).success).toBe(true);
    expect(readUserCode(typed)).toBe('BCDFGHJK');
  },
);

test('user code: displayed in two groups that the contract accepts', () => {
  expect(showUserCode('BCDFGHJK')).toBe('BCDF-GHJK');
  for (const code of codes.slice(0, 50)) expect(readUserCode(showUserCode(code))).toBe(code);
});
