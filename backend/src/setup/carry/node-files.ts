// Which files install-node.sh needs of a Node, as it would download them: the archive, npm where the archive has none, and what names their checksums.
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { textWithin } from '../../lib/text-within.ts';
import type { DownloadSettings } from '../downloads.ts';
import type { SourceFetch } from '../source-fetch.ts';
import type { BundleFile } from './bundle.ts';
import { type Checksum, integrityOf } from './checksum.ts';
import { answerFailure, withAttempts } from './download-attempts.ts';
import type { CachedFile, DownloadSource } from './download-cache.ts';
import { CARRIED_ORIGIN, packageFile } from './package-source.ts';
import type { PackageRegistry } from './packument.ts';

/** Of npm, as setup installs it: from 12 on it blocks the install scripts of OpenClaw. */
const NPM_LINE = '11';
/** Bytes: the list of a release has 4 KB. */
const MAX_SUMS_BYTES = 256 * 1024;
const DEADLINE_MS = 60_000;
/** Where the mirror is within a bundle. */
const MIRROR = '/node';

export type NodeFiles = {
  /** The exact version. */
  version: string;
  files: BundleFile[];
  /** Of install-node.sh. */
  variables: { NODE_VERSION: string; NODE_MIRROR: string; NPM_REGISTRY: string };
};

type PackageSources = {
  registry: PackageRegistry;
  download: (source: DownloadSource) => Promise<CachedFile>;
  signal: AbortSignal;
};

/**
 * @param wanted exact, or a line such as 24
 * @param cpu x64 or arm64
 * Throws AppError, or the signal's reason.
 */
export async function collectNode({
  downloads: { nodeMirror },
  registry,
  wanted,
  cpu,
  download,
  clock,
  fetch,
  signal,
}: PackageSources & {
  downloads: DownloadSettings;
  wanted: string;
  cpu: string;
  clock: Clock;
  fetch: SourceFetch;
}): Promise<NodeFiles> {
  const found = nodeMirror === null ? await fromRegistry() : await fromMirror(nodeMirror);
  return { ...found, variables: { NODE_VERSION: found.version, ...carriedSources({ nodeMirror }) } };

  async function fromRegistry(): Promise<Omit<NodeFiles, 'variables'>> {
    const node = await packageFiles({ registry, download, signal }, `node-linux-${cpu}`, wanted);
    const npm = await packageFiles({ registry, download, signal }, 'npm', NPM_LINE);
    // The list of versions, in which the script finds the newest one of the line.
    const list = { path: '/npm', content: JSON.stringify({ versions: { [npm.version]: {} } }) };
    return { version: node.version, files: [...node.files, ...npm.files, list] };
  }

  /** Laid out as https://nodejs.org/dist. Its archives have npm. */
  async function fromMirror(mirror: string): Promise<Omit<NodeFiles, 'variables'>> {
    const isExact = wanted.split('.').length === 3;
    const folder = isExact ? `v${wanted}` : `latest-v${wanted}.x`;
    const sums = await textAt(`${mirror}/${folder}/SHASUMS256.txt`, `the checksums of Node ${wanted}`);
    const named = new RegExp(
      `^([0-9a-f]{64}) [ *](node-v(\\d{1,4}\\.\\d{1,4}\\.\\d{1,4})-linux-${cpu}\\.tar\\.gz)$`,
      'm',
    );
    const [, hex, file, version] = named.exec(sums) ?? [];
    if (hex === undefined || file === undefined || version === undefined)
      throw noVersion(`Node ${wanted} for linux-${cpu}`);
    const checksum: Checksum = { algorithm: 'sha256', hex };
    const archive = await download({ url: `${mirror}/${folder}/${file}`, checksum, what: `Node ${version}` });
    return {
      version,
      files: [
        { path: `${MIRROR}/v${version}/SHASUMS256.txt`, content: `${hex}  ${file}\n` },
        { path: `${MIRROR}/v${version}/${file}`, content: archive },
      ],
    };
  }

  function textAt(url: string, what: string): Promise<string> {
    return withAttempts({ clock, signal, what }, async () => {
      const response = await fetch(url, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw answerFailure(response, { url, what });
      }
      return textWithin(response, MAX_SUMS_BYTES);
    });
  }
}

/** npm has all that it needs in its own package. Throws as `collectNode`. */
export async function collectNpm(sources: PackageSources, version: string): Promise<BundleFile[]> {
  return (await packageFiles(sources, 'npm', version)).files;
}

/** A package and what names its checksum, of the newest version of a line; nothing of what it depends on. */
async function packageFiles(
  { registry, download, signal }: PackageSources,
  name: string,
  line: string,
): Promise<Omit<NodeFiles, 'variables'>> {
  const newest = await registry.newestOfLine(name, line, signal);
  if (newest === null)
    throw noVersion(name === 'npm' ? `npm ${line}` : `Node ${line} for ${name.slice('node-'.length)}`);
  const { version } = newest;
  const { path, source } = packageFile(registry.base, name, newest);
  const document = {
    version,
    dist: { tarball: `${CARRIED_ORIGIN}${path}`, integrity: integrityOf(source.checksum) },
  };
  if (source.checksum.algorithm !== 'sha512') throw noVersion(`a SHA-512 of ${name} ${version}`);
  return {
    version,
    files: [
      { path: `/${name}/${version}`, content: JSON.stringify(document) },
      { path, content: await download(source) },
    ],
  };
}

/** Where install-node.sh finds what Buoy has sent, laid out as what it would download. */
export function carriedSources({ nodeMirror }: Pick<DownloadSettings, 'nodeMirror'>): {
  NODE_MIRROR: string;
  NPM_REGISTRY: string;
} {
  return {
    NODE_MIRROR: nodeMirror === null ? '' : `${CARRIED_ORIGIN}${MIRROR}`,
    NPM_REGISTRY: CARRIED_ORIGIN,
  };
}

function noVersion(what: string): AppError {
  return new AppError('version_not_found', `The registry or mirror of Buoy does not have ${what}.`, {
    hint: 'Choose another version.',
  });
}
