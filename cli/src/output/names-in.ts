// Names of the items in an answer for the next command, for `-o name`.
import { CommandError } from '../command.ts';

type Item = Readonly<Record<string, unknown>>;

/** Names of the items in a list, or of the single item. @throws CommandError when an item has no name */
export function namesIn(answer: unknown): string[] {
  const items = itemsIn(answer);
  const taken = items.map((item) => [nameOf(item), textIn(item, 'id')]);
  return items.map((item, index) => {
    const name = nameOf(item);
    const id = textIn(item, 'id');
    if (name === null) throw nameless();
    // Others choose names: one that stands for something else as well is replaced by the id.
    const isOwn = !isOfOthers(item) && !taken.some((one, at) => at !== index && one.includes(name));
    const shown = (isOwn ? [name, id] : [id, name]).find((one) => one !== null && isWord(one));
    if (shown == null) throw noWord(name);
    return shown;
  });
}

/** Whether shells, xargs and `buoy` itself take it for one word, which is no option. */
function isWord(text: string): boolean {
  return /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(text);
}

/** A server that somebody shared or gave away may have the name of one of the caller's own servers that is not in this list. */
function isOfOthers({ role, owner, host }: Item): boolean {
  const isServer = typeof host === 'string' && owner !== undefined;
  return isServer && (role !== 'owner' || (isThing(owner) && owner.givenBy !== null));
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

function noWord(name: string): CommandError {
  return new CommandError(
    `The name "${name}" cannot be a word of the next command.`,
    'See the whole answer: -o json',
  );
}

function nameless(): CommandError {
  return new CommandError('The answer has no names.', 'See the whole answer: -o json');
}
