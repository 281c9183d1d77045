// Copies of a PostgreSQL database: pg_dump's own format, for only that can be read to the end and restored table by table.
import { writeFile } from 'node:fs/promises';
import { AppError, isAppError } from '../lib/app-error.ts';
import { rowsInCopyText } from './copy-text.ts';
import type { DatabaseCopies } from './database-copies.ts';
import { runPostgresProgram } from './postgres-programs.ts';

/** How long pg_dump waits for a table that somebody changes the form of. */
const LOCK_WAIT = '30s';
/** Bytes of the rows that are read back from a dump: names of migrations, sealed secrets of a few hundred servers. */
const MAX_ROWS_BYTES = 256 * 1024 * 1024;

export function postgresCopies(url: string): DatabaseCopies {
  return {
    engine: 'postgres',
    extension: 'dump',

    async write(file, signal) {
      await writeFile(file, '', { flag: 'wx', mode: 0o600 });
      // Not compressed: that is done once, for both engines alike.
      const args = ['--format=custom', '--compress=0', '--no-password', `--lock-wait-timeout=${LOCK_WAIT}`];
      await runPostgresProgram('pg_dump', [...args, `--file=${file}`], { url, signal });
    },

    async check(file, signal) {
      await runPostgresProgram('pg_restore', ['--file=/dev/null', file], { signal }).catch(
        (cause: unknown) => {
          if (!isAppError(cause, 'internal')) throw cause;
          throw new AppError('internal', `The dump cannot be read: ${cause.message}`, {
            ...(cause.hint === undefined ? {} : { hint: cause.hint }),
            cause,
          });
        },
      );
      const { kysely_migration: rows = [] } = await rowsInDump(file, ['kysely_migration'], signal);
      return { migrations: rows.map(({ name }) => name ?? '').sort() };
    },
  };
}

/** The rows of some tables in a dump, by the names that table and columns have in the database. */
export async function rowsInDump(
  file: string,
  tables: readonly string[],
  signal: AbortSignal,
): Promise<ReturnType<typeof rowsInCopyText>> {
  const named = tables.map((table) => `--table=${table}`);
  const { stdout } = await runPostgresProgram('pg_restore', ['--data-only', '--file=-', ...named, file], {
    signal,
    maxOutputBytes: MAX_ROWS_BYTES,
  });
  return rowsInCopyText(stdout);
}
