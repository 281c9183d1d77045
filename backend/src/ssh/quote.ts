// The only place where text becomes part of a shell command.

/**
 * Makes `text` one literal word of a POSIX shell (sh, dash, bash, ksh, zsh).
 *
 * Not for fish, where a backslash inside single quotes is special, nor for csh, where `!` and a newline are. Text for
 * an account whose login shell is unknown goes through `Ssh.script`, which does not depend on it.
 * A leading dash stays: put `--` before it where the program takes options.
 * @throws RangeError on a NUL character, which no argument can hold
 */
export function quote(text: string): string {
  if (text.includes('\0')) throw new RangeError('A shell word cannot hold a NUL character.');
  return `'${text.replaceAll("'", "'\\''")}'`;
}
