// Whether a version is in a range as npm writes them: `>=24.16.0 <25 || >=26.1.0`. Of exact versions without a suffix, which is all that Node has.

const exact = /^v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/;
/** One bound: an operator, and one to three numbers; the rest may be missing or `x`. */
const comparator = /^(>=|<=|>|<|=|\^|~)?v?(\d{1,6})(?:\.(\d{1,6}|[xX*])(?:\.(\d{1,6}|[xX*]))?)?$/;
/** UTF-16 units; those of packages have a few dozen. */
const MAX_RANGE = 500;

type Version = readonly [major: number, minor: number, patch: number];

/** null when the version is not exact, or the range is written in a way that is not known here, such as `1.2 - 2.3`. */
export function isInRange(version: string, range: string): boolean | null {
  const wanted = exact.exec(version);
  if (wanted === null || range.length > MAX_RANGE) return null;
  const numbers: Version = [Number(wanted[1]), Number(wanted[2]), Number(wanted[3])];
  let isInAny = false;
  for (const alternative of range.split('||')) {
    const isIn = isInAll(numbers, alternative.replace(/([<>=^~])\s+/g, '$1').trim());
    if (isIn === null) return null;
    isInAny ||= isIn;
  }
  return isInAny;
}

/** @param bounds separated by spaces, all of which have to hold; none at all, as `*`, holds for every version */
function isInAll(version: Version, bounds: string): boolean | null {
  if (bounds === '' || /^[xX*]$/.test(bounds)) return true;
  let holds = true;
  for (const bound of bounds.split(/\s+/)) {
    const one = isWithin(version, bound);
    if (one === null) return null;
    holds &&= one;
  }
  return holds;
}

function isWithin(version: Version, bound: string): boolean | null {
  const found = comparator.exec(bound);
  if (found === null) return null;
  const [, operator = '=', major, minor, patch] = found;
  const numbers = [major, minor, patch].map((part) => (/^\d+$/.test(part ?? '') ? Number(part) : null));
  const first: Version = [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0];
  const isAtLeast = compare(version, first) >= 0;
  switch (operator) {
    case '>=':
      return isAtLeast;
    case '<':
      return !isAtLeast;
    case '>':
      return !isBefore(version, after(numbers));
    case '<=':
      return isBefore(version, after(numbers));
    case '^':
      // Below 1.0.0 it would mean something else.
      return first[0] === 0 ? null : isAtLeast && version[0] === first[0];
    case '~':
      return isAtLeast && isBefore(version, after(numbers.slice(0, 2)));
    default:
      return isAtLeast && isBefore(version, after(numbers));
  }
}

/** The first version behind all those that these numbers name: of 24.16 that is 24.17.0, and of 24.16.1 it is 24.16.2. */
function after(numbers: readonly (number | null)[]): Version {
  const [major = 0, minor, patch] = numbers;
  if (minor === undefined || minor === null) return [(major ?? 0) + 1, 0, 0];
  if (patch === undefined || patch === null) return [major ?? 0, minor + 1, 0];
  return [major ?? 0, minor, patch + 1];
}

function isBefore(version: Version, bound: Version): boolean {
  return compare(version, bound) < 0;
}

function compare(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
