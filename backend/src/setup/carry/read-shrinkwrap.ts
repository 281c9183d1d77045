// Which files a shrinkwrap names. Takes a second for the longest: it runs in registry-worker.ts.
import { z } from 'zod';
import { jsonExcess } from '../../lib/json-size.ts';
import { checksumIn } from './checksum.ts';
import { fitsPlatform, type Platform } from './dependencies.ts';
import { sourceFailure } from './download-attempts.ts';
import { words } from './package-manifest.ts';
import { type PackageFile, sourceAt } from './package-source.ts';
import { jsonIn } from './read-packument.ts';

const SHRINKWRAP_LIMITS = { depth: 20, values: 500_000 };
const MAX_PACKAGES = 3_000;

const entry = z.looseObject({
  resolved: z.string().max(2_000).optional(),
  integrity: z.string().max(2_000).optional(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
  inBundle: z.boolean().optional(),
  os: words,
  cpu: words,
  libc: words,
});
const shrinkwrap = z.looseObject({ packages: z.record(z.string(), entry) });

export type ShrinkwrapJob = {
  text: string;
  /** Its base. */
  registry: string;
  platform: Platform;
};

/** Throws AppError `registry_failed` for one that names something else than packages of the registry. */
export function filesInShrinkwrap({ text, registry, platform }: ShrinkwrapJob): PackageFile[] {
  const parsed = shrinkwrap.safeParse(jsonExcess(text, SHRINKWRAP_LIMITS) === null ? jsonIn(text) : null);
  if (!parsed.success) throw sourceFailure('The package has no shrinkwrap that npm understands.');
  const entries = Object.entries(parsed.data.packages).filter(
    ([at, one]) => at !== '' && !one.link && !one.dev && !one.inBundle && fitsPlatform(one, platform),
  );
  if (entries.length > MAX_PACKAGES)
    throw sourceFailure(`The shrinkwrap names more than ${MAX_PACKAGES} packages.`);
  return entries.map(([at, { resolved, integrity }]) => {
    const what = at.replace(/^.*node_modules\//, '');
    const source = sourceAt(registry, { url: resolved ?? '', checksum: checksumIn(integrity), what });
    return { path: pathOf(resolved ?? '', what), source };
  });
}

/** As registry.mjs reads it. */
function pathOf(url: string, what: string): string {
  const path = decoded(new URL(url).pathname);
  if (path === null || !/^\/[A-Za-z0-9@._~+/-]+$/.test(path))
    throw sourceFailure(`The registry names no usual file for ${what}.`);
  return path;
}

/** null where a % begins no character. */
function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
