// Limits for JSON from a server: JSON.parse and JSON5 block the event loop for everybody.
import JSON5 from 'json5';
import { AppError } from '../../lib/app-error.ts';
import { jsonExcess } from '../../lib/json-size.ts';

/** Values of one text; as many different keys of one object, the slowest that there is, take JSON.parse 26 ms. */
const MAX_VALUES = 40_000;
/** Nesting of objects and lists; recursive code handles some thousand. */
const MAX_DEPTH = 200;
/** UTF-16 units that are read as JSON5, which takes some 0.3 µs for each; OpenClaw's own config files have some 20,000. */
const MAX_JSON5 = 128 * 1024;
/** Commas and openings of objects and lists in it, wherever they stand: JSON5 takes some 0.8 µs for each value. */
const MAX_JSON5_VALUES = 20_000;

/**
 * Of a config, which is searched for secrets: that takes some 3 µs for each value, and as long for 20 characters that look like secrets. The path of each value repeats
 * the names above it, so `paths` is the length of all paths together, with LEVEL for what each level takes besides its name.
 */
const MAX_CONFIG = { values: 10_000, length: 300_000, paths: 2_000_000 };
const LEVEL = 20;

/**
 * Whether a text has too much content to parse it in one go; it need not be JSON.
 * @param values that it may hold
 */
export function holdsTooMuch(text: string, values = MAX_VALUES): boolean {
  return jsonExcess(text, { depth: MAX_DEPTH, values }) !== null;
}

/** undefined for text that is not JSON, and for more than is parsed in one go. */
export function parseJson(text: string): unknown {
  if (holdsTooMuch(text)) return undefined;
  try {
    return wellFormed(JSON.parse(text), text);
  } catch {
    return undefined;
  }
}

/**
 * Of a config file: JSON in any case, JSON5 of a length that a person may have written.
 * @throws SyntaxError of JSON5 for text that is neither, AppError `output_too_large` beyond the limit
 */
export function parseJson5(text: string): unknown {
  if (holdsTooMuch(text)) throw configTooLarge();
  const plain = parseJson(text);
  if (plain !== undefined) return plain;
  if (text.length > MAX_JSON5 || holdsTooMuchJson5(text)) throw configTooLarge();
  return wellFormed(JSON5.parse(text), text);
}

/** Its strings have other quotes than those of JSON, and so do comments: what stands in them counts as well. */
function holdsTooMuchJson5(text: string): boolean {
  let values = 0;
  for (const _ of text.matchAll(/[,[{]/g)) {
    values += 1;
    if (values > MAX_JSON5_VALUES) return true;
  }
  return false;
}

/** Half of a character, or a part of a whole one: JSON can write what UTF-8 cannot. */
const surrogate = /\\u[dD][89a-fA-F]/;

/** What was parsed from `text`, with U+FFFD for each half of a character: no address can hold one, and a page with a link to it would fail. */
function wellFormed(parsed: unknown, text: string): unknown {
  return surrogate.test(text) ? repaired(parsed) : parsed;
}

function repaired(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(repaired);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name.toWellFormed(), repaired(one)]));
}

/** @throws AppError `output_too_large` for a config with more content than Buoy searches in one go */
export function expectUsualConfig(config: unknown): void {
  if (!isUsualConfig(config)) throw configTooLarge();
}

/** Whether Buoy searches a config, or a change of one, in one go. */
export function isUsualConfig(config: unknown): boolean {
  const open = [{ value: config, path: 0 }];
  let values = 0;
  let length = 0;
  let paths = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    values += 1;
    paths += path;
    if (typeof value === 'string') length += value.length;
    else if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) {
        length += name.length;
        open.push({ value: one, path: path + LEVEL + name.length });
      }
    }
    const { values: mostValues, length: mostLength, paths: mostPaths } = MAX_CONFIG;
    if (values + open.length > mostValues || length > mostLength || paths > mostPaths) return false;
  }
  return true;
}

function configTooLarge(): AppError {
  return new AppError('output_too_large', 'The config file of OpenClaw is larger than Buoy accepts.');
}
