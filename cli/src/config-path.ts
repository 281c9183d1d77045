// Places in OpenClaw's config as Buoy writes them: gateway.port, models.providers["my.own"].apiKey.
import { UsageError } from './command.ts';

/** The names on the way. @throws UsageError for what is no place */
export function keysOf(path: string): string[] {
  const keys: string[] = [];
  let rest = path;
  while (rest !== '') {
    const match =
      /^\.?\[("(?:[^"\\]|\\.)*")\]/.exec(rest) ??
      (keys.length === 0 ? /^([^.[\]"]+)/ : /^\.([^.[\]"]+)/).exec(rest);
    if (match?.[1] === undefined)
      throw new UsageError(
        `"${path}" is not a path in the config.`,
        'Write it as gateway.port, or models.providers["my.own"].apiKey where a name has dots. A list is replaced as a whole.',
      );
    keys.push(match[1].startsWith('"') ? (JSON.parse(match[1]) as string) : match[1]);
    rest = rest.slice(match[0].length);
  }
  return keys;
}

/** What stands there; undefined where nothing does. */
export function valueAt(config: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    config,
  );
}

/** The merge patch that puts `value` there; null removes what is there. */
export function patchAt(keys: readonly string[], value: unknown): Record<string, unknown> {
  const [first, ...rest] = keys;
  if (first === undefined) throw new UsageError('PATH is missing.', 'A whole patch is given with --file.');
  // `{ [name]: … }` makes an own property of `__proto__` too.
  return { [first]: rest.length === 0 ? value : patchAt(rest, value) };
}

/** JSON, or a bare word, which is taken as text. @throws UsageError for JSON that is broken */
export function parsedValue(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    if (/^\s*[[{"]/.test(typed))
      throw new UsageError(`VALUE is not valid JSON: ${typed}`, 'Put single quotes around it for the shell.');
    return typed;
  }
}
