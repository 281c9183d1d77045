// The only place where text becomes part of a shell command.
import { AppError } from '../lib/app-error.ts';

/**
 * Makes `text` one literal word of a POSIX shell (sh, dash, bash, ksh, zsh).
 *
 * Not for fish, where a backslash inside single quotes is special, nor for csh, where `!` and a newline are. Text for
 * an account whose login shell is unknown goes through `Ssh.script`, which does not depend on it.
 * A leading dash stays: put `--` before it where the program takes options.
 * @throws AppError `invalid_request` on a NUL character, which no argument can hold
 */
export function quote(text: string): string {
  if (text.includes('\0')) {
    throw new AppError('invalid_request', 'The text contains a NUL character.', { hint: 'Remove it.' });
  }
  return `'${text.replaceAll("'", "'\\''")}'`;
}
