import { expect, it } from 'vitest';
import { linkCodeOf } from './link-code.ts';

it('finds the code of a sign-in link', () => {
  expect(linkCodeOf({ pathname: '/sign-in', hash: '#code=abc_DEF-123' })).toBe('abc_DEF-123');
});

it.each([
  ['/', '#code=abc'],
  ['/sign-in', ''],
  ['/sign-in', '#code='],
  ['/sign-in', '#tgWebAppData=abc'],
])('finds none in %s%s', (pathname, hash) => {
  expect(linkCodeOf({ pathname, hash })).toBeNull();
});
