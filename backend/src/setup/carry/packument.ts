// What a registry tells of a package and its versions, read within limits: https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { jsonExcess } from '../../lib/json-size.ts';
import { textWithin } from '../../lib/text-within.ts';
import { answerFailure, sourceFailure, withAttempts } from './download-attempts.ts';
import type { VersionList } from './pick-version.ts';

/** Bytes: of a registry without the short form, that of OpenClaw has 10 MB (2026.9.6). */
const MAX_DOCUMENT_BYTES = 32 * 1024 ** 2;
/** Of one version: that of OpenClaw has 130 KB. */
const MAX_VERSION_BYTES = 1024 ** 2;
const DOCUMENT_LIMITS = { depth: 20, values: 1_000_000 };
/** Milliseconds for one document. */
const DEADLINE_MS = 60_000;
/** As npm itself asks: the short form, which has no readmes. */
const ACCEPT = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*';

/** Of a package, with a scope or without one; old ones have capitals. */
export const PACKAGE_NAME =
  /^(@[A-Za-z0-9~_-][A-Za-z0-9._~-]{0,100}\/)?[A-Za-z0-9~_-][A-Za-z0-9._~-]{0,213}$/;

/** It becomes part of paths. */
const VERSION = /^[0-9A-Za-z.+-]{1,256}$/;

const names = z.record(z.string(), z.string()).nullish();
const words = z.union([z.string(), z.array(z.string())]).nullish();

/** One version of a package: what decides about its download. */
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

export type Packument = VersionList & { name: string };

const packument = z.looseObject({
  'dist-tags': z.record(z.string(), z.string()).optional(),
  versions: z.record(z.string(), z.unknown()),
});

export type PackageRegistry = {
  /** Without a slash at the end. */
  base: string;
  /** Throws AppError `registry_failed` or `version_not_found` (no such package), or the signal's reason. */
  packument(name: string, signal: AbortSignal): Promise<Packument>;
  /** The exact version behind a tag or a version. Throws as `packument`. */
  exactVersion(name: string, wanted: string, signal: AbortSignal): Promise<string>;
};

export function createPackageRegistry({
  npmRegistry,
  clock,
  fetch = globalThis.fetch,
}: {
  npmRegistry: string;
  clock: Clock;
  fetch?: typeof globalThis.fetch;
}): PackageRegistry {
  const textAt = (path: string, what: string, maxBytes: number, signal: AbortSignal): Promise<string> =>
    withAttempts({ clock, signal, what }, async () => {
      const response = await fetch(`${npmRegistry}/${path}`, {
        headers: { accept: ACCEPT },
        signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      });
      if (response.ok) return textWithin(response, maxBytes);
      await response.body?.cancel();
      throw answerFailure(response, what);
    });

  return {
    base: npmRegistry,
    async packument(name, signal) {
      const path = name.replace('/', '%2f');
      return packumentIn(await textAt(path, `the package ${name}`, MAX_DOCUMENT_BYTES, signal), name);
    },
    async exactVersion(name, wanted, signal) {
      const text = await textAt(`${name}/${wanted}`, `${name} ${wanted}`, MAX_VERSION_BYTES, signal);
      const parsed = jsonExcess(text, DOCUMENT_LIMITS) === null ? oneVersion.safeParse(jsonIn(text)) : null;
      if (parsed?.success !== true)
        throw sourceFailure(`The registry tells nothing of ${name} ${wanted} that npm understands.`);
      return parsed.data.version;
    },
  };
}

const oneVersion = z.looseObject({ version: z.string().regex(VERSION) });

function packumentIn(text: string, name: string): Packument {
  if (jsonExcess(text, DOCUMENT_LIMITS) !== null)
    throw sourceFailure(`The registry tells more of ${name} than of any real package.`);
  const parsed = packument.safeParse(jsonIn(text));
  if (!parsed.success) throw sourceFailure(`The registry tells nothing of ${name} that npm understands.`);
  const { versions, 'dist-tags': tags = {} } = parsed.data;
  return { name, tags, versions: new Map(Object.entries(versions)) };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Throws AppError `registry_failed` for a version that npm could not install. */
export function manifestOf({ name, versions }: Packument, version: string): PackageManifest {
  const parsed = manifest.safeParse(versions.get(version));
  if (!parsed.success || parsed.data.version !== version || !VERSION.test(version))
    throw sourceFailure(`The registry tells nothing of ${name} ${version} that npm understands.`);
  return parsed.data;
}
