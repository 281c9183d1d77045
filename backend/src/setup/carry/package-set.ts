// All packages that npm may ask for when it installs one on a server: each version that it picks for what some package of them asks for.
import { AppError, isAppError } from '../../lib/app-error.ts';
import { type Dependency, dependenciesOf, fitsPlatform, type Platform } from './dependencies.ts';
import { sourceFailure } from './download-attempts.ts';
import type { CachedFile, DownloadSource } from './download-cache.ts';
import { inParallel } from './in-parallel.ts';
import { CARRIED_ORIGIN, type PackageFile, packageFile, packagePath } from './package-source.ts';
import { manifestOf, type PackageManifest, type PackageRegistry, type Packument } from './packument.ts';
import { pickVersion } from './pick-version.ts';
import { readShrinkwrap } from './shrinkwrap.ts';

/** OpenClaw 2026.9.6 has 330, some of them in several versions. */
const MAX_PACKAGES = 3_000;
/** Each may have megabytes, which are in memory meanwhile. */
const DOCUMENTS_AT_ONCE = 4;

export type PackageSet = {
  /** The short list of each package, with the versions that are here: path → JSON. */
  documents: Array<{ path: string; text: string }>;
  files: PackageFile[];
};

type Member = { manifest: PackageManifest; dependencies: Dependency[] };
type Versions = { packument: Pick<Packument, 'name' | 'tags'>; members: Map<string, Member> };

/**
 * @param root a package and its exact version
 * @param download brings a file of the registry to this machine: a shrinkwrap lies in the package itself
 * Throws AppError, or the signal's reason.
 */
export async function collectPackages({
  registry,
  root,
  platform,
  download,
  signal,
}: {
  registry: PackageRegistry;
  root: { name: string; version: string };
  platform: Platform;
  download: (source: DownloadSource) => Promise<CachedFile>;
  signal: AbortSignal;
}): Promise<PackageSet> {
  const known = new Map<string, Versions>();
  /** `name wanted` → the version that npm picks; null: there is none, and it is not needed. */
  const picked = new Map<string, string | null>();
  const optionalPeers: Dependency[] = [];
  let open: Dependency[] = [{ name: root.name, wanted: root.version, need: 'required' }];

  while (open.length > 0) {
    const found: Dependency[] = [];
    const byName = Map.groupBy(open, ({ name }) => name);
    if (known.size + byName.size > MAX_PACKAGES)
      throw sourceFailure(`The registry names more than ${MAX_PACKAGES} packages for ${root.name}.`);
    await inParallel([...byName], DOCUMENTS_AT_ONCE, async ([name, asked]) => {
      found.push(...(await pick(name, asked)));
    });
    for (const one of found) if (one.need === 'peer') optionalPeers.push(one);
    open = [
      ...found.filter(({ need }) => need !== 'peer'),
      ...optionalPeers.filter(({ name }) => known.has(name)),
    ].filter((one) => !picked.has(keyOf(one)));
  }

  /** What the versions that are new ask for in turn. */
  async function pick(name: string, asked: Dependency[]): Promise<Dependency[]> {
    const isNeeded = asked.some(({ need }) => need === 'required');
    const packument = await registry.packument(name, signal).catch((error: unknown) => {
      if (isNeeded || !isAppError(error, 'version_not_found')) throw error;
      return null;
    });
    const found: Dependency[] = [];
    for (const one of asked) {
      const version = packument === null ? null : pickVersion(packument, one.wanted, platform.node);
      picked.set(keyOf(one), version);
      if (packument === null || version === null) {
        if (one.need !== 'required') continue;
        throw new AppError('version_not_found', `The registry has no ${name} ${one.wanted}.`, {
          hint: 'Choose another version, or “latest”.',
        });
      }
      const { members } = entryOf(packument);
      if (members.has(version)) continue;
      const manifest = manifestOf(packument, version);
      const dependencies = dependenciesOf(manifest);
      members.set(version, { manifest, dependencies });
      found.push(...dependencies);
    }
    return found;
  }

  function entryOf({ name, tags }: Packument): Versions {
    const versions = known.get(name) ?? { packument: { name, tags }, members: new Map() };
    known.set(name, versions);
    return versions;
  }

  const files = new Map<string, PackageFile>();
  for (const { name, member } of installedOn(platform)) {
    const own = packageFile(registry.base, name, member.manifest);
    files.set(own.path, own);
    if (!member.manifest._hasShrinkwrap) continue;
    const archive = await download(own.source);
    for (const file of await readShrinkwrap(archive, { registry: registry.base, platform }))
      files.set(file.path, file);
  }
  return {
    documents: [...known.values()].map(documentOf),
    files: [...files.values()],
  };

  /** Not those that only other platforms install. */
  function installedOn(target: Platform): Array<{ name: string; member: Member }> {
    const reached = new Map<string, { name: string; member: Member }>();
    const waiting: Dependency[] = [{ name: root.name, wanted: root.version, need: 'required' }];
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const version = picked.get(keyOf(one));
      const member = version == null ? undefined : known.get(one.name)?.members.get(version);
      if (member === undefined || reached.has(`${one.name}@${version}`)) continue;
      if (!fitsPlatform(member.manifest, target)) continue;
      reached.set(`${one.name}@${version}`, { name: one.name, member });
      waiting.push(...member.dependencies);
    }
    return [...reached.values()];
  }
}

function keyOf({ name, wanted }: Dependency): string {
  return `${name} ${wanted}`;
}

/** Only with the versions that are here, so that npm picks one of them. */
function documentOf({ packument: { name, tags }, members }: Versions): { path: string; text: string } {
  const versions = Array.from(members, ([version, { manifest }]) => [
    version,
    { ...manifest, dist: { ...manifest.dist, tarball: `${CARRIED_ORIGIN}${packagePath(name, version)}` } },
  ]);
  const document = {
    name,
    'dist-tags': Object.fromEntries(Object.entries(tags).filter(([, version]) => members.has(version))),
    versions: Object.fromEntries(versions),
  };
  return { path: `/${name}`, text: JSON.stringify(document) };
}
