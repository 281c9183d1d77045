// The order of roles, and properties of any two roles.
import type { Role } from '@buoy/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { includesRole, isTelegramId, mayBeChanged, raises } from './access.policy.ts';

const ladder = ['viewer', 'admin', 'owner'] as const;
const anyRole = fc.constantFrom<Role>(...ladder);

test.each([
  ['viewer', ['viewer']],
  ['admin', ['viewer', 'admin']],
  ['owner', ['viewer', 'admin', 'owner']],
] as const)('role %s includes the rights of %j', (held, included) => {
  expect(ladder.filter((needed) => includesRole(held, needed))).toEqual(included);
});

test('roles are ordered: a role includes every lower one, and of two roles one includes the other', () => {
  fc.assert(
    fc.property(anyRole, anyRole, anyRole, (high, middle, low) => {
      if (includesRole(high, middle) && includesRole(middle, low)) expect(includesRole(high, low)).toBe(true);
      expect(includesRole(high, low) && includesRole(low, high)).toBe(high === low);
      expect(includesRole(high, low) || includesRole(low, high)).toBe(true);
    }),
  );
});

test('an invite raises a missing or lower role and never lowers a role', () => {
  fc.assert(
    fc.property(fc.option(anyRole), anyRole, (held, offered) => {
      const after = raises(held, offered) ? offered : held;
      expect(after).not.toBeNull();
      if (held !== null) expect(includesRole(after ?? 'viewer', held)).toBe(true);
      // Once taken, the same offer gives nothing more.
      expect(raises(after, offered)).toBe(false);
    }),
  );
});

test('only the owner role cannot be changed', () => {
  expect(ladder.filter((held) => !mayBeChanged(held))).toEqual(['owner']);
});

test('accepts every possible Telegram user id in decimal', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 52 - 1 }), (id) => {
      expect(isTelegramId(String(id))).toBe(true);
      expect(isTelegramId(`0${id}`)).toBe(false);
      expect(isTelegramId(`u_${id}`)).toBe(false);
    }),
  );
});

test.each(['', '0', '007', '-1', '1.5', '1e3', ' 1', '1\n', 'alice', '@alice', '１２', '12345678901234567'])(
  'rejects %j as a Telegram user id',
  (text) => {
    expect(isTelegramId(text)).toBe(false);
  },
);
