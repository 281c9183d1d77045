// What comes of a change of keys by hand, for the command that a person runs.
import { AppError } from '../lib/app-error.ts';
import { replaceSecretFile } from '../lib/secret-file.ts';

/** `settings`: lines of the form NAME=value for the environment of Buoy; they hold secrets. */
export type KeyChange = { words: string; settings: string[] };

/** For keys that come from the environment, which a command cannot change: it can only show what to set, on demand. */
export function refuseUnlessPrinted(name: string, print: boolean): void {
  if (print) return;
  throw new AppError('conflict', `${name} comes from the environment, which this command cannot change.`, {
    hint: `Run it again with --print, alone at your screen: it prints what to set in place of ${name}. Whoever sees that can use it.`,
  });
}

/** For keys in a file, which need not be seen by anybody. */
export function refuseToPrint(file: string, print: boolean): void {
  if (!print) return;
  throw new AppError('conflict', `These keys are kept in ${file}; there is nothing to print.`, {
    hint: 'Run it again without --print.',
  });
}

/** Writes a file of keys, whole or not at all. @throws AppError `storage_unavailable` when it cannot be written */
export function writeKeys(file: string, content: string): void {
  try {
    replaceSecretFile(file, `${content}\n`);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new AppError('storage_unavailable', `${file} could not be written (${code}); it is as it was.`, {
      hint: 'Run this as the account that Buoy runs as, on a disk that has room.',
      cause,
    });
  }
}
