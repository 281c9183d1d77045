// A fixed amount of the work that pages and requests cause, for tests of computing time: a slow machine must not fail them.

/** CPU time of the yardstick on the idle machine for which the limits of the tests are meant: 2 cores of a Xeon, 2026. */
export const YARDSTICK_MS = 36;

/** JSON, strings and a search, in rounds, because Linux counts the CPU time of a thread in ticks of up to 4 ms. Also runs in a page. */
export function yardstick(): void {
  const rows = Array.from({ length: 4_000 }, (_, row) => ({
    row,
    name: `server ${row}`,
    tags: ['one', 'two'],
  }));
  for (let round = 0; round < 20; round += 1) {
    const text = JSON.stringify(rows);
    const names = (JSON.parse(text) as typeof rows).map(({ name }) => name.toUpperCase()).toSorted();
    if (!/"server \d+"/.test(text) || names.length !== rows.length)
      throw new Error('The yardstick is broken.');
  }
}
