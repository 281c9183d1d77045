// Reads an edited JSON text: a patch, or the reason why there is none.
import { type ConfigObject, isObject, patchBetween } from '@buoy/contract/config-patch';
import { misplacedHidden } from './json-patch.ts';

export type EditOutcome =
  | { kind: 'patch'; patch: ConfigObject }
  | { kind: 'nothing' }
  | { kind: 'not-json' }
  | { kind: 'not-object' }
  | { kind: 'hidden-moved'; paths: string[] };

/** @param base the config that the text was made of */
export function readEdit(base: ConfigObject, text: string): EditOutcome {
  let edited: unknown;
  try {
    edited = JSON.parse(text);
  } catch {
    return { kind: 'not-json' };
  }
  if (!isObject(edited)) return { kind: 'not-object' };
  const paths = misplacedHidden(base, edited);
  if (paths.length > 0) return { kind: 'hidden-moved', paths };
  const patch = patchBetween(base, edited);
  return Object.keys(patch).length === 0 ? { kind: 'nothing' } : { kind: 'patch', patch };
}
