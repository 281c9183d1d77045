// Values over time as one line of text.

const BARS = '▁▂▃▄▅▆▇█';

/**
 * A bar for each value from 0 to the highest one, a space where it is null. More values than characters are averaged.
 * @param width characters at most, at least 1
 * @param most what a full bar stands for; the highest value unless given
 */
export function sparkline(values: ReadonlyArray<number | null>, width: number, most?: number): string {
  const length = Math.min(values.length, Math.max(1, width));
  const means = Array.from({ length }, (_, index) =>
    meanOf(
      values.slice(
        Math.floor((index * values.length) / length),
        Math.floor(((index + 1) * values.length) / length),
      ),
    ),
  );
  const top = most ?? means.reduce<number>((one, other) => Math.max(one, other ?? 0), 0);
  return means.map((value) => (value === null ? ' ' : barOf(top === 0 ? 0 : value / top))).join('');
}

function barOf(share: number): string {
  return BARS[Math.max(0, Math.min(BARS.length - 1, Math.round(share * (BARS.length - 1))))] ?? ' ';
}

function meanOf(values: ReadonlyArray<number | null>): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
