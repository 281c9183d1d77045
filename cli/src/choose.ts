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
  /** With `isPerson`: ids that may be given by their beginning. */
  ids?(item: T): ReadonlyArray<string | null>;
  /** With `isPerson`: whether this is an id and never a name. */
  isId?(wanted: string): boolean;
  /** For kinds whose ids are unique in one place alone: the text after the id, and how to choose the place. */
  place?: { of(item: T): string; hint: string };
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
      throw ambiguous(
        wanted,
        kind.plural,
        found,
        (item) =>
          withId(kind.names(item).find((name) => name !== null) ?? '-', kind.id(item)) +
          (kind.place?.of(item) ?? ''),
        new Set(found.map(kind.id)).size === 1 ? kind.place?.hint : undefined,
      );
  }
  throw new CommandError(`There is no ${kind.singular} "${wanted}"${kind.where}.`, `List them: ${kind.list}`);
}

/** What an item is tried for, one after the other. */
function rulesFor<T>(wanted: string, kind: Kind<T>): Array<(item: T) => boolean> {
  const lower = wanted.toLowerCase();
  type Names = (item: T) => ReadonlyArray<string | null>;
  const having = (names: Names, is: (name: string) => boolean) => (item: T) =>
    names(item).some((name) => name !== null && is(name));
  const isWanted = (name: string) => name === wanted;
  const beginsSo = (name: string) => name.toLowerCase().startsWith(lower);
  const hasId = (item: T) => kind.id(item) === wanted;
  const { names, ids = () => [], isId = hasUserIdForm } = kind;
  if (kind.isPerson)
    return isId(wanted)
      ? [hasId, having(ids, isWanted), having(ids, beginsSo)]
      : [hasId, having((item) => [...names(item), ...ids(item)], beginsSo)];
  return [
    hasId,
    having(names, isWanted),
    having(names, (name) => name.toLowerCase() === lower),
    having(names, beginsSo),
  ];
}

/** A person may call themselves by the id of another one. */
export function hasUserIdForm(wanted: string): boolean {
  return /^(\d+|u_[\w-]+)$/.test(wanted);
}

/** @param shown an item, with its id */
export function ambiguous<T>(
  wanted: string,
  plural: string,
  found: readonly T[],
  shown: (item: T) => string,
  hint = 'Give the id.',
): CommandError {
  const list = found.slice(0, SHOWN).map(shown).join(', ');
  return new CommandError(
    `"${wanted}" matches several ${plural}: ${list}${found.length > SHOWN ? ' …' : ''}.`,
    hint,
  );
}

export function withId(name: string, id: string): string {
  return name === id ? id : `${name} (${id})`;
}
