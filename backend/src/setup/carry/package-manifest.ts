// What a registry tells of one version of a package, as far as it decides about its download.
import { z } from 'zod';

/** Of a package, with a scope or without one; old ones have capitals. */
export const PACKAGE_NAME =
  /^(@[A-Za-z0-9~_-][A-Za-z0-9._~-]{0,100}\/)?[A-Za-z0-9~_-][A-Za-z0-9._~-]{0,213}$/;

/** It becomes part of paths. */
export const VERSION = /^[0-9A-Za-z.+-]{1,256}$/;

const names = z.record(z.string(), z.string()).nullish();
export const words = z.union([z.string(), z.array(z.string())]).nullish();

export const manifest = z.looseObject({
  version: z.string(),
  dist: z.looseObject({ tarball: z.string().max(2_000), integrity: z.string().max(2_000).optional() }),
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  peerDependenciesMeta: z.record(z.string(), z.looseObject({ optional: z.boolean().optional() })).nullish(),
  bundleDependencies: z.union([z.boolean(), z.array(z.string())]).nullish(),
  os: words,
  cpu: words,
  libc: words,
  _hasShrinkwrap: z.boolean().nullish(),
});
export type PackageManifest = z.output<typeof manifest>;
