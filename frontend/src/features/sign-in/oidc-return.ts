// What an OpenID provider sends the browser back with, /sign-in/oidc?code=…&state=… or ?error=…: read once and gone from the address bar.

/** Why the provider sent the person back without a sign-in. */
export type OidcRefusal = 'denied' | 'unfinished' | 'unavailable' | 'misunderstood';
export type OidcReturn = { code: string; state: string; iss?: string } | { refusal: OidcRefusal };

const PATH = '/sign-in/oidc';

/** RFC 6749, 4.1.2.1, and OpenID Connect Core, 3.1.2.6. All others say that the request was wrong, which people here cannot mend. */
const refusals: Readonly<Record<string, OidcRefusal>> = {
  access_denied: 'denied',
  login_required: 'unfinished',
  interaction_required: 'unfinished',
  consent_required: 'unfinished',
  account_selection_required: 'unfinished',
  server_error: 'unavailable',
  temporarily_unavailable: 'unavailable',
};

/**
 * The provider's own text is left out: anybody can make an address that has one.
 * @returns null when the address is no way back from a provider
 */
export function oidcReturnOf(location: { pathname: string; search: string }): OidcReturn | null {
  if (location.pathname !== PATH) return null;
  const query = new URLSearchParams(location.search);
  const [code, state, iss] = [query.get('code') ?? '', query.get('state') ?? '', query.get('iss') ?? ''];
  const error = query.get('error') ?? '';
  if (error !== '')
    return { refusal: (Object.hasOwn(refusals, error) ? refusals[error] : undefined) ?? 'misunderstood' };
  if (code === '' || state === '') return null;
  return iss === '' ? { code, state } : { code, state, iss };
}

/** Takes it out of the address bar and of the history entry. */
export function takeOidcReturn(page: Window): OidcReturn | null {
  const found = oidcReturnOf(page.location);
  if (page.location.pathname === PATH) page.history.replaceState(null, '', '/sign-in');
  return found;
}
