// What a registry tells of a package, and which of its versions are picked: https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
// Takes seconds for the longest list: it runs in registry-worker.ts.
import { z } from 'zod';
import { compareVersions } from '../../lib/compare-versions.ts';
import { jsonExcess } from '../../lib/json-size.ts';
import { type Dependency, dependenciesOf, fitsPlatform, type Platform } from './dependencies.ts';
import { sourceFailure } from './download-attempts.ts';
import { manifest, type PackageManifest, VERSION } from './package-manifest.ts';
import { CARRIED_ORIGIN, packagePath } from './package-source.ts';
import { type VersionList, versionPicker } from './pick-version.ts';

export const DOCUMENT_LIMITS = { depth: 20, values: 1_000_000 };
/** As many as are read elsewhere: npm itself has some 600, the longest lists some 12,000. */
const MAX_VERSIONS = 20_000;

/** What npm reads of a version that it installs: the short form, and what the long one has in its place. */
const INSTALLED_BY = [
  ...['name', 'version', 'bin', 'directories', 'engines', 'os', 'cpu', 'libc', 'deprecated', 'funding'],
  ...['dependencies', 'optionalDependencies', 'peerDependencies', 'peerDependenciesMeta'],
  ...[
    'bundleDependencies',
    'bundledDependencies',
    'hasInstallScript',
    '_hasShrinkwrap',
    'scripts',
    'gypfile',
  ],
] as const;

/** One version of a package: what decides about its download. */
export type PackageVersion = {
  version: string;
  /** What npm is told of it on the server, as JSON. */
  manifest: string;
  tarball: string;
  integrity: string | null;
  hasShrinkwrap: boolean;
  /** Whether npm installs it on the platform. */
  fits: boolean;
  dependencies: Dependency[];
};

export type PackumentJob = {
  name: string;
  bytes: Uint8Array;
  /** Exact versions, ranges and tags as npm reads them; null: `line` is asked for. */
  wanted: string[] | null;
  /** A line such as 24 or 24.21, or an exact version. */
  line: string;
  platform: Platform;
  /** Versions of which nothing is answered again. */
  known: string[];
  /** Of what is answered. */
  maxBytes: number;
  maxDependencies: number;
};

export type PickedVersions = {
  /** For each that was asked for, in that order; null: there is none. */
  picked: Array<string | null>;
  /** The picked ones that are not known yet. */
  versions: PackageVersion[];
  /** Those of the tags that count for what was asked. */
  tags: Record<string, string>;
};

type Packument = VersionList & { name: string };

const packument = z.looseObject({
  'dist-tags': z.record(z.string(), z.string()).optional(),
  versions: z.record(z.string(), z.unknown()),
});

/** Throws AppError `registry_failed` for what no registry tells of a real package, or `unsupported`. */
export function readPackument(job: PackumentJob): PickedVersions {
  const { name, wanted, platform } = job;
  const list = packumentIn(Buffer.from(job.bytes).toString('utf8'), name);
  const picked = wanted === null ? [newestIn(list, job.line)] : pickedFrom(list, wanted, platform.node);
  const known = new Set(job.known);
  const versions: PackageVersion[] = [];
  let [bytes, dependencies] = [0, 0];
  for (const version of new Set(picked)) {
    if (version === null || known.has(version)) continue;
    const one = versionOf(list, version, { platform, isAlone: wanted === null });
    bytes += one.manifest.length;
    dependencies += one.dependencies.length;
    if (bytes > job.maxBytes || dependencies > job.maxDependencies) throw tooMuch(name);
    versions.push(one);
  }
  const tags = Object.entries(list.tags).filter(
    ([tag, version]) => picked.includes(version) && (tag === 'latest' || wanted?.includes(tag)),
  );
  return { picked, versions, tags: Object.fromEntries(tags) };
}

function pickedFrom(list: Packument, wanted: readonly string[], node: string): Array<string | null> {
  const pick = versionPicker(list, node);
  return wanted.map(pick);
}

function packumentIn(text: string, name: string): Packument {
  if (jsonExcess(text, DOCUMENT_LIMITS) !== null) throw tooMuch(name);
  const parsed = packument.safeParse(jsonIn(text));
  if (!parsed.success) throw sourceFailure(`The registry tells nothing of ${name} that npm understands.`);
  const { 'dist-tags': tags = {} } = parsed.data;
  const versions = Object.entries(parsed.data.versions);
  if (versions.length > MAX_VERSIONS) throw tooMuch(name);
  return { name, tags, versions: new Map(versions) };
}

/** Throws AppError `registry_failed` for a version that npm could not install. @param isAlone what it asks for does not count */
function versionOf(
  { name, versions }: Packument,
  version: string,
  { platform, isAlone }: { platform: Platform; isAlone: boolean },
): PackageVersion {
  const parsed = manifest.safeParse(versions.get(version));
  if (!parsed.success || parsed.data.version !== version || !VERSION.test(version))
    throw sourceFailure(`The registry tells nothing of ${name} ${version} that npm understands.`);
  const { dist } = parsed.data;
  return {
    version,
    manifest: JSON.stringify(toldOf(name, parsed.data)),
    tarball: dist.tarball,
    integrity: dist.integrity ?? null,
    hasShrinkwrap: parsed.data._hasShrinkwrap === true,
    fits: fitsPlatform(parsed.data, platform),
    dependencies: isAlone ? [] : dependenciesOf(parsed.data),
  };
}

/** npm asks for its file where Buoy's are. */
function toldOf(name: string, whole: PackageManifest): Record<string, unknown> {
  const { integrity, shasum } = whole.dist;
  const tarball = `${CARRIED_ORIGIN}${packagePath(name, whole.version)}`;
  const told = INSTALLED_BY.filter((key) => whole[key] !== undefined).map((key) => [key, whole[key]]);
  return { ...Object.fromEntries(told), dist: { tarball, integrity, shasum } };
}

/** The newest release of a line such as 24 or 24.21, or that very version. */
function newestIn({ versions }: Packument, line: string): string | null {
  let newest: string | null = null;
  for (const version of versions.keys()) {
    if (!/^\d{1,4}(\.\d{1,4}){2}$/.test(version)) continue;
    if (version !== line && !version.startsWith(`${line}.`)) continue;
    if (newest === null || (compareVersions(version, newest) ?? 0) > 0) newest = version;
  }
  return newest;
}

export function tooMuch(name: string): Error {
  return sourceFailure(`The registry tells more of ${name} than of any real package.`);
}

export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
