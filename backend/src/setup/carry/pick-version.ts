// Which version of a package npm takes for what a dependency asks for, so that Buoy sends what npm will ask for on the server.
// As npm-pick-manifest of npm 11 does, without its options: https://github.com/npm/npm-pick-manifest#algorithm
import semver, { type SemVer } from 'semver';

/** What counts of the versions of a package: by their names, manifests that nobody has checked yet. */
export type VersionList = { tags: Readonly<Record<string, string>>; versions: ReadonlyMap<string, unknown> };

type Candidate = { name: string; version: SemVer };

/** Of a version that runs on the server and is not deprecated. */
const BEST_RANK = 7;
const loose = { loose: true };

/**
 * Sorts the versions once, for all that is asked for.
 * @param nodeVersion of the server: versions that run on it are preferred
 * @returns the version for an exact version, a range or a tag (empty: any); null where none fits
 */
export function versionPicker(
  { tags, versions }: VersionList,
  nodeVersion: string,
): (wanted: string) => string | null {
  const ranks = new Map<string, number>();
  let newestFirst: Candidate[] | null = null;

  function rankOf(name: string): number {
    const known = ranks.get(name);
    if (known !== undefined) return known;
    const { deprecated, engines } = (versions.get(name) ?? {}) as { deprecated?: unknown; engines?: unknown };
    const node = (engines as { node?: unknown } | undefined)?.node;
    const runs = typeof node !== 'string' || semver.satisfies(nodeVersion, node, loose);
    const isCurrent = !deprecated;
    const rank = (runs && isCurrent ? 4 : 0) + (runs ? 2 : 0) + (isCurrent ? 1 : 0);
    ranks.set(name, rank);
    return rank;
  }

  function sorted(): Candidate[] {
    newestFirst ??= Array.from(versions.keys(), (name) => ({ name, version: semver.parse(name, loose) }))
      .filter((one): one is Candidate => one.version !== null)
      .sort((one, other) => semver.rcompare(one.version, other.version, loose));
    return newestFirst;
  }

  return (wanted) => {
    const asked = wanted.trim();
    const exact = semver.valid(asked, loose);
    if (exact !== null) return versions.has(exact) ? exact : null;
    if (semver.validRange(asked, loose) === null)
      return versions.has(tags[asked] ?? '') ? tags[asked]! : null;

    const range = new semver.Range(asked, loose);
    const latest = tags.latest;
    const isAny = asked === '' || asked === '*';
    if (latest !== undefined && versions.has(latest) && (isAny || semver.satisfies(latest, asked, loose)))
      if (rankOf(latest) === BEST_RANK) return latest;
    let best: { name: string; rank: number } | null = null;
    for (const { name, version } of sorted()) {
      if (!range.test(version)) continue;
      const rank = rankOf(name);
      if (best === null || rank > best.rank) best = { name, rank };
      if (rank === BEST_RANK) break;
    }
    return best?.name ?? null;
  };
}
