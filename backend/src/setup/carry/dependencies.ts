// What a version of a package asks for, as npm reads it.
import semver from 'semver';
import { AppError } from '../../lib/app-error.ts';
import { PACKAGE_NAME, type PackageManifest } from './package-manifest.ts';

/** Characters of what is asked for, which is compared with all versions of a package; real packages have some 100. */
const MAX_WANTED = 1_000;

export type Dependency = {
  name: string;
  /** An exact version, a range or a tag; empty: any. */
  wanted: string;
  /** `optional`: left out where it cannot be had; `peer`: an optional peer, which only counts where another package brings it. */
  need: 'required' | 'optional' | 'peer';
};

/** Throws AppError `unsupported` for a package that needs something outside of a registry. */
export function dependenciesOf(manifest: PackageManifest): Dependency[] {
  // A shrinkwrap names all of them, and npm asks for nothing else.
  if (manifest._hasShrinkwrap) return [];
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta, bundleDependencies } =
    manifest;
  const isBundled = (name: string) =>
    Array.isArray(bundleDependencies) ? bundleDependencies.includes(name) : bundleDependencies === true;
  const found = new Map<string, Dependency>();
  const add = (
    names: Record<string, string> | null | undefined,
    needOf: (name: string) => Dependency['need'],
  ) => {
    for (const [name, wanted] of Object.entries(names ?? {})) {
      // npm takes it as it lies in the package itself.
      if (isBundled(name)) continue;
      const dependency = registryDependency(name, wanted, needOf(name));
      // The last one counts, as with npm: what is optional stands among the others as well.
      if (dependency === null) found.delete(name);
      else found.set(name, dependency);
    }
  };
  add(peerDependencies, (name) => (peerDependenciesMeta?.[name]?.optional === true ? 'peer' : 'required'));
  add(dependencies, () => 'required');
  add(optionalDependencies, () => 'optional');
  return [...found.values()];
}

/** null for an optional one that is not of a registry. */
function registryDependency(name: string, wanted: string, need: Dependency['need']): Dependency | null {
  const [, real, range] = /^npm:(@?[^@]+)(?:@(.*))?$/.exec(wanted) ?? [];
  const dependency = {
    name: real ?? name,
    wanted: (real === undefined ? wanted : (range ?? '')).trim(),
    need,
  };
  const isOfRegistry =
    PACKAGE_NAME.test(dependency.name) &&
    dependency.wanted.length <= MAX_WANTED &&
    (semver.validRange(dependency.wanted, { loose: true }) !== null ||
      /^[A-Za-z0-9._-]+$/.test(dependency.wanted));
  if (isOfRegistry) return dependency;
  if (need !== 'required') return null;
  throw new AppError('unsupported', 'This OpenClaw needs a package that does not come from the registry.', {
    hint: 'Let the server download by itself (via: server).',
    details: { package: name.slice(0, 200) },
  });
}

export type Platform = {
  /** As Node names them: x64 or arm64. */
  cpu: string;
  libc: 'glibc' | 'musl';
  /** The exact version of Node that runs there. */
  node: string;
};

/** Whether npm installs a package on such a Linux. As npm-install-checks does. */
export function fitsPlatform(
  { os, cpu, libc }: Pick<PackageManifest, 'os' | 'cpu' | 'libc'>,
  platform: Pick<Platform, 'cpu' | 'libc'>,
): boolean {
  return admits(os, 'linux') && admits(cpu, platform.cpu) && admits(libc, platform.libc);
}

function admits(list: string | readonly string[] | null | undefined, value: string): boolean {
  if (list === null || list === undefined) return true;
  const entries = typeof list === 'string' ? [list] : list;
  if (entries.length === 1 && entries[0] === 'any') return true;
  if (entries.includes(`!${value}`)) return false;
  return entries.includes(value) || entries.every((entry) => entry.startsWith('!'));
}
