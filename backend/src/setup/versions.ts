// Exact versions, such as 24.21.0 or 2026.9.6, compared number by number.

const exact = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[0-9A-Za-z.-]+)?$/;

/** Negative when `one` is older; null when either is no exact version. A release is newer than its previews, which compare as text. */
export function compareVersions(one: string, other: string): number | null {
  const [left, right] = [exact.exec(one), exact.exec(other)];
  if (left === null || right === null) return null;
  for (const part of [1, 2, 3]) {
    const difference = Number(left[part]) - Number(right[part]);
    if (difference !== 0) return difference;
  }
  const [preview, otherPreview] = [left[4] ?? '', right[4] ?? ''];
  if (preview === otherPreview) return 0;
  if (preview === '' || otherPreview === '') return preview === '' ? 1 : -1;
  return preview < otherPreview ? -1 : 1;
}

/** The newest of a line such as 24; null when there is none. */
export function newestOf(versions: readonly string[], line: number): string | null {
  let newest: string | null = null;
  for (const version of versions)
    if (version.startsWith(`${line}.`) && (newest === null || (compareVersions(version, newest) ?? 0) > 0))
      newest = version;
  return newest;
}
