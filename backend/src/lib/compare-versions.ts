// Exact versions, such as 24.21.0 or 2026.9.6, compared number by number.

const exact = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[0-9A-Za-z.-]+)?$/;

/** OpenClaw's corrections of a release: 2026.2.2-3 is newer than 2026.2.2 (docs.openclaw.ai/reference/RELEASING). */
const correction = /^-\d{1,9}$/;

/**
 * Negative when `one` is older; null when either is no exact version. A release is newer than its previews and older than its corrections, unlike
 * in semver.
 */
export function compareVersions(one: string, other: string): number | null {
  const [left, right] = [exact.exec(one), exact.exec(other)];
  if (left === null || right === null) return null;
  for (const part of [1, 2, 3]) {
    const difference = Number(left[part]) - Number(right[part]);
    if (difference !== 0) return difference;
  }
  const [suffix, otherSuffix] = [left[4] ?? '', right[4] ?? ''];
  return stageOf(suffix) - stageOf(otherSuffix) || compareParts(suffix.slice(1), otherSuffix.slice(1));
}

/** The release of a correction; any other version as it is. */
export function withoutCorrection(version: string): string {
  const suffix = exact.exec(version)?.[4];
  return suffix !== undefined && correction.test(suffix) ? version.slice(0, -suffix.length) : version;
}

const stageOf = (suffix: string): number => (suffix === '' ? 0 : correction.test(suffix) ? 1 : -1);

/** Part by part, numbers as numbers: beta.2 is older than beta.10. */
function compareParts(one: string, other: string): number {
  const [parts, others] = [one.split('.'), other.split('.')];
  for (const [index, part] of parts.entries()) {
    const counterpart = others[index];
    if (counterpart === undefined) return 1;
    if (part === counterpart) continue;
    const difference = Number(part) - Number(counterpart);
    if (!Number.isNaN(difference)) return difference;
    return part < counterpart ? -1 : 1;
  }
  return parts.length - others.length;
}

/** The newest of a line such as 24; null when there is none. */
export function newestOf(versions: readonly string[], line: number): string | null {
  let newest: string | null = null;
  for (const version of versions)
    if (version.startsWith(`${line}.`) && (newest === null || (compareVersions(version, newest) ?? 0) > 0))
      newest = version;
  return newest;
}
