// The changes that a patch names, secrets masked: also a replaced secret, which no comparison of two masked configs shows.
import type { ConfigChange } from '@buoy/contract';
import {
  type ConfigObject,
  hiddenInConfig,
  isHidden,
  isObject,
  isSame,
  mergePatch,
  pathText,
} from '@buoy/contract/config-patch';
import { AppError } from '../../lib/app-error.ts';
import { isUsualConfig } from '../gateway/json-limits.ts';
import { hidesTexts, redactConfig } from './redact-config.ts';

const [, OURS] = hiddenInConfig;

export type NamedChange = ConfigChange & { keys: readonly string[] };

/**
 * What is sent of a patch, and what that changes, each found in a turn of the event loop of its own: the largest patch takes some 20 ms.
 * @throws AppError `invalid_request` for a list with a value that Buoy hides
 */
export async function wantedChanges(
  before: ConfigObject,
  patch: ConfigObject,
  myTurn: () => Promise<void>,
): Promise<{ wanted: ConfigObject; named: NamedChange[] }> {
  await myTurn();
  const wanted = withoutHidden(patch);
  refuseHiddenInLists(wanted);
  await myTurn();
  const named = namedChanges(before, wanted);
  await myTurn();
  return { wanted, named };
}

/** Changes that the patch names itself, secrets masked, without those that equal the current value. */
export function namedChanges(before: ConfigObject, patch: ConfigObject): NamedChange[] {
  return namedBelow({ keys: [], isSecret: false }, before, patch);
}

/** @param place the names above the patch, and whether one of them makes its texts secrets */
function namedBelow(
  place: { keys: readonly string[]; isSecret: boolean },
  before: ConfigObject,
  patch: ConfigObject,
): NamedChange[] {
  return Object.entries(patch).flatMap(([key, value]): NamedChange[] => {
    const keys = [...place.keys, key];
    const isSecret = place.isSecret || hidesTexts(key);
    const old = before[key];
    if (isObject(value) && isObject(old)) return namedBelow({ keys, isSecret }, old, value);
    const isThere = Object.hasOwn(before, key);
    if (value === null)
      return isThere ? [{ keys, path: pathText(keys), kind: 'removed', before: old, after: null }] : [];
    const after = redactConfig(mergePatch(undefined, value), isSecret);
    if (isThere && isSame(old, after) && !isHidden(old)) return [];
    return [
      {
        keys,
        path: pathText(keys),
        kind: isThere ? 'changed' : 'added',
        before: isThere ? old : null,
        after,
      },
    ];
  });
}

/** Objects without masks: an absent field stays unchanged. In a list OpenClaw restores its own masks. */
function withoutHidden(patch: ConfigObject): ConfigObject {
  return Object.fromEntries(
    Object.entries(patch).flatMap(([key, value]) => {
      if (isHidden(value)) return [];
      if (!isObject(value)) return [[key, value]];
      const inner = withoutHidden(value);
      return Object.keys(inner).length === 0 && Object.keys(value).length > 0 ? [] : [[key, inner]];
    }),
  );
}

/** @throws AppError `invalid_request` for a change with more content than Buoy searches in one go */
export function expectUsualPatch(patch: ConfigObject): void {
  if (isUsualConfig(patch)) return;
  const message = 'must hold fewer settings, or shorter names';
  throw new AppError('invalid_request', 'This change is larger than Buoy accepts.', {
    hint: 'Make it in several parts.',
    details: [{ path: 'patch', message }],
  });
}

/**
 * A list is written as a whole, and a value that Buoy masked in it cannot be restored.
 * @throws AppError `invalid_request`
 */
function refuseHiddenInLists(patch: ConfigObject): void {
  const path = listWithHidden(patch, []);
  if (path === null) return;
  throw new AppError('invalid_request', 'A list in this change contains a value that Buoy hides.', {
    hint: 'Send the value itself, or a reference to a variable or to the secret store.',
    details: [{ path: `patch.${path}`, message: 'must not hold a hidden value' }],
  });
}

function listWithHidden(value: unknown, keys: readonly string[]): string | null {
  if (Array.isArray(value))
    return JSON.stringify(value).includes(JSON.stringify(OURS)) ? pathText(keys) : null;
  if (!isObject(value)) return null;
  for (const [key, item] of Object.entries(value)) {
    const path = listWithHidden(item, [...keys, key]);
    if (path !== null) return path;
  }
  return null;
}
