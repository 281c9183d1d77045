// Which version of a package npm takes for what a dependency asks for, so that Buoy sends what npm will ask for on the server.
// As npm-pick-manifest of npm 11 does, without its options: https://github.com/npm/npm-pick-manifest#algorithm
import semver from 'semver';

/** What counts of the versions of a package: by their names, manifests that nobody has checked yet. */
export type VersionList = { tags: Readonly<Record<string, string>>; versions: ReadonlyMap<string, unknown> };

const loose = { loose: true };

/**
 * @param wanted an exact version, a range or a tag; empty: any
 * @param nodeVersion of the server: versions that run on it are preferred
 * @returns null where no version fits
 */
export function pickVersion(
  { tags, versions }: VersionList,
  wanted: string,
  nodeVersion: string,
): string | null {
  const asked = wanted.trim();
  const exact = semver.valid(asked, loose);
  if (exact !== null) return versions.has(exact) ? exact : null;
  const range = semver.validRange(asked, loose) === null ? null : asked;
  if (range === null) return versions.has(tags[asked] ?? '') ? tags[asked]! : null;

  const facts = (version: string) => {
    const { deprecated, engines } = (versions.get(version) ?? {}) as {
      deprecated?: unknown;
      engines?: unknown;
    };
    const node = (engines as { node?: unknown } | undefined)?.node;
    const runs = typeof node !== 'string' || satisfies(nodeVersion, node);
    const isCurrent = !deprecated;
    return { version, rank: (runs && isCurrent ? 4 : 0) + (runs ? 2 : 0) + (isCurrent ? 1 : 0) };
  };
  const latest = tags.latest;
  const isAny = range === '' || range === '*';
  if (latest !== undefined && versions.has(latest) && (isAny || satisfies(latest, range)))
    if (facts(latest).rank === 7) return latest;
  const fitting = [...versions.keys()].filter((version) => satisfies(version, range)).map(facts);
  fitting.sort((one, other) => other.rank - one.rank || semver.rcompare(one.version, other.version, loose));
  return fitting[0]?.version ?? null;
}

function satisfies(version: string, range: string): boolean {
  return semver.satisfies(version, range, loose);
}
