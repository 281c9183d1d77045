// Config paths as Buoy writes them: gateway.port, models.providers["my.own"].apiKey.
import { UsageError } from './command.ts';

/** Splits a path into its keys. @throws UsageError for an invalid path */
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

/** Returns the value at the path, or undefined. */
export function valueAt(config: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    config,
  );
}

/** Builds the merge patch that sets `value` at the path; null removes the key. */
export function patchAt(keys: readonly string[], value: unknown): Record<string, unknown> {
  const [first, ...rest] = keys;
  if (first === undefined) throw new UsageError('PATH is missing.', 'A whole patch is given with --file.');
  // `{ [name]: … }` makes an own property of `__proto__` too.
  return { [first]: rest.length === 0 ? value : patchAt(rest, value) };
}

/** Parses JSON; a bare word is text. @throws UsageError for invalid JSON */
export function parsedValue(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    if (/^\s*[[{"]/.test(typed))
      throw new UsageError(`VALUE is not valid JSON: ${typed}`, 'Put single quotes around it for the shell.');
    return typed;
  }
}
