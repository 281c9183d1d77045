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
};

const SHOWN = 8;

/** @throws CommandError when none or several match; those are listed. UsageError for an empty name */
export function choose<T>(items: readonly T[], wanted: string, kind: Kind<T>): T {
  // Every name begins with an empty text: an empty variable in a script must not select the only item.
  if (wanted.trim() === '')
    throw new UsageError(`Which ${kind.singular}? The name is empty.`, `List them: ${kind.list}`);
  const lower = wanted.toLowerCase();
  const named = (is: (name: string) => boolean) => (item: T) =>
    kind.names(item).some((name) => name !== null && is(name));
  const rules: Array<(item: T) => boolean> = [
    (item) => kind.id(item) === wanted,
    named((name) => name === wanted),
    named((name) => name.toLowerCase() === lower),
    named((name) => name.toLowerCase().startsWith(lower)),
  ];
  for (const rule of rules) {
    const found = items.filter(rule);
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    if (only !== undefined)
      throw new CommandError(
        `"${wanted}" matches several ${kind.plural}: ${found
          .slice(0, SHOWN)
          .map((item) => shown(kind.names(item).find((name) => name !== null) ?? '-', kind.id(item)))
          .join(', ')}${found.length > SHOWN ? ' …' : ''}.`,
        'Give the id.',
      );
  }
  throw new CommandError(`There is no ${kind.singular} "${wanted}"${kind.where}.`, `List them: ${kind.list}`);
}

function shown(name: string, id: string): string {
  return name === id ? id : `${name} (${id})`;
}
