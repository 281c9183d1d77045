// Computes the config before some changes, to preview a rollback. Without zod, for the clients.
import { type ConfigObject, isObject, keysOf } from './config-patch.ts';
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

function withValue(
  place: unknown,
  [key, ...rest]: readonly string[],
  wanted: { value: unknown } | null,
): ConfigObject {
  const entries = new Map(isObject(place) ? Object.entries(place) : []);
  if (key === undefined) return Object.fromEntries(entries);
  if (rest.length > 0) entries.set(key, withValue(entries.get(key), rest, wanted));
  else if (wanted === null) entries.delete(key);
  else entries.set(key, wanted.value);
  return Object.fromEntries(entries);
}
