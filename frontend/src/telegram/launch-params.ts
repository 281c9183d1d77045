// Reads what a Telegram client puts into the fragment of a Mini App's address.
// Source: https://core.telegram.org/bots/webapps and telegram-web-app.js, which reads the same names.

export type ThemeParams = Readonly<Record<string, string>>;

export type LaunchParams = {
  /** The signed query string that proves who opened the app; the server checks it. */
  initData: string;
  version: string | null;
  platform: string | null;
  /** Telegram's colours by name, as #rrggbb; empty when none came. */
  theme: ThemeParams;
};

/**
 * @param hash `location.hash`, with or without "#"; a route before "?" is passed over
 * @returns null when the page was not opened by Telegram, or without a person (initData is empty then)
 */
export function parseLaunchParams(hash: string): LaunchParams | null {
  const fragment = hash.replace(/^#/, '');
  const params = new URLSearchParams(fragment.slice(fragment.indexOf('?') + 1));
  const initData = params.get('tgWebAppData');
  if (initData === null || initData === '') return null;
  return {
    initData,
    version: params.get('tgWebAppVersion'),
    platform: params.get('tgWebAppPlatform'),
    theme: parseTheme(params.get('tgWebAppThemeParams')),
  };
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
