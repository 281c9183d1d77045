// Builds the patch from an edited config, and reports edits that a patch cannot express.
import type { ConfigChange, hiddenInConfig } from '@buoy/contract';

export type ConfigObject = Record<string, unknown>;

/** The contract's texts for a hidden value; its schemas stay out of the browser. */
const hidden: typeof hiddenInConfig = ['__OPENCLAW_REDACTED__', '__BUOY_REDACTED__'];
/** OpenClaw writes these by itself at every change: they are not shown for editing, and never patched. */
const bookkeeping = ['meta', 'wizard'];

export function isObject(value: unknown): value is ConfigObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isHidden(value: unknown): boolean {
  return hidden.some((text) => text === value);
}

/** What a person edits: the config without OpenClaw's own notes. */
export function editableText(config: ConfigObject): string {
  return `${JSON.stringify(withoutBookkeeping(config), null, 2)}\n`;
}

/**
 * The merge patch (RFC 7396) from one config to another: objects deep, lists as a whole, null removes. A null that was not there before
 * removes, too: the API knows no other meaning of it.
 */
export function patchBetween(before: ConfigObject, after: ConfigObject): ConfigObject {
  return patchOf(withoutBookkeeping(before), withoutBookkeeping(after));
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

/** A patch of single values, each at its dotted path; undefined leaves a value out. */
export function patchAt(values: Readonly<Record<string, unknown>>): ConfigObject {
  const patch: ConfigObject = {};
  for (const [path, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const keys = path.split('.');
    const last = keys.pop() ?? path;
    let node = patch;
    for (const key of keys) {
      const inner = node[key];
      const next: ConfigObject = isObject(inner) ? inner : {};
      node[key] = next;
      node = next;
    }
    node[last] = value;
  }
  return patch;
}

/** What stands at a dotted path; undefined where nothing does. */
export function valueAt(config: ConfigObject, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
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

/** As the server writes paths: `models.providers["my.own"].apiKey`. */
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
    ([, quoted, index, plain]) =>
      quoted === undefined ? (index ?? plain ?? '') : (JSON.parse(`"${quoted}"`) as string),
  );
}

function withoutBookkeeping(config: ConfigObject): ConfigObject {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !bookkeeping.includes(key)));
}

function patchOf(before: ConfigObject, after: ConfigObject): ConfigObject {
  // A map, since a key may be called __proto__.
  const patch = new Map<string, unknown>();
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch.set(key, null);
  for (const [key, value] of Object.entries(after)) {
    const isThere = Object.hasOwn(before, key);
    const old = isThere ? before[key] : undefined;
    if (isObject(old) && isObject(value)) {
      const inner = patchOf(old, value);
      if (Object.keys(inner).length > 0) patch.set(key, inner);
    } else if (isThere ? !isSame(old, value) : value !== null) patch.set(key, value);
  }
  return Object.fromEntries(patch);
}

function isSame(one: unknown, other: unknown): boolean {
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
