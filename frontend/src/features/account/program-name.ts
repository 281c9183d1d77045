// What a person calls the program behind a User-Agent header: "Firefox · Windows". What is not known is shown as it came.

/** Each of these also says what those below it say: the first that fits is meant. */
const browsers = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['FxiOS/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const systems = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
] as const;

export function programName(userAgent: string): string {
  const named = (names: readonly (readonly [string, string])[]) =>
    names.find(([sign]) => userAgent.includes(sign))?.[1];
  const browser = named(browsers);
  if (!userAgent.startsWith('Mozilla/') || browser === undefined) return userAgent;
  const system = named(systems);
  return system === undefined ? browser : `${browser} · ${system}`;
}
