// Which Telegram clients know what: their versions are compared part by part, so that 6.10 comes after 6.9.

/** @param version of the client, as in its launch parameters; null, from a client that tells none, is the oldest */
export function isAtLeast(version: string | null, wanted: string): boolean {
  const [has, needs] = [partsOf(version ?? ''), partsOf(wanted)];
  for (let index = 0; index < Math.max(has.length, needs.length); index += 1) {
    const difference = (has[index] ?? 0) - (needs[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function partsOf(version: string): number[] {
  return version.split('.').map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : 0));
}
