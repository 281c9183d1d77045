// Compares two configs, and builds the merge patch from one to the other.
import type { ConfigChange } from '@buoy/contract';

export type ConfigObject = Record<string, unknown>;

/** OpenClaw writes these itself at every change: they are not a person's change. */
const bookkeeping = ['meta', 'wizard'];

export function isObject(value: unknown): value is ConfigObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The differences in `after`, at the deepest paths where both have objects; lists and OpenClaw's bookkeeping as a whole. */
export function changesBetween(before: ConfigObject, after: ConfigObject): ConfigChange[] {
  return differences([], withoutBookkeeping(before), withoutBookkeeping(after));
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

/** The patch from `from` to `to`, without OpenClaw's bookkeeping. */
export function patchBetween(from: ConfigObject, to: ConfigObject): ConfigObject {
  return patchOf(withoutBookkeeping(from), withoutBookkeeping(to));
}

/**
 * Paths of all lists that a patch writes or removes: OpenClaw refuses to shorten or remove one unless it gets their paths (`config.patch`
 * of 2026.7.35 and 2026.9.6). It merges entries that have ids by these, unless it gets the path of their list; `[]` is any such entry.
 * @param current the config that the patch is for
 * @param replacesLists true: lists of entries with ids are replaced, too
 */
export function listPaths(
  patch: ConfigObject,
  current: ConfigObject,
  { replacesLists }: { replacesLists: boolean },
): string[] {
  const below = (value: unknown, now: unknown, path: string): string[] => {
    if (isObject(value))
      return [
        ...(Array.isArray(now) ? [path] : []),
        ...Object.entries(value).flatMap(([key, inner]) =>
          below(inner, isObject(now) ? now[key] : undefined, pathTo(path, key)),
        ),
      ];
    if (!replacesLists && haveIds(value) && value.length > 0 && (now === undefined || haveIds(now)))
      return value.flatMap((entry) =>
        below(
          entry,
          now?.find(({ id }) => id === entry.id),
          `${path}[]`,
        ),
      );
    return [...(Array.isArray(value) ? [path] : []), ...listsIn(now, path)];
  };
  return [...new Set(below(patch, current, ''))];
}

/** Readable and unambiguous: `models.providers["my.own"].apiKey`. */
export function pathText(keys: readonly string[]): string {
  return keys.reduce(
    (path, key) =>
      /[.[\]"]|^$/.test(key) ? `${path}[${JSON.stringify(key)}]` : path === '' ? key : `${path}.${key}`,
    '',
  );
}

export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) || Array.isArray(other))
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, index) => isSame(item, other[index]))
    );
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
}

function listsIn(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return [path];
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => listsIn(inner, pathTo(path, key)));
}

/** As OpenClaw writes it: dots in a name are not marked. */
function pathTo(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function haveIds(list: unknown): list is Array<ConfigObject & { id: string }> {
  return (
    Array.isArray(list) &&
    list.every((entry) => isObject(entry) && typeof entry.id === 'string' && entry.id !== '')
  );
}

function withoutBookkeeping(config: ConfigObject): ConfigObject {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !bookkeeping.includes(key)));
}

function differences(keys: readonly string[], before: ConfigObject, after: ConfigObject): ConfigChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name): ConfigChange[] => {
    const path = [...keys, name];
    const old = before[name];
    const now = after[name];
    if (!Object.hasOwn(before, name))
      return [{ path: pathText(path), kind: 'added', before: null, after: now }];
    if (!Object.hasOwn(after, name))
      return [{ path: pathText(path), kind: 'removed', before: old, after: null }];
    if (isObject(old) && isObject(now)) return differences(path, old, now);
    return isSame(old, now) ? [] : [{ path: pathText(path), kind: 'changed', before: old, after: now }];
  });
}

function patchOf(from: ConfigObject, to: ConfigObject): ConfigObject {
  const patch = new Map<string, unknown>();
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch.set(key, null);
  for (const [key, value] of Object.entries(to)) {
    const old = from[key];
    if (isObject(old) && isObject(value)) {
      const inner = patchOf(old, value);
      if (Object.keys(inner).length > 0) patch.set(key, inner);
    } else if (!isSame(old, value)) patch.set(key, value);
  }
  return Object.fromEntries(patch);
}
