// Computes the config before some changes, to preview a rollback. Without zod, for the clients.
import { type ConfigObject, keysOf, withValue } from './config-patch.ts';
import type { ConfigChange } from './openclaw/config.ts';

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
