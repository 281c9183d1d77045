// Reads what a registry tells in a worker thread: a hostile one tells as much as it may, and picking from that takes seconds.
import { z } from 'zod';
import type { IsolatedWork, WorkKind } from '../../lib/isolated-work.ts';
import { sourceFailure } from './download-attempts.ts';
import type { PackageFile } from './package-source.ts';
import type { PackumentJob, PickedVersions } from './read-packument.ts';
import type { ShrinkwrapJob } from './read-shrinkwrap.ts';

/** Nobody waits for a registry but who downloads from it. */
const PERSON = 'package registry';

const limits = {
  module: new URL('./registry-worker.ts', import.meta.url),
  // OpenClaw's list of 10 MB takes 0.3 s on an idle machine.
  deadlineMs: 20_000,
  // Two servers at a time ask for four packages each.
  waitingPerPerson: 100,
  tooCostly: () => sourceFailure('The registry tells more than of any real package.'),
};
const packument: WorkKind<PickedVersions> = {
  ...limits,
  output: z.object({
    picked: z.array(z.string().nullable()),
    versions: z.array(
      z.object({
        version: z.string(),
        manifest: z.string(),
        tarball: z.string(),
        integrity: z.string().nullable(),
        hasShrinkwrap: z.boolean(),
        fits: z.boolean(),
        dependencies: z.array(
          z.object({ name: z.string(), wanted: z.string(), need: z.enum(['required', 'optional', 'peer']) }),
        ),
      }),
    ),
    tags: z.record(z.string(), z.string()),
  }),
};
const shrinkwrap: WorkKind<PackageFile[]> = {
  ...limits,
  output: z.array(
    z.object({
      path: z.string(),
      source: z.object({
        url: z.string(),
        checksum: z.object({ algorithm: z.enum(['sha512', 'sha384', 'sha256']), hex: z.string() }),
        what: z.string(),
      }),
    }),
  ),
};

export type RegistryReader = {
  /** Throws as `readPackument`, and `registry_failed` for one that takes too long. */
  packument(job: PackumentJob, signal: AbortSignal): Promise<PickedVersions>;
  /** Throws as `filesInShrinkwrap`, and `registry_failed` for one that takes too long. */
  shrinkwrap(job: ShrinkwrapJob, signal: AbortSignal): Promise<PackageFile[]>;
};

export function createRegistryReader({ isolatedWork }: { isolatedWork: IsolatedWork }): RegistryReader {
  return {
    packument: (job, signal) => isolatedWork.run(packument, { packument: job }, { person: PERSON, signal }),
    shrinkwrap: (job, signal) =>
      isolatedWork.run(shrinkwrap, { shrinkwrap: job }, { person: PERSON, signal }),
  };
}
