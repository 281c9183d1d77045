// Compares two configs, and finds the lists that a patch drops.
import type { ConfigChange } from '@buoy/contract';
import {
  type ConfigObject,
  isObject,
  isSame,
  pathText,
  withoutBookkeeping,
} from '@buoy/contract/config-patch';

/** The differences in `after`, at the deepest paths where both have objects; lists and OpenClaw's bookkeeping as a whole. */
export function changesBetween(before: ConfigObject, after: ConfigObject): ConfigChange[] {
  return differences([], withoutBookkeeping(before), withoutBookkeeping(after));
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
    if (!replacesLists && haveIds(value) && value.length > 0 && (now === undefined || haveIds(now))) {
      // Of several with one id the first counts.
      const byId = new Map(now?.toReversed().map((entry) => [entry.id, entry]));
      return value.flatMap((entry) => below(entry, byId.get(entry.id), `${path}[]`));
    }
    return [...(Array.isArray(value) ? [path] : []), ...listsIn(now, path)];
  };
  return [...new Set(below(patch, current, ''))];
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
