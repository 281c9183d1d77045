// Reads the whole of a file or of standard input.
import { readFile } from 'node:fs/promises';
import { CommandError, type Context } from './command.ts';

/** @param file `-` or undefined for standard input. @throws CommandError when it cannot be read, or is not UTF-8 */
export async function readInput({ terminal }: Context, file: string | undefined): Promise<string> {
  if (file === undefined || file === '-') return terminal.readStdin();
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readBytes(file));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${file} is not UTF-8 text.`);
  }
}

/** @throws CommandError when it cannot be read */
export async function readBytes(file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new CommandError(isAbsent ? `There is no file ${file}.` : `${file} cannot be read.`);
  }
}
