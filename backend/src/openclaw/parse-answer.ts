// JSON and JSON5 that a managed server sent: parsed only when it cannot hold up everybody else, whoever made it.
import JSON5 from 'json5';
import { jsonExcess } from '../lib/json-size.ts';

/** A list of a thousand sessions has 60,000 values; twice as many take 50 ms. */
const LIMITS = { depth: 200, values: 100_000 };
/** Characters that are read as JSON5, 20 ms; the largest config seen has 12 KB. What is longer must be plain JSON. */
const MAX_JSON5 = 64 * 1024;

/** @throws SyntaxError, also for what is too much */
export function parseJson(text: string): unknown {
  if (jsonExcess(text, LIMITS) !== null) throw new SyntaxError('There is too much in this JSON.');
  return JSON.parse(text);
}

/** @throws SyntaxError, of JSON5 with `lineNumber` and `columnNumber` */
export function parseJson5(text: string): unknown {
  if (text.length <= MAX_JSON5) return JSON5.parse(text);
  return parseJson(text);
}
