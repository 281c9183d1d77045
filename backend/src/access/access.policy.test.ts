// The ladder of roles, spelled out.
import { expect, test } from 'vitest';
import { includesRole } from './access.policy.ts';

test.each([
  ['viewer', ['viewer']],
  ['admin', ['viewer', 'admin']],
  ['owner', ['viewer', 'admin', 'owner']],
] as const)('%s may do what %j may', (held, included) => {
  const ladder = ['viewer', 'admin', 'owner'] as const;
  expect(ladder.filter((needed) => includesRole(held, needed))).toEqual(included);
});
