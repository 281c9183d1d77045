// The last days of a server as the outlines of a drawing: hundreds of servers with an element for each day would make a phone stumble.

/** Units of the drawing: a day is one wide, with a gap. */
const BAR = 0.72;
export const STRIP_HEIGHT = 10;

export type StripPaths = { whole: string; broken: string; unseen: string };
export type StripCounts = { whole: number; broken: number; unseen: number };

/** Colour is not all that tells the days apart: one with an outage is lower, and one without checks is lower still. */
export function stripPaths(strip: readonly (number | null)[]): StripPaths {
  const paths: StripPaths = { whole: '', broken: '', unseen: '' };
  for (const [index, share] of strip.entries()) {
    const kind = kindOf(share);
    const top = kind === 'whole' ? 0 : kind === 'broken' ? 3.5 : 7.5;
    paths[kind] += `M${index} ${top}h${BAR}V${STRIP_HEIGHT}h-${BAR}z`;
  }
  return paths;
}

export function stripCounts(strip: readonly (number | null)[]): StripCounts {
  const counts: StripCounts = { whole: 0, broken: 0, unseen: 0 };
  for (const share of strip) counts[kindOf(share)] += 1;
  return counts;
}

function kindOf(share: number | null): keyof StripPaths {
  if (share === null) return 'unseen';
  return share === 1 ? 'whole' : 'broken';
}
