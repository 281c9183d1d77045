// Names of the items in an answer for the next command, for `-o name`.
import type { Server } from '@buoy/contract';
import { CommandError } from '../command.ts';
import { wasAddedOrTakenBy } from '../resolve-server.ts';

export type Item = Readonly<Record<string, unknown>>;

/** `leftOut`: names that cannot be words, of items without an id. */
export type Names = { words: string[]; leftOut: string[] };

/**
 * A word for each item, as far as there is one. Others choose names: one that stands for something else as well is replaced by the id.
 * @param callerId null where `asksForCaller` says no
 */
export function namesOf(items: readonly Item[], callerId: string | null): Names {
  const taken = items.map((item) => [nameOf(item), textIn(item, 'id')]);
  const names: Names = { words: [], leftOut: [] };
  items.forEach((item, index) => {
    const name = nameOf(item);
    const id = textIn(item, 'id');
    const isCertain =
      !isOfOthers(item, callerId) && !taken.some((one, at) => at !== index && one.includes(name));
    const word = (isCertain ? [name, id] : [id, name]).find((one) => one !== null && isWord(one));
    if (word == null) names.leftOut.push(name ?? '');
    else names.words.push(word);
  });
  return names;
}

/** Whether only the caller's id tells whose servers these are: a super-admin is told that they own every server. */
export function asksForCaller(items: readonly Item[]): boolean {
  const servers = items.filter(isServer);
  return servers.every(({ role }) => role === 'owner') && servers.some(isOwnByRole);
}

/** Whether shells, xargs and `buoy` itself take it for one word, which is no option, comment, pattern or home folder. */
function isWord(text: string): boolean {
  return /^[\p{L}\p{N}_@%+=:,./][\p{L}\p{N}_@%+=:,./#!~-]*$/u.test(text);
}

/** A server that somebody shared or gave away may have the name of one of the caller's own servers that is not in this list. */
function isOfOthers(item: Item, callerId: string | null): boolean {
  if (!isServer(item)) return false;
  return callerId === null ? !isOwnByRole(item) : !wasAddedOrTakenBy(item, callerId);
}

function isOwnByRole({ role, owner }: ServerItem): boolean {
  return role === 'owner' && owner?.givenBy === null;
}

type ServerItem = Item & Pick<Server, 'role' | 'owner'>;

function isServer(item: Item): item is ServerItem {
  return typeof item.host === 'string' && item.owner !== undefined;
}

/** The items in a list, or the single item. @throws CommandError when none has a name */
export function namedItemsIn(answer: unknown): Item[] {
  const items = itemsIn(answer);
  if (items.length > 0 && items.every((item) => nameOf(item) === null)) throw nameless();
  return items;
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
const NAMES = ['key', 'name', 'filename', 'slug', 'userId', 'id', 'rev', 'tag'] as const;

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
