// What the things in an answer are called in the next command, for `-o name`.
import { CommandError } from '../command.ts';

type Thing = Readonly<Record<string, unknown>>;

/** Of each thing in a list, or of the one thing that there is. @throws CommandError where nothing has a name */
export function namesIn(answer: unknown): string[] {
  const things = thingsIn(answer);
  const names = things.map(nameOf);
  return things.map((thing, index) => {
    const name = names[index] ?? null;
    // A name that two have says nothing: then it is the id.
    const isOwn = name !== null && names.indexOf(name) === names.lastIndexOf(name);
    const shown = isOwn ? name : (textIn(thing, 'id') ?? name);
    if (shown === null) throw nameless();
    return shown;
  });
}

function thingsIn(answer: unknown): Thing[] {
  if (!isThing(answer)) throw nameless();
  const parts = Object.values(answer);
  const list = parts.find(Array.isArray);
  if (list !== undefined) return list.filter(isThing);
  const one = parts.find(isThing);
  if (one !== undefined) return [one];
  if (nameOf(answer) !== null) return [answer];
  // As of what was removed: {"removed": ID}.
  const text = parts.find((part) => typeof part === 'string');
  if (text === undefined) throw nameless();
  return [{ id: text }];
}

/** The fields that name a thing, the first that is there. */
const NAMES = ['key', 'name', 'filename', 'slug', 'userId', 'id', 'rev'] as const;

function nameOf(thing: Thing): string | null {
  const [provider, id] = [textIn(thing, 'provider'), textIn(thing, 'id')];
  if (provider !== null && id !== null) return `${provider}/${id}`;
  for (const field of NAMES) {
    const name = textIn(thing, field);
    if (name !== null) return name;
  }
  return null;
}

function textIn(thing: Thing, field: string): string | null {
  const value = thing[field];
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : null;
}

function isThing(value: unknown): value is Thing {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameless(): CommandError {
  return new CommandError('The answer has no names.', 'See the whole answer: -o json');
}
