// Reads the whole of a file or of standard input.
import { open, readFile, stat } from 'node:fs/promises';
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

/**
 * Reads no more than `maxBytes`, since a path that somebody else chose may lead to a device without an end.
 * @param what begins the sentence of an error. @param isRegular refuses pipes and devices, which may never answer, or do something when opened
 * @throws CommandError when it cannot be read, is larger, or is not UTF-8
 */
export async function readTextFile(
  file: string,
  { maxBytes, what, isRegular = false }: { maxBytes: number; what: string; isRegular?: boolean },
): Promise<string> {
  if (isRegular && !(await isRegularOrAbsent(file))) throw new CommandError(`${what} is not a regular file.`);
  const bytes = await firstBytes(file, maxBytes + 1).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${what} ${error.code === 'ENOENT' ? 'does not exist' : 'cannot be read'}.`);
  });
  if (bytes.length > maxBytes) throw tooLarge(what, maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CommandError(`${what} is not UTF-8 text.`);
  }
}

export function tooLarge(what: string, maxBytes: number): CommandError {
  return new CommandError(`${what} is larger than ${maxBytes / 1024} KiB.`);
}

/** What cannot be looked at has its own error when it is read. */
async function isRegularOrAbsent(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found === null || found.isFile();
}

async function firstBytes(file: string, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const handle = await open(file, 'r');
  try {
    let size = 0;
    while (size < length) {
      const { bytesRead } = await handle.read(buffer, size, length - size);
      if (bytesRead === 0) break;
      size += bytesRead;
    }
    return buffer.subarray(0, size);
  } finally {
    await handle.close();
  }
}
