// Writes an answer of the API to a file as it comes.
import { CommandError, type Context, UsageError } from './command.ts';

/**
 * For its owner alone, and never over another file; what comes only in part is taken away again.
 * @param path below `/api`. @param option that named the file. @throws CommandError when the file is there already or cannot be written
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

/** To standard output, byte for byte. @param path below `/api`. @throws UsageError where a person would see it */
export async function printStream({ openStream, terminal }: Context, path: string): Promise<void> {
  if (terminal.isTty) throw new UsageError('A terminal cannot show binary data.', 'Redirect it with | or >');
  const { body } = await openStream(path, { lastEventId: null, signal: terminal.signal });
  if (body === null) throw new CommandError('The answer was empty.');
  for await (const bytes of body) terminal.write('out', bytes);
}
