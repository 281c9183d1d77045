// OpenClaw's config as JSON: how two of them are compared, and the merge patch (RFC 7396) between them. Without zod, for the clients.

export type ConfigObject = Record<string, unknown>;

/** What is shown in place of a secret: OpenClaw's own text, and Buoy's. Sent back in a patch, either means "as it is". */
export const hiddenInConfig = ['__OPENCLAW_REDACTED__', '__BUOY_REDACTED__'] as const;

/** OpenClaw writes these itself at every change: they are not a person's change. */
const bookkeeping = ['meta', 'wizard'];

export function isObject(value: unknown): value is ConfigObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it stands for a secret. */
export function isHidden(value: unknown): boolean {
  return hiddenInConfig.some((text) => text === value);
}

export function withoutBookkeeping(config: ConfigObject): ConfigObject {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !bookkeeping.includes(key)));
}

/** RFC 7396: objects deep, everything else as a whole, null removes. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** The patch from `from` to `to`, without OpenClaw's bookkeeping. A null that was not there before removes: a patch knows no other. */
export function patchBetween(from: ConfigObject, to: ConfigObject): ConfigObject {
  return patchOf(withoutBookkeeping(from), withoutBookkeeping(to));
}

/** Readable and unambiguous: `models.providers["my.own"].apiKey`. */
export function pathText(keys: readonly string[]): string {
  return keys.reduce(
    (path, key) =>
      /[.[\]"]|^$/.test(key) ? `${path}[${JSON.stringify(key)}]` : path === '' ? key : `${path}.${key}`,
    '',
  );
}

/** The names in a path as the server or OpenClaw writes it, `list[0]` and `list.0` alike. */
export function keysOf(path: string): string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => (quoted === undefined ? (index ?? plain ?? '') : unquoted(quoted)),
  );
}

/** Servers send paths as well: what is not JSON stands for itself. */
function unquoted(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

/** A copy of an object with another value at a path; null: without one there. */
export function withValue(
  place: unknown,
  [key, ...rest]: readonly string[],
  wanted: { value: unknown } | null,
): ConfigObject {
  // A map, since a key may be called __proto__.
  const entries = new Map(isObject(place) ? Object.entries(place) : []);
  if (key === undefined) return Object.fromEntries(entries);
  if (rest.length > 0) entries.set(key, withValue(entries.get(key), rest, wanted));
  else if (wanted === null) entries.delete(key);
  else entries.set(key, wanted.value);
  return Object.fromEntries(entries);
}

export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
}

function patchOf(from: ConfigObject, to: ConfigObject): ConfigObject {
  // A map, since a key may be called __proto__.
  const patch = new Map<string, unknown>();
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch.set(key, null);
  for (const [key, value] of Object.entries(to)) {
    const isThere = Object.hasOwn(from, key);
    const old = isThere ? from[key] : undefined;
    if (isObject(old) && isObject(value)) {
      const inner = patchOf(old, value);
      if (Object.keys(inner).length > 0) patch.set(key, inner);
    } else if (isThere ? !isSame(old, value) : value !== null) patch.set(key, value);
  }
  return Object.fromEntries(patch);
}
