// Stored details of an audit entry: redacted JSON of limited length that always keeps some of the request.
import { sha256 } from '../lib/ids.ts';
import { jsonExcess } from '../lib/json-size.ts';
import { maskSecretFields, redactJson } from '../lib/redact.ts';
import { MAX_SEALED_BYTES } from './whole-command.ts';

/** UTF-16 units of JSON of a request that is too long to be kept as it is. */
const MAX_START = 8_448;
const MAX_START_OF_FAILURE = 2_048;
/** Bytes of one entry's details; a command of 4,096 characters fits with all around it, also where each takes four as a text inside of JSON. */
const MAX_DETAILS_BYTES = 18_432;
/** The same limit for a call without effect, which any signed-in person can repeat. */
const MAX_DETAILS_BYTES_OF_FAILURE = 4_096;
/** A page of the log has 200 entries, whose values are parsed and written again: their bytes say little about the time that takes. */
const MAX_DETAILS_VALUES = { depth: 20, values: 500 };

/** Bytes of details that are always kept: with the words around it, the beginning of longer ones is hardly shorter. */
export const SHORT_DETAILS_BYTES = 1_024;
/** UTF-16 units of longer ones where they are not kept: of the facts beside the request, of each of them, and of the beginning. */
const SHORT = { facts: 300, fact: 100, start: 256 };

/** Characters that take six in JSON and show nothing: padding a command with them must not push the command out. */
const invisible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Surrogate}/gu;

/**
 * JSON, redacted. What people send must not fill the disk: of too much, the facts stay, and of the request its beginning and its hash.
 * @param cameToNothing the call was denied or failed
 */
export function detailsText(details: Record<string, unknown>, cameToNothing: boolean): string {
  const max = cameToNothing ? MAX_DETAILS_BYTES_OF_FAILURE : MAX_DETAILS_BYTES;
  const given = JSON.stringify(details);
  // Searching for secrets costs microseconds a kilobyte: not for what will not be kept anyway.
  const mayFit = given.length <= 2 * max && !hasTooManyValues(given);
  const text = mayFit ? JSON.stringify(redactJson(details)) : null;
  if (text !== null && Buffer.byteLength(text) <= max) return text;
  const { body, query, ...facts } = details;
  const known = redactJson(facts) as Record<string, unknown>;
  if (body === undefined && query === undefined) return JSON.stringify(known);
  const short = { ...known, requestTooLong: true };
  if (body === undefined) return JSON.stringify(short);
  const whole = JSON.stringify(maskSecretFields(body));
  const shown = JSON.stringify(redactJson(body, { total: MAX_DETAILS_BYTES, change: withoutInvisible }));
  const bodySha256 = sha256(whole);
  // As a text inside of JSON it grows again, at most to twice its length.
  for (let length = cameToNothing ? MAX_START_OF_FAILURE : MAX_START; length >= 64; length /= 2) {
    const start = { ...short, bodyStart: shown.slice(0, length).toWellFormed(), bodySha256 };
    const startText = JSON.stringify(start);
    if (Buffer.byteLength(startText) <= max) return startText;
  }
  return JSON.stringify({ ...short, bodySha256 });
}

/**
 * Instead of stored details that are too long to be parsed, as those of earlier versions may be, the beginning of their text; null where they are not.
 * @param max UTF-16 units of it
 */
export function unparsedDetails(
  text: string,
  max: number,
): { detailsStart: string; detailsSha256: string } | null {
  if (Buffer.byteLength(text) <= MAX_DETAILS_BYTES + MAX_SEALED_BYTES && !hasTooManyValues(text)) return null;
  return { detailsStart: text.slice(0, max).toWellFormed(), detailsSha256: sha256(text) };
}

function hasTooManyValues(text: string): boolean {
  return jsonExcess(text, MAX_DETAILS_VALUES) !== null;
}

/**
 * For somebody whose details of the last hour are too long together: small facts, such as the error, the beginning and the hash.
 * @param text what `detailsText` made
 */
export function shortDetailsText(text: string): string {
  return JSON.stringify(shortDetails(text));
}

/**
 * The same for what begins: the command stays, which must be seen before it runs.
 * @param text what `detailsText` made
 */
export function shortDetailsOfCommand(text: string): string {
  const { body, bodyStart } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify({ ...shortDetails(text), ...commandIn(body, bodyStart) });
}

/** The command itself, or the beginning of the request where that is all there is, or where it is in words. */
function commandIn(body: unknown, bodyStart: unknown): { command?: string; bodyStart?: string } {
  const { command, argv } = (body ?? {}) as { command?: unknown; argv?: unknown };
  if (typeof command === 'string') return { command };
  if (argv !== undefined) return { bodyStart: JSON.stringify({ argv }).slice(0, MAX_START).toWellFormed() };
  return typeof bodyStart === 'string' ? { bodyStart } : {};
}

function shortDetails(text: string): Record<string, unknown> {
  const { body, query, ...facts } = JSON.parse(text) as Record<string, unknown>;
  const short: Record<string, unknown> = {};
  let left = SHORT.facts;
  for (const [name, value] of Object.entries(facts)) {
    const length = name.length + JSON.stringify(value).length;
    if (length > Math.min(SHORT.fact, left)) continue;
    short[name] = value;
    left -= length;
  }
  const detailsStart = text.slice(0, SHORT.start).toWellFormed();
  return { ...short, tooMuchInAnHour: true, detailsStart, detailsSha256: sha256(text) };
}

function withoutInvisible(text: string): string {
  return text.replace(invisible, '\ufffd');
}
