import { expect, it } from 'vitest';
import { oidcReturnOf } from './oidc-return.ts';

it.each([
  ['/sign-in/oidc', '?code=abc&state=s-1', { code: 'abc', state: 's-1' }],
  ['/sign-in/oidc', '?code=abc&state=s&iss=https%3A%2F%2Fid', { code: 'abc', state: 's', iss: 'https://id' }],
  ['/sign-in/oidc', '?error=access_denied&error_description=words&state=s-1', { refusal: 'denied' }],
  ['/sign-in/oidc', '?error=login_required', { refusal: 'unfinished' }],
  ['/sign-in/oidc', '?error=server_error', { refusal: 'unavailable' }],
  ['/sign-in/oidc', '?error=invalid_scope', { refusal: 'misunderstood' }],
  ['/sign-in/oidc', '?error=constructor', { refusal: 'misunderstood' }],
  ['/sign-in', '?error=access_denied', null],
  ['/sign-in/oidc', '', null],
  ['/sign-in', '?code=abc&state=s-1', null],
])('%s%s brings %j', (pathname, search, expected) => {
  expect(oidcReturnOf({ pathname, search })).toEqual(expected);
});
