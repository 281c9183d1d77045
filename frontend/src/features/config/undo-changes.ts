// Computes the config before some changes, to preview a rollback.
import type { ConfigChange } from '@buoy/contract';
import type { ConfigObject } from '@buoy/contract/config-patch';
import { keysOf, withValue } from './json-patch.ts';

/**
 * @param config as it is after the changes
 * @param changes of one revision; of several, those of the newest first
 * @returns a new config; what it shares with `config` is not copied
 */
export function undoChanges(config: ConfigObject, changes: readonly ConfigChange[]): ConfigObject {
  return changes.reduce<ConfigObject>(
    (state, { path, kind, before }) =>
      withValue(state, keysOf(path), kind === 'added' ? absent : { value: before }),
    config,
  );
}

const absent = null;
