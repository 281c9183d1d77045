// Where a file of the registry comes from, and where npm will ask for it on the server.
import { type Checksum, checksumIn } from './checksum.ts';
import { sourceFailure } from './download-attempts.ts';
import type { DownloadSource } from './download-cache.ts';

/** Where the paths of a bundle are, for the scripts that read it: in carried.sh and registry.mjs. */
export const CARRIED_ORIGIN = 'http://carried.invalid';
/** Its address stands for whichever registry is used, as with npm. */
const PUBLIC_HOST = 'registry.npmjs.org';

export type PackageFile = {
  /** Where npm will ask for it. */
  path: string;
  source: DownloadSource;
};

/** As every registry has it. */
export function packagePath(name: string, version: string): string {
  return `/${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`;
}

/** Throws as `sourceAt`. */
export function packageFile(
  registry: string,
  name: string,
  { version, tarball, integrity }: { version: string; tarball: string; integrity: string | null },
): PackageFile {
  const what = `${name} ${version}`;
  return {
    path: packagePath(name, version),
    source: sourceAt(registry, { url: tarball, checksum: checksumIn(integrity ?? ''), what }),
  };
}

/**
 * Throws AppError `registry_failed` without a checksum, and for a file at another host: it could be anything that Buoy reaches.
 * @param registry its base, without a slash at the end
 */
export function sourceAt(
  registry: string,
  { url, checksum, what }: { url: string; checksum: Checksum | null; what: string },
): DownloadSource {
  if (checksum === null) throw sourceFailure(`The registry names no SHA-512 for ${what}.`);
  const base = new URL(registry);
  const named = URL.canParse(url) ? new URL(url) : null;
  if (named?.host === PUBLIC_HOST && base.host !== PUBLIC_HOST)
    return { url: `${registry}${named.pathname}`, checksum, what };
  if (named === null || named.host !== base.host || !/^https?:$/.test(named.protocol))
    throw sourceFailure(
      `The registry names another host for ${what}, and Buoy does not download from there.`,
    );
  return { url: named.href, checksum, what };
}
