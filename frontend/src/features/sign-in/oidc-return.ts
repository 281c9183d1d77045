// What an OpenID provider sends the browser back with, /sign-in/oidc?code=…&state=…: read once and gone from the address bar.

export type OidcReturn = { code: string; state: string; iss?: string };

const PATH = '/sign-in/oidc';

/** @returns null when the address is no way back from a provider, or the provider said no */
export function oidcReturnOf(location: { pathname: string; search: string }): OidcReturn | null {
  if (location.pathname !== PATH) return null;
  const query = new URLSearchParams(location.search);
  const [code, state, iss] = [query.get('code') ?? '', query.get('state') ?? '', query.get('iss') ?? ''];
  if (code === '' || state === '') return null;
  return iss === '' ? { code, state } : { code, state, iss };
}

/** Takes it out of the address bar and of the history entry. */
export function takeOidcReturn(page: Window): OidcReturn | null {
  const found = oidcReturnOf(page.location);
  if (page.location.pathname === PATH) page.history.replaceState(null, '', '/sign-in');
  return found;
}
