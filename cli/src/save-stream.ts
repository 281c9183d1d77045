// Streams an answer of the API to a file.
import { CommandError, type Context, UsageError } from './command.ts';

/**
 * Readable only by the owner, and never over an existing file; an incomplete file is removed.
 * @param path below `/api`. @param option name of the file option. @throws CommandError when the file exists or cannot be written
 */
export async function saveStream(
  context: Context,
  path: string,
  { target, option }: { target: string; option: string },
): Promise<void> {
  const { createWriteStream, rmSync } = await import('node:fs');
  const { Readable } = await import('node:stream');
  const { pipeline } = await import('node:stream/promises');
  const { openStream, terminal } = context;
  const { body } = await openStream(path, { lastEventId: null, signal: terminal.signal });
  if (body === null) throw new CommandError('The answer was empty.');
  const file = createWriteStream(target, { flags: 'wx', mode: 0o600 });
  try {
    await pipeline(Readable.fromWeb(body as import('node:stream/web').ReadableStream), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new CommandError(`${target} already exists.`, `Give another name: --${option} PATH`);
    rmSync(target, { force: true });
    const why = error instanceof Error ? ` (${error.message})` : '';
    throw new CommandError(
      terminal.signal.aborted
        ? `Stopped; ${target} was not written.`
        : `${target} could not be written${why}.`,
    );
  }
}

/** Streams to standard output, byte for byte. @param path below `/api`. @throws UsageError on a terminal */
export async function printStream({ openStream, terminal }: Context, path: string): Promise<void> {
  if (terminal.isTty) throw new UsageError('A terminal cannot show binary data.', 'Redirect it with | or >');
  const { body } = await openStream(path, { lastEventId: null, signal: terminal.signal });
  if (body === null) throw new CommandError('The answer was empty.');
  for await (const bytes of body) terminal.write('out', bytes);
}
