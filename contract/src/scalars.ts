// The small schemas that every section shares: text, ids, times, pages.
import { z } from 'zod';
import { textParts } from './visible-text.ts';

/** PostgreSQL cannot store NUL, and a lone surrogate does not survive UTF-8: both are refused at the edge. */
function isStorable(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed();
}

/** Any text of `min` to `max` UTF-16 units, without NUL bytes and broken unicode. */
export function text(max: number, min = 1) {
  return z
    .string()
    .min(min)
    .max(max)
    .refine(isStorable, { error: 'must not contain NUL bytes or broken unicode' });
}

/** One line of text: no control characters, not blank. */
export function line(max: number) {
  return text(max)
    .refine((value) => !/[\x00-\x1f\x7f-\x9f]/.test(value), {
      error: 'must not contain control characters',
      // One word about them is enough, also where a name must not have hidden characters either.
      abort: true,
    })
    .refine((value) => value.trim() !== '', { error: 'must not be blank' });
}

/** What a person calls a thing: a line without characters that hide or reorder the others, or pass for an ordinary space. */
export function name(max: number) {
  return line(max)
    .refine((value) => textParts(value).every(({ isHidden }) => !isHidden), {
      error: 'must not contain hidden or text-direction characters',
      abort: true,
    })
    .refine((value) => textParts(value, undefined, 'name').every(({ isHidden }) => !isHidden), {
      error: 'must have ordinary spaces only, no other blank characters',
    });
}

export const id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'must be an id: letters, digits, "_" and "-", at most 64' });

/** ISO 8601 in UTC, as every time in the API. */
export const time = z.iso.datetime();

export const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time of day as HH:MM' });

/** The zones that this runtime knows; their names come from https://www.iana.org/time-zones. */
function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const timeZone = line(64).refine(isTimeZone, { error: 'must be a time zone such as Europe/Berlin' });

/** Any JSON value; in the OpenAPI document by its name, because it holds itself. */
export const jsonValue = z.json().register(z.globalRegistry, { id: 'JsonValue' });

/** The same where Buoy wrote it itself: looking at each of a hundred thousand values again would take most of a second. */
export const writtenJson = (z.unknown() as z.ZodType as z.ZodType<z.output<typeof jsonValue>>).meta({
  id: 'JsonValue',
});

export const idParams = z.strictObject({ id });

export const limit = z.coerce.number().int().min(1).max(200).default(50);
export const cursor = text(512).optional();
