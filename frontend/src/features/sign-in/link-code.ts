// The code of a one-time sign-in link, /sign-in#code=…: read once and removed from the address bar.

/** @returns null when the address is no sign-in link */
export function linkCodeOf(location: { pathname: string; hash: string }): string | null {
  if (location.pathname !== '/sign-in') return null;
  const code = new URLSearchParams(location.hash.replace(/^#/, '')).get('code');
  return code === '' ? null : code;
}

/** Takes the code out of the address bar and of the history entry. */
export function takeLinkCode(page: Window): string | null {
  const code = linkCodeOf(page.location);
  if (code !== null) page.history.replaceState(null, '', '/sign-in');
  return code;
}
