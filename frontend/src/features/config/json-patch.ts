// What a patch changes, patches of single values, and edits that a patch cannot express.
import type { ConfigChange } from '@buoy/contract';
import {
  type ConfigObject,
  isHidden,
  isObject,
  pathText,
  withoutBookkeeping,
} from '@buoy/contract/config-patch';

/** What a person edits: the config without OpenClaw's own notes. */
export function editableText(config: ConfigObject): string {
  return `${JSON.stringify(withoutBookkeeping(config), null, 2)}\n`;
}

/** What a patch changes, path by path, as the server tells it. */
export function changesOfPatch(
  before: ConfigObject,
  patch: ConfigObject,
  keys: readonly string[] = [],
): ConfigChange[] {
  return Object.entries(patch).flatMap(([key, value]): ConfigChange[] => {
    const keysTo = [...keys, key];
    const path = pathText(keysTo);
    const isThere = Object.hasOwn(before, key);
    const old = isThere ? before[key] : null;
    if (isObject(old) && isObject(value)) return changesOfPatch(old, value, keysTo);
    if (value === null) return isThere ? [{ path, kind: 'removed', before: old, after: null }] : [];
    return [{ path, kind: isThere ? 'changed' : 'added', before: old, after: value }];
  });
}

/** A patch of single values, each at its path; undefined leaves a value out. */
export function patchAt(values: Readonly<Record<string, unknown>>): ConfigObject {
  return Object.entries(values).reduce<ConfigObject>(
    (patch, [path, value]) => (value === undefined ? patch : withValue(patch, keysOf(path), { value })),
    {},
  );
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

/** What stands at a path; undefined where nothing does. */
export function valueAt(config: ConfigObject, path: string): unknown {
  return keysOf(path).reduce<unknown>(
    (node, key) => (isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined),
    config,
  );
}

/**
 * Paths where a text that stands for a hidden value was put that had another value before, or none: such a text means "as it was" and would
 * get lost without a word.
 */
export function misplacedHidden(before: unknown, after: unknown, keys: readonly string[] = []): string[] {
  if (isHidden(after)) return before === after ? [] : [pathText(keys)];
  if (Array.isArray(after))
    return after.flatMap((item, index) =>
      misplacedHidden(Array.isArray(before) ? before[index] : undefined, item, [...keys, String(index)]),
    );
  if (!isObject(after)) return [];
  return Object.entries(after).flatMap(([key, item]) =>
    misplacedHidden(isObject(before) && Object.hasOwn(before, key) ? before[key] : undefined, item, [
      ...keys,
      key,
    ]),
  );
}

/** The names in a path as the server or OpenClaw writes it, `list[0]` and `list.0` alike. */
export function keysOf(path: string): string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) =>
      quoted === undefined ? (index ?? plain ?? '') : (JSON.parse(`"${quoted}"`) as string),
  );
}
