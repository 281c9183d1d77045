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
 * Paths of all lists that a patch writes or removes: OpenClaw merges lists, and refuses to shorten or remove one unless it gets
 * their paths (`config.patch` of 2026.9.6).
 * @param current the config that the patch is for
 */
export function listPaths(patch: unknown, current: unknown, keys: readonly string[] = []): string[] {
  if (Array.isArray(patch)) return [keys.join('.')];
  if (isObject(patch))
    return Object.entries(patch).flatMap(([key, value]) =>
      listPaths(value, isObject(current) ? current[key] : undefined, [...keys, key]),
    );
  // The previous value is removed, with its lists.
  return Array.isArray(current) || isObject(current) ? listPaths(current, undefined, keys) : [];
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
