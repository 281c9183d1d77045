// What Telegram sends the browser back with after “Log in with Telegram”, /sign-in?code=…&state=…: read once and gone from the address bar.

export type TelegramReturn = { code: string; state: string };

/** @returns null when the address is no way back from Telegram, or the person said no there */
export function telegramReturnOf(location: { pathname: string; search: string }): TelegramReturn | null {
  if (location.pathname !== '/sign-in') return null;
  const query = new URLSearchParams(location.search);
  const [code, state] = [query.get('code') ?? '', query.get('state') ?? ''];
  return code === '' || state === '' ? null : { code, state };
}

/** Takes it out of the address bar and of the history entry. */
export function takeTelegramReturn(page: Window): TelegramReturn | null {
  const found = telegramReturnOf(page.location);
  if (page.location.pathname === '/sign-in' && page.location.search !== '')
    page.history.replaceState(null, '', `/sign-in${page.location.hash}`);
  return found;
}
