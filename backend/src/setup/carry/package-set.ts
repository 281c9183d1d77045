// All packages that npm may ask for when it installs one on a server: each version that it picks for what some package of them asks for.
import { setImmediate as othersTurn } from 'node:timers/promises';
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { Dependency, Platform } from './dependencies.ts';
import { sourceFailure } from './download-attempts.ts';
import type { CachedFile, DownloadSource } from './download-cache.ts';
import { inParallel } from './in-parallel.ts';
import { type PackageFile, packageFile } from './package-source.ts';
import type { PackageRegistry } from './packument.ts';
import { type PackageVersion, tooMuch } from './read-packument.ts';
import type { RegistryReader } from './registry-reader.ts';
import { readShrinkwrap } from './shrinkwrap.ts';

/** Names and versions: OpenClaw 2026.9.6 has 330 names, some of them in several versions. */
const MAX_PACKAGES = 3_000;
/** Of all versions together: those of OpenClaw 2026.9.6 have 530. */
const MAX_DEPENDENCIES = 10_000;
/** Bytes of what npm is told of all versions together: half a megabyte for OpenClaw. */
const MAX_TOLD_BYTES = 32 * 1024 ** 2;
/** Each may have megabytes, which are in memory meanwhile. */
const DOCUMENTS_AT_ONCE = 4;

export type PackageSet = {
  /** The short list of each package, with the versions that are here: path → JSON. */
  documents: Array<{ path: string; text: string }>;
  files: PackageFile[];
};

type Package = { name: string; tags: Record<string, string>; versions: Map<string, PackageVersion> };

/**
 * @param root a package and its exact version
 * @param download brings a file of the registry to this machine: a shrinkwrap lies in the package itself
 * Throws AppError, or the signal's reason.
 */
export async function collectPackages({
  registry,
  reader,
  root,
  platform,
  download,
  signal,
}: {
  registry: PackageRegistry;
  reader: RegistryReader;
  root: { name: string; version: string };
  platform: Platform;
  download: (source: DownloadSource) => Promise<CachedFile>;
  signal: AbortSignal;
}): Promise<PackageSet> {
  const known = new Map<string, Package>();
  /** `name wanted` → the version that npm picks; null: there is none, and it is not needed. */
  const picked = new Map<string, string | null>();
  const optionalPeers: Dependency[] = [];
  let [versionCount, toldBytes, dependenciesLeft] = [0, 0, MAX_DEPENDENCIES];
  let open: Dependency[] = [{ name: root.name, wanted: root.version, need: 'required' }];

  while (open.length > 0) {
    const found: Dependency[] = [];
    const byName = Map.groupBy(open, ({ name }) => name);
    if (known.size + byName.size > MAX_PACKAGES) throw tooMany();
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
    const needed = new Set(asked.filter(({ need }) => need === 'required').map(({ wanted }) => wanted));
    const wanted = [...new Set(asked.map((one) => one.wanted))];
    const before = known.get(name);
    const answer = await registry
      .versions(
        name,
        {
          ...{ wanted, platform, maxDependencies: dependenciesLeft },
          known: [...(before?.versions.keys() ?? [])],
        },
        signal,
      )
      .catch((error: unknown) => {
        if (needed.size > 0 || !isAppError(error, 'version_not_found')) throw error;
        return null;
      });
    for (const [index, one] of wanted.entries()) {
      const version = answer?.picked[index] ?? null;
      picked.set(keyOf({ name, wanted: one }), version);
      if (version === null && needed.has(one))
        throw new AppError('version_not_found', `The registry has no ${name} ${one}.`, {
          hint: 'Choose another version, or “latest”.',
        });
    }
    if (answer === null || answer.picked.every((version) => version === null)) return [];
    const all = before ?? { name, tags: {}, versions: new Map() };
    known.set(name, all);
    Object.assign(all.tags, answer.tags);
    for (const one of answer.versions) {
      all.versions.set(one.version, one);
      versionCount += 1;
      toldBytes += one.manifest.length;
      dependenciesLeft -= one.dependencies.length;
    }
    // Several packages are asked for at the same time, each with all that was left.
    if (versionCount > MAX_PACKAGES) throw tooMany();
    if (toldBytes > MAX_TOLD_BYTES || dependenciesLeft < 0) throw tooMuch(root.name);
    return answer.versions.flatMap(({ dependencies }) => dependencies);
  }

  const files = new Map<string, PackageFile>();
  for (const { name, version } of installed()) {
    await othersTurn();
    signal.throwIfAborted();
    const own = packageFile(registry.base, name, version);
    files.set(own.path, own);
    if (!version.hasShrinkwrap) continue;
    const archive = await download(own.source);
    const locked = await readShrinkwrap(archive, { registry: registry.base, platform, reader, signal });
    for (const file of locked) files.set(file.path, file);
  }
  return {
    documents: [...known.values()].map(documentOf),
    files: [...files.values()],
  };

  /** Not those that only other platforms install. */
  function installed(): Array<{ name: string; version: PackageVersion }> {
    const reached = new Map<string, { name: string; version: PackageVersion }>();
    const waiting: Dependency[] = [{ name: root.name, wanted: root.version, need: 'required' }];
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const version = known.get(one.name)?.versions.get(picked.get(keyOf(one)) ?? '');
      if (version === undefined || !version.fits) continue;
      const key = `${one.name}@${version.version}`;
      if (reached.has(key)) continue;
      reached.set(key, { name: one.name, version });
      waiting.push(...version.dependencies);
    }
    return [...reached.values()];
  }

  function tooMany(): AppError {
    return sourceFailure(`The registry names more than ${MAX_PACKAGES} packages for ${root.name}.`);
  }
}

function keyOf({ name, wanted }: Pick<Dependency, 'name' | 'wanted'>): string {
  return `${name} ${wanted}`;
}

/** Only with the versions that are here, so that npm picks one of them. */
function documentOf({ name, tags, versions }: Package): { path: string; text: string } {
  const told = Array.from(versions.values(), (one) => `${JSON.stringify(one.version)}:${one.manifest}`);
  const head = `"name":${JSON.stringify(name)},"dist-tags":${JSON.stringify(tags)}`;
  return { path: `/${name}`, text: `{${head},"versions":{${told.join(',')}}}` };
}
