import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ConfigObject, isObject, pathText } from './config-patch.ts';
import type { ConfigChange } from './openclaw/config.ts';
import { undoChanges } from './undo-changes.ts';

/** As the server tells the changes of a revision. */
function changesBetween(
  before: ConfigObject,
  after: ConfigObject,
  keys: readonly string[] = [],
): ConfigChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key): ConfigChange[] => {
    const path = [...keys, key];
    const [old, now] = [before[key], after[key]];
    if (!Object.hasOwn(before, key))
      return [{ path: pathText(path), kind: 'added', before: null, after: now }];
    if (!Object.hasOwn(after, key))
      return [{ path: pathText(path), kind: 'removed', before: old, after: null }];
    if (isObject(old) && isObject(now)) return changesBetween(old, now, path);
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    return [{ path: pathText(path), kind: 'changed', before: old, after: now }];
  });
}

const { config } = fc.letrec<{ config: ConfigObject; value: unknown }>((tie) => ({
  config: fc
    .array(fc.tuple(fc.constantFrom('a', 'my.own', 'x"y', '1', 'b[0]'), tie('value')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries) as ConfigObject),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.array(fc.integer(), { maxLength: 3 }),
    fc.constant(null),
    tie('config'),
  ),
}));

it('undoing revisions one by one restores the earlier config', () => {
  fc.assert(
    fc.property(fc.array(config, { minLength: 1, maxLength: 5 }), (states) => {
      const revisions = states.slice(1).map((state, index) => changesBetween(states[index] ?? {}, state));
      const last = states.at(-1) ?? {};
      expect(undoChanges(last, revisions.toReversed().flat())).toEqual(states[0]);
    }),
  );
});

it('undoing changes does not mutate its input', () => {
  const now = { gateway: { port: 2 } };
  undoChanges(now, [{ path: 'gateway.port', kind: 'changed', before: 1, after: 2 }]);
  expect(now).toEqual({ gateway: { port: 2 } });
});
