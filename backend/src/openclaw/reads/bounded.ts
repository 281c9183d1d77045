// Bounds for answers of OpenClaw: lists are measured before their elements are parsed, and texts are truncated when read.
import { z } from 'zod';
import { ownText } from '../../lib/own-text.ts';

/** UTF-16 units of an identifier: an id, a name, a label, a path. OpenClaw's longest are session keys of some 200. */
export const MAX_NAME = 1_000;
/** UTF-16 units of a version, a state or another word that a program chose. */
export const MAX_WORD = 100;

/** A text of which the first `max` UTF-16 units are kept, without NUL, which PostgreSQL does not store, and without halves of characters. */
export function cutText(max: number) {
  return z.string().overwrite((text) => cut(text, max));
}

export function cut(text: string, max: number): string {
  const head = text.length > max ? ownText(text.slice(0, max)) : text;
  return (head.includes('\0') ? head.replaceAll('\0', '') : head).toWellFormed();
}

export const nameText = cutText(MAX_NAME);
export const wordText = cutText(MAX_WORD);

/** The text that a value is, of which the first `max` UTF-16 units are kept; null for anything else. */
export function textIn(value: unknown, max: number): string | null {
  return typeof value === 'string' ? cut(value, max) : null;
}

/** What `read` makes of the first entries of a list; null for what is no list, and for a list with an entry of which it makes null. */
export function entriesIn<T>(list: unknown, most: number, read: (entry: unknown) => T | null): T[] | null {
  if (!Array.isArray(list)) return null;
  const entries: T[] = [];
  for (const one of list.slice(0, most)) {
    const entry = read(one);
    if (entry === null) return null;
    entries.push(entry);
  }
  return entries;
}

/** The first texts of a list, each cut; null for a list of anything else. */
export function textsIn(list: unknown, most: number, max: number): string[] | null {
  return entriesIn(list, most, (one) => textIn(one, max));
}

/** A field that `read` makes of any value. A schema in its place would compose a message about each of thousands of wrong values. */
function fieldOf<T>(read: (value: unknown) => T) {
  return z.unknown().transform(read).optional();
}

/** Fields that are null where they are anything else, so that a single one never refuses a whole answer. */
export const nameOrNull = textOrNull(MAX_NAME);
export const wordOrNull = textOrNull(MAX_WORD);
export const flagOrNull = fieldOf((value) => (typeof value === 'boolean' ? value : null));
/** A time, a size or an amount; null also for one that the API cannot tell. */
export const figure = fieldOf((value) =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : null,
);

/** The same for a text of which the first `max` UTF-16 units are kept. */
export function textOrNull(max: number) {
  return fieldOf((value) => textIn(value, max));
}

/** The same for a list of texts, of which the first are kept; null also where one of these is none. */
export function textsOrNull(most: number, max: number) {
  return fieldOf((list) => textsIn(list, most, max));
}

/** A list that is refused as a whole when it is longer, so that a part is never taken for the whole list. */
export function boundedArray<S extends z.ZodType>(element: S, max: number) {
  return z
    .unknown()
    .check((context) => {
      if (!Array.isArray(context.value) || context.value.length <= max) return;
      context.issues.push({
        ...{ code: 'too_big', origin: 'array', maximum: max, inclusive: true },
        input: context.value,
      });
    })
    .pipe(z.array(element));
}

/**
 * A list of which only the first elements are read, because more can be requested or the rest is not important. It is refused at the first
 * wrong one: `z.array` composes a message about each of thousands.
 */
export function firstOf<S extends z.ZodType>(element: S, max: number) {
  return z.array(z.unknown()).transform((list, context): Array<z.output<S>> => {
    const first: Array<z.output<S>> = [];
    for (const [at, one] of list.slice(0, max).entries()) {
      const { data, error } = element.safeParse(one);
      if (error !== undefined) {
        for (const issue of error.issues)
          context.issues.push({ ...issue, path: [at, ...issue.path], input: one } as z.core.$ZodRawIssue);
        return z.NEVER;
      }
      first.push(data);
    }
    return first;
  });
}

/** Refuses an answer of which one of these fields has more entries than here, also where `schema` would take it for absent. */
export function withinBounds<S extends z.ZodType>(bounds: Readonly<Record<string, number>>, schema: S) {
  return z
    .unknown()
    .check((context) => {
      for (const [field, maximum] of Object.entries(bounds))
        if (entriesOf((context.value as Record<string, unknown> | null)?.[field]) > maximum)
          context.issues.push({
            ...{ code: 'too_big', origin: 'object', maximum, inclusive: true },
            ...{ input: context.value, path: [field] },
          });
    })
    .pipe(schema);
}

/** The same as `boundedArray` for an object whose keys are not known before. */
export function boundedRecord<S extends z.ZodType>(value: S, max: number) {
  return z
    .unknown()
    .check((context) => {
      if (entriesOf(context.value) <= max) return;
      context.issues.push({
        ...{ code: 'too_big', origin: 'object', maximum: max, inclusive: true },
        input: context.value,
      });
    })
    .pipe(z.record(z.string(), value));
}

function entriesOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

/** The value of a key that a server told, which may be `constructor`; undefined for what the object only inherits. */
export function ownValue<V>(record: Readonly<Record<string, V>>, key: string): V | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The bound of a list that was refused for its length; null for any other reason. */
export function exceededBound(error: z.ZodError): number | null {
  for (const issue of error.issues)
    if (issue.code === 'too_big' && (issue.origin === 'array' || issue.origin === 'object'))
      return Number(issue.maximum);
  return null;
}
