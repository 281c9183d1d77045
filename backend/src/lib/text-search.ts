// Finds one text in others in time that is linear in the length of both, by Knuth, Morris and Pratt. The searches of V8 and Node multiply
// the two lengths where somebody chooses both texts for that: minutes for a few megabytes.

export function createTextSearch(text: string) {
  const wanted = Buffer.from(text);
  const fallbacks = fallbacksOf(wanted);

  /**
   * Calls `onEnd` with the end of each appearance, which do not overlap.
   * @param begun with how many bytes of the text what stood before these ended
   * @returns with how many these end
   */
  function find(bytes: Uint8Array, begun: number, onEnd: (end: number) => void): number {
    let matched = begun;
    for (let at = 0; at < bytes.length; at += 1) {
      if (matched === 0) {
        while (at < bytes.length && bytes[at] !== wanted[0]) at += 1;
        if (at === bytes.length) break;
      }
      while (matched >= 0 && bytes[at] !== wanted[matched]) matched = fallbacks[matched]!;
      matched += 1;
      if (matched < wanted.length) continue;
      matched = 0;
      onEnd(at + 1);
    }
    return matched;
  }

  return {
    wanted,
    find,

    isIn(other: string): boolean {
      let isFound = false;
      find(Buffer.from(other), 0, () => {
        isFound = true;
      });
      return isFound;
    },

    /** `other` with each appearance replaced. */
    replacedIn(other: string, by: string): string {
      const bytes = Buffer.from(other);
      const parts: string[] = [];
      let start = 0;
      find(bytes, 0, (end) => {
        parts.push(bytes.toString('utf8', start, end - wanted.length));
        start = end;
      });
      return start === 0 ? other : [...parts, bytes.toString('utf8', start)].join(by);
    },
  };
}

/**
 * For each number of matched bytes, how many of them may still begin an appearance when the next byte is another than the wanted one: -1 when not
 * even that byte may.
 */
function fallbacksOf(wanted: Uint8Array): Int32Array {
  const fallbacks = new Int32Array(wanted.length);
  let matched = -1;
  for (let at = 0; at < wanted.length; at += 1) {
    // With the same byte wanted there, it would fail again.
    fallbacks[at] = matched >= 0 && wanted[at] === wanted[matched] ? fallbacks[matched]! : matched;
    while (matched >= 0 && wanted[at] !== wanted[matched]) matched = fallbacks[matched]!;
    matched += 1;
  }
  return fallbacks;
}
