// Line patterns in linear time: each part is searched once, then the matches are combined. One
// regular expression with a gap restarts at each match of its first part.

/** Returns the index of the first match; null without one. */
export type Finder = (text: string) => number | null;

type Part = { pattern: RegExp; gap: Gap };
type Gap = { max: number; like: RegExp | null };

/**
 * What may stand between two parts of a sequence.
 * @param most characters
 * @param like the pattern that they must match. It must match each suffix of a text that it matches.
 */
export function gap(max: number, like: RegExp | null = null): Gap {
  return { max, like };
}

const NO_GAP = gap(0);

/** Parts that follow each other, each a pattern or a gap; two patterns without a gap touch. */
export function sequence(...items: Array<string | Gap>): Finder {
  const parts: Part[] = items.flatMap((item, index) => {
    if (typeof item !== 'string') return [];
    const before = items[index - 1];
    return [{ pattern: new RegExp(item, 'giu'), gap: typeof before === 'object' ? before : NO_GAP }];
  });
  return (text) => {
    let chains: Chain[] | null = null;
    for (const part of parts) {
      const matches = [...text.matchAll(part.pattern)].map((match) => ({
        begin: match.index,
        start: match.index,
        end: match.index + match[0].length,
      }));
      chains = chains === null ? matches : continued(chains, matches, part.gap, text);
      if (chains.length === 0) return null;
    }
    return chains?.[0]?.begin ?? null;
  };
}

/** `begin` is where the first part stands, `start` and `end` are of the last one. */
type Chain = { begin: number; start: number; end: number };

/** Both lists are in the order of the text. The nearest chain before a match leaves the smallest gap, so it alone counts. */
function continued(
  chains: readonly Chain[],
  matches: readonly Chain[],
  { max, like }: Gap,
  text: string,
): Chain[] {
  const longer: Chain[] = [];
  let next = 0;
  for (const match of matches) {
    while (next < chains.length && chains[next]!.end <= match.start) next += 1;
    const nearest = chains[next - 1];
    if (nearest === undefined || match.start - nearest.end > max) continue;
    if (like !== null && !like.test(text.slice(nearest.end, match.start))) continue;
    longer.push({ ...match, begin: nearest.begin });
  }
  return longer;
}

/** The first of them that is found; texts are patterns without a gap. */
export function oneOf(alternatives: ReadonlyArray<string | Finder>): Finder {
  const texts = alternatives.filter((one) => typeof one === 'string');
  const finders = alternatives.filter((one) => typeof one === 'function');
  const plain = texts.length === 0 ? null : new RegExp(texts.join('|'), 'iu');
  return (text) => {
    const at = plain?.exec(text)?.index ?? null;
    if (at !== null) return at;
    for (const find of finders) {
      const found = find(text);
      if (found !== null) return found;
    }
    return null;
  };
}
