// Counts values and nesting of a JSON text before parsing: both can cost far more time than the bytes suggest.

export type JsonLimits = {
  /** Objects and lists inside each other. */
  depth: number;
  /** Of objects and lists, in all. */
  values: number;
};

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Which limit the text exceeds; null when it may be parsed. It counts outside of strings, and the text need not be JSON. */
export function jsonExcess(text: string, limits: JsonLimits): keyof JsonLimits | null {
  let depth = 0;
  let values = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === QUOTE) index = endOfString(text, index);
    else if (character === OPEN_LIST || character === OPEN_OBJECT) {
      depth += 1;
      values += 1;
      if (depth > limits.depth) return 'depth';
    } else if (character === CLOSE_LIST || character === CLOSE_OBJECT) depth -= 1;
    else if (character === COMMA) values += 1;
    if (values > limits.values) return 'values';
  }
  return null;
}

/** Where the string that begins at `start` ends; one with escaped quotes is walked through, since millions of searches take far longer. */
function endOfString(text: string, start: number): number {
  const first = text.indexOf('"', start + 1);
  if (first === -1) return text.length;
  if (text.charCodeAt(first - 1) !== BACKSLASH) return first;
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === BACKSLASH) index += 1;
    else if (character === QUOTE) return index;
  }
  return text.length;
}
