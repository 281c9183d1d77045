// Answers of OpenClaw that an older Buoy has stored are deleted: they have its masks, which left out secrets that are masked now.
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const answersMaskedBefore: Migration = {
  async up(db: Kysely<{ openclaw_snapshots: object }>) {
    await db.deleteFrom('openclaw_snapshots').execute();
  },
};
