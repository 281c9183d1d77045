// Copies of an SQLite database, made and checked in a process of its own so that neither writes nor the event loop wait for it.

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { programEnvironment } from '../config.ts';
import { AppError } from '../lib/app-error.ts';
import { runProgram } from '../lib/run-program.ts';
import { COPY_DEADLINE_MS, type DatabaseCopies } from './database-copies.ts';

/** Characters of what is wrong with a database that a person is shown; the names in it are not of Buoy. */
const WORDS_SHOWN = 300;

const sqliteProgramAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), migrations: z.array(z.string()) }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);
export type SqliteProgramAnswer = z.output<typeof sqliteProgramAnswer>;

const program = fileURLToPath(new URL('./sqlite-program.ts', import.meta.url));

export function sqliteCopies(source: string): DatabaseCopies {
  return {
    engine: 'sqlite',
    extension: 'db',

    async write(file, signal) {
      // SQLite writes into an empty file, and leaves the rights of it as they are.
      await writeFile(file, '', { flag: 'wx', mode: 0o600 });
      const answer = await run(['copy', source, file], signal);
      if (!answer.ok) throw copyFailed(answer);
    },

    async check(file, signal) {
      const answer = await run(['check', file], signal);
      if (answer.ok) return { migrations: answer.migrations };
      throw answer.code === 'SQLITE_NOTADB'
        ? new AppError('internal', 'This is not an SQLite database.')
        : new AppError('internal', `The database in it is damaged: ${answer.message.slice(0, WORDS_SHOWN)}.`);
    },
  };
}

async function run(args: string[], signal: AbortSignal): Promise<SqliteProgramAnswer> {
  // No signal of Buoy's account opens a debugger in it.
  const { code, stdout, stderr } = await runProgram(
    process.execPath,
    ['--disable-sigusr1', program, ...args],
    {
      environment: programEnvironment(),
      deadlineMs: COPY_DEADLINE_MS,
      signal,
    },
  );
  if (code !== 0)
    throw new AppError('internal', 'The program that copies the database stopped early.', {
      cause: new Error(`exit code ${code}: ${stderr.slice(-1_000)}`),
    });
  return sqliteProgramAnswer.parse(JSON.parse(stdout));
}

function copyFailed({ code, message }: { code: string; message: string }): AppError {
  if (code === 'SQLITE_FULL')
    return new AppError('storage_full', "Buoy's disk is full; nothing was copied.", {
      hint: 'Free some space in the data folder of Buoy, then try again.',
      cause: new Error(message),
    });
  if (code === 'SQLITE_CANTOPEN')
    return new AppError('storage_unavailable', 'No database to copy was found.', {
      cause: new Error(message),
    });
  return new AppError('storage_unavailable', `The database could not be copied: ${message}.`, {
    hint: "Check Buoy's disk, and keep the last good backup.",
  });
}
