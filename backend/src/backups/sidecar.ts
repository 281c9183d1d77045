// The sidecar file of each backup with its metadata, written once the backup is verified.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { z } from 'zod';

const sidecar = z.object({
  /** Of which moment the backup is. */
  createdAt: z.iso.datetime(),
  sizeBytes: z.number().int().nonnegative(),
  /** Of the packed file, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  verified: z.boolean(),
  engine: z.enum(['sqlite', 'postgres']),
  /** The last migration that had run. */
  migration: z.string(),
  /** The version of the Buoy that made it. */
  version: z.string(),
});
export type Sidecar = z.output<typeof sidecar>;

/** Bytes; a longer file is none of ours. */
const MAX_BYTES = 16 * 1024;

export function sidecarNameOf(filename: string): string {
  return `${filename}.json`;
}

export function sidecarText(content: Sidecar): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** null when the sidecar is missing or unreadable. Links are not followed. */
export async function readSidecar(file: string): Promise<Sidecar | null> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile() || stat.size > MAX_BYTES) return null;
      return sidecar.parse(JSON.parse(await handle.readFile('utf8')));
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}
