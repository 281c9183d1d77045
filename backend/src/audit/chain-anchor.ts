// Where the audit chain ended, noted in a file outside of the database: who rolls the database back does not roll this back.
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

const anchor = z.object({ seq: z.number().int().nonnegative(), mac: z.string() });
export type Anchor = z.output<typeof anchor>;

/** Milliseconds: the note may lag this far behind the log. */
const WRITE_INTERVAL_MS = 1_000;

export type ChainAnchor = {
  /** null when nothing was noted, or the note cannot be read. */
  read(): Promise<Anchor | null>;
  /** Notes a newer end within a second. */
  advance(to: Anchor): void;
  /** Notes at once what `advance` was told last. */
  close(): Promise<void>;
};

/**
 * @param parts.stands whether an entry is in the log, or was removed from it by retention. The note moves on only from such a one: a
 *   log that was rolled back keeps differing from its note, however much is written after it.
 */
export function createChainAnchor(parts: {
  file: string;
  stands: (entry: Anchor) => Promise<boolean>;
  clock: Clock;
  logger: Logger;
}): ChainAnchor {
  const { file, stands, clock, logger } = parts;
  let latest: Anchor | null = null;
  let scheduled: (() => void) | null = null;
  let writing: Promise<void> = Promise.resolve();

  const read = async (): Promise<Anchor | null> => {
    try {
      return anchor.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch {
      return null;
    }
  };

  const write = async (): Promise<void> => {
    const next = latest;
    if (next === null) return;
    latest = null;
    const noted = await read();
    if (noted !== null && (noted.seq >= next.seq || !(await stands(noted)))) return;
    // Its transaction may have been rolled back after all.
    if (!(await stands(next))) return;
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    try {
      await writeFile(draft, `${JSON.stringify(next)}\n`, { mode: 0o600 });
      await rename(draft, file);
    } finally {
      await rm(draft, { force: true });
    }
  };

  const flush = (): Promise<void> => {
    writing = writing.then(write).catch((error: unknown) => {
      logger.warn({ err: error }, 'the end marker of the audit log could not be written');
    });
    return writing;
  };

  return {
    read,
    advance(to) {
      if (latest === null || to.seq > latest.seq) latest = to;
      scheduled ??= clock.after(WRITE_INTERVAL_MS, () => {
        scheduled = null;
        void flush();
      });
    },
    async close() {
      scheduled?.();
      scheduled = null;
      await flush();
    },
  };
}
