// Names of the items in an answer for the next command, for `-o name`.
import { CommandError } from '../command.ts';

type Item = Readonly<Record<string, unknown>>;

/** Names of the items in a list, or of the single item. @throws CommandError when an item has no name */
export function namesIn(answer: unknown): string[] {
  const items = itemsIn(answer);
  const names = items.map(nameOf);
  return items.map((item, index) => {
    const name = names[index] ?? null;
    // A name that is not unique is replaced by the id.
    const isOwn = name !== null && names.indexOf(name) === names.lastIndexOf(name);
    const shown = isOwn ? name : (textIn(item, 'id') ?? name);
    if (shown === null) throw nameless();
    return shown;
  });
}

function itemsIn(answer: unknown): Item[] {
  if (!isThing(answer)) throw nameless();
  const parts = Object.values(answer);
  const list = parts.find(Array.isArray);
  if (list !== undefined) return list.filter(isThing);
  const one = parts.find(isThing);
  if (one !== undefined) return [one];
  if (nameOf(answer) !== null) return [answer];
  // As in the answer of a removal: {"removed": ID}.
  const text = parts.find((part) => typeof part === 'string');
  if (text === undefined) throw nameless();
  return [{ id: text }];
}

/** Fields that name an item; the first one present is used. */
const NAMES = ['key', 'name', 'filename', 'slug', 'userId', 'id', 'rev'] as const;

function nameOf(item: Item): string | null {
  const [provider, id] = [textIn(item, 'provider'), textIn(item, 'id')];
  if (provider !== null && id !== null) return `${provider}/${id}`;
  for (const field of NAMES) {
    const name = textIn(item, field);
    if (name !== null) return name;
  }
  return null;
}

function textIn(item: Item, field: string): string | null {
  const value = item[field];
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : null;
}

function isThing(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameless(): CommandError {
  return new CommandError('The answer has no names.', 'See the whole answer: -o json');
}
