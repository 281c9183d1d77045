// Reads what a Telegram client puts into the fragment of a Mini App's address.
// Source: https://core.telegram.org/bots/webapps and telegram-web-app.js, which reads the same names.

export type ThemeParams = Readonly<Record<string, string>>;

export type LaunchParams = {
  /** The signed query string that proves who opened the app; the server checks it. */
  initData: string;
  version: string | null;
  platform: string | null;
  /** The language of the person's Telegram, for the first page; who they are is known only when the server has checked. */
  languageCode: string | null;
  /** Telegram's colours by name, as #rrggbb; empty when none came. */
  theme: ThemeParams;
  /** What the link carried that opened the app (`?startapp=`); anybody can make such a link. */
  startParam: string | null;
  /** Telegram opened the page as a game and gave it no launch data: whoever made the address has put these in. */
  isGame: boolean;
};

/**
 * @param hash `location.hash`, with or without "#"; a route before "?" is passed over
 * @returns null when the page was not opened by Telegram, or without a person (initData is empty then), and when more than one
 *   parameter speaks of launch data: Telegram adds its own behind what the address has already, so one of them is a stranger's
 */
export function parseLaunchParams(hash: string): LaunchParams | null {
  const fragment = hash.replace(/^#/, '');
  const params = new URLSearchParams(fragment.slice(fragment.indexOf('?') + 1));
  const initData = params.get('tgWebAppData');
  if (initData === null || initData === '' || countOf(params, 'tgWebAppData') > 1) return null;
  return {
    initData,
    version: params.get('tgWebAppVersion'),
    platform: params.get('tgWebAppPlatform'),
    languageCode: languageIn(initData),
    theme: parseTheme(params.get('tgWebAppThemeParams')),
    startParam: params.get('tgWebAppStartParam') ?? new URLSearchParams(initData).get('start_param'),
    isGame: countOf(params, 'tgShareScriptUrl') > 0,
  };
}

/** How many parameters hold the word, also within: an address that ends in "&x=#" would swallow what a client adds. */
function countOf(params: URLSearchParams, word: string): number {
  return [...params].filter((pair) => pair.some((part) => part.includes(word))).length;
}

function languageIn(initData: string): string | null {
  try {
    const user: unknown = JSON.parse(new URLSearchParams(initData).get('user') ?? 'null');
    if (typeof user !== 'object' || user === null || !('language_code' in user)) return null;
    return typeof user.language_code === 'string' ? user.language_code : null;
  } catch {
    return null;
  }
}

function parseTheme(json: string | null): ThemeParams {
  try {
    return themeOf(JSON.parse(json ?? '{}'));
  } catch {
    return {};
  }
}

/** The colours in what Telegram sent; anything that is no colour is left out. */
export function themeOf(value: unknown): ThemeParams {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] =>
        /^[a-z_]{1,64}$/.test(entry[0]) && typeof entry[1] === 'string' && /^#[0-9a-f]{6}$/i.test(entry[1]),
    ),
  );
}
