// Picks the item that a person named: by id, whole name, or the beginning of exactly one name.
import { CommandError, UsageError } from './command.ts';

export type Kind<T> = {
  /** The noun in `There is no server "web" that you can see.` */
  singular: string;
  plural: string;
  /** The text after the name in that sentence. */
  where: string;
  id(item: T): string;
  names(item: T): ReadonlyArray<string | null>;
  /** The command that lists them. */
  list: string;
  /** People choose their own names: a name is no better match than another one that begins with it, whatever the case. */
  isPerson?: true;
};

const SHOWN = 8;

/** @throws CommandError when none or several match; those are listed. UsageError for an empty name */
export function choose<T>(items: readonly T[], wanted: string, kind: Kind<T>): T {
  // Every name begins with an empty text: an empty variable in a script must not select the only item.
  if (wanted.trim() === '')
    throw new UsageError(`Which ${kind.singular}? The name is empty.`, `List them: ${kind.list}`);
  for (const rule of rulesFor(wanted, kind)) {
    const found = items.filter(rule);
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    if (only !== undefined)
      throw ambiguous(wanted, kind.plural, found, (item) =>
        withId(kind.names(item).find((name) => name !== null) ?? '-', kind.id(item)),
      );
  }
  throw new CommandError(`There is no ${kind.singular} "${wanted}"${kind.where}.`, `List them: ${kind.list}`);
}

/** What an item is tried for, one after the other. */
function rulesFor<T>(wanted: string, kind: Kind<T>): Array<(item: T) => boolean> {
  const lower = wanted.toLowerCase();
  const named = (is: (name: string) => boolean) => (item: T) =>
    kind.names(item).some((name) => name !== null && is(name));
  const hasId = (item: T) => kind.id(item) === wanted;
  const beginsSo = named((name) => name.toLowerCase().startsWith(lower));
  if (kind.isPerson) return hasUserIdForm(wanted) ? [hasId] : [hasId, beginsSo];
  return [hasId, named((name) => name === wanted), named((name) => name.toLowerCase() === lower), beginsSo];
}

/** A person may call themselves by the id of another one. */
function hasUserIdForm(wanted: string): boolean {
  return /^(\d+|u_[\w-]+)$/.test(wanted);
}

/** @param shown an item, with its id */
export function ambiguous<T>(
  wanted: string,
  plural: string,
  found: readonly T[],
  shown: (item: T) => string,
): CommandError {
  const list = found.slice(0, SHOWN).map(shown).join(', ');
  return new CommandError(
    `"${wanted}" matches several ${plural}: ${list}${found.length > SHOWN ? ' …' : ''}.`,
    'Give the id.',
  );
}

export function withId(name: string, id: string): string {
  return name === id ? id : `${name} (${id})`;
}
