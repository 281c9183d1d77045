// Configs of OpenClaw for property tests: few names, so that two configs meet in many of them, and such as break careless code.
import { type ConfigObject, hiddenInConfig } from '@buoy/contract/config-patch';
import fc from 'fast-check';

/** What stands for a secret. */
export const HIDDEN = hiddenInConfig[0];

const name = fc.constantFrom('a', 'b', 'port', 'my.own', '__proto__', 'constructor', '');
const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 3 }), fc.constant(HIDDEN));

/** No nulls: a merge patch cannot write one, and OpenClaw's config has none. */
export const { config: anyConfig } = fc.letrec<{ config: ConfigObject; value: unknown }>((tie) => ({
  config: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries) as ConfigObject),
  value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(leaf, { maxLength: 3 }), tie('config')),
}));
