// What a patch changes, patches of single values, and edits that a patch cannot express.
import type { ConfigChange } from '@buoy/contract';
import {
  type ConfigObject,
  isHidden,
  isObject,
  keysOf,
  pathText,
  withoutBookkeeping,
  withValue,
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
