import { expect, it } from 'vitest';
import { telegramReturnOf } from './telegram-return.ts';

it.each([
  ['/sign-in', '?code=abc&state=s-1', { code: 'abc', state: 's-1' }],
  ['/sign-in', '?state=s-1&code=a%2Bb', { code: 'a+b', state: 's-1' }],
  ['/sign-in', '?error=access_denied&state=s-1', null],
  ['/sign-in', '?code=&state=s-1', null],
  ['/sign-in', '', null],
  ['/servers', '?code=abc&state=s-1', null],
])('%s%s brings %j', (pathname, search, expected) => {
  expect(telegramReturnOf({ pathname, search })).toEqual(expected);
});
