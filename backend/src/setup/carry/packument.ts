// Asks a registry of packages. Its answers have megabytes: they are read in a worker thread, and only what is picked of them is kept.
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { jsonExcess } from '../../lib/json-size.ts';
import { bytesWithin } from '../../lib/text-within.ts';
import type { SourceFetch } from '../source-fetch.ts';
import type { Platform } from './dependencies.ts';
import { answerFailure, sourceFailure, withAttempts } from './download-attempts.ts';
import { VERSION } from './package-manifest.ts';
import { DOCUMENT_LIMITS, jsonIn, type PackageVersion, type PickedVersions } from './read-packument.ts';
import type { RegistryReader } from './registry-reader.ts';

/** Bytes: of a registry without the short form, that of OpenClaw has 10 MB (2026.9.6). */
const MAX_DOCUMENT_BYTES = 32 * 1024 ** 2;
/** Of what is kept of one document: OpenClaw's version has 130 KB. */
const MAX_PICKED_BYTES = 2 * 1024 ** 2;
/** Of one version: that of OpenClaw has 130 KB. */
const MAX_VERSION_BYTES = 1024 ** 2;
/** Milliseconds for one document. */
const DEADLINE_MS = 60_000;
/** As npm itself asks: the short form, which has no readmes. */
const ACCEPT = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*';

export type PackageRegistry = {
  /** Without a slash at the end. */
  base: string;
  /**
   * The versions that npm picks. Throws AppError `registry_failed`, `unsupported` or `version_not_found` (no such package), or the signal's reason.
   * @param asked.known versions of which nothing is told again
   * @param asked.maxDependencies of all that are told: one more is `registry_failed`
   */
  versions(
    name: string,
    asked: { wanted: string[]; platform: Platform; known: string[]; maxDependencies: number },
    signal: AbortSignal,
  ): Promise<PickedVersions>;
  /** The newest release of a line such as 24, or that very version; null: there is none. Throws as `versions`. */
  newestOfLine(name: string, line: string, signal: AbortSignal): Promise<PackageVersion | null>;
  /** The exact version behind a tag or a version. Throws as `versions`. */
  exactVersion(name: string, wanted: string, signal: AbortSignal): Promise<string>;
};

export function createPackageRegistry({
  npmRegistry,
  reader,
  fetch,
  clock,
}: {
  npmRegistry: string;
  reader: RegistryReader;
  fetch: SourceFetch;
  clock: Clock;
}): PackageRegistry {
  const bytesAt = (path: string, what: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> =>
    withAttempts({ clock, signal, what }, async () => {
      const url = `${npmRegistry}/${path}`;
      const response = await fetch(url, {
        headers: { accept: ACCEPT },
        signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      });
      if (response.ok) return bytesWithin(response, maxBytes);
      await response.body?.cancel();
      throw answerFailure(response, { url, what });
    });
  const documentOf = (name: string, signal: AbortSignal) =>
    bytesAt(name.replace('/', '%2f'), `the package ${name}`, MAX_DOCUMENT_BYTES, signal);

  return {
    base: npmRegistry,
    async versions(name, asked, signal) {
      const bytes = await documentOf(name, signal);
      return reader.packument({ name, bytes, ...asked, line: '', maxBytes: MAX_PICKED_BYTES }, signal);
    },
    async newestOfLine(name, line, signal) {
      const bytes = await documentOf(name, signal);
      const { versions } = await reader.packument(
        {
          ...{ name, bytes, wanted: null, line, known: [], maxBytes: MAX_PICKED_BYTES, maxDependencies: 0 },
          platform: { cpu: '', libc: 'glibc', node: '' },
        },
        signal,
      );
      return versions[0] ?? null;
    },
    async exactVersion(name, wanted, signal) {
      const bytes = await bytesAt(`${name}/${wanted}`, `${name} ${wanted}`, MAX_VERSION_BYTES, signal);
      const text = bytes.toString('utf8');
      const parsed = jsonExcess(text, DOCUMENT_LIMITS) === null ? oneVersion.safeParse(jsonIn(text)) : null;
      if (parsed?.success !== true)
        throw sourceFailure(`The registry tells nothing of ${name} ${wanted} that npm understands.`);
      return parsed.data.version;
    },
  };
}

const oneVersion = z.looseObject({ version: z.string().regex(VERSION) });
