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
  const { rmSync } = await import('node:fs');
  const { open } = await import('node:fs/promises');
  const { Readable } = await import('node:stream');
  const { pipeline } = await import('node:stream/promises');
  const { openStream, terminal } = context;
  const { body } = await openStream(path, { lastEventId: null, signal: terminal.signal });
  if (body === null) throw new CommandError('The answer was empty.');
  // Made before the first byte is read: an answer that breaks off must not remove a file that was there before.
  const file = await open(target, 'wx', 0o600).catch(async (error: NodeJS.ErrnoException) => {
    await body.cancel().catch(() => undefined);
    if (error.code === 'EEXIST')
      throw new CommandError(`${target} already exists.`, `Give another name: --${option} PATH`);
    throw notWritten(target, error);
  });
  try {
    await pipeline(
      Readable.fromWeb(body as import('node:stream/web').ReadableStream),
      file.createWriteStream(),
    );
  } catch (error) {
    rmSync(target, { force: true });
    throw terminal.signal.aborted
      ? new CommandError(`Stopped; ${target} was not written.`)
      : notWritten(target, error);
  }
}

function notWritten(target: string, error: unknown): CommandError {
  const why = error instanceof Error ? ` (${error.message})` : '';
  return new CommandError(`${target} could not be written${why}.`);
}

/** Streams to standard output, byte for byte. @param path below `/api`. @throws UsageError on a terminal */
export async function printStream({ openStream, terminal }: Context, path: string): Promise<void> {
  if (terminal.isTty) throw new UsageError('A terminal cannot show binary data.', 'Redirect it with | or >');
  const { body } = await openStream(path, { lastEventId: null, signal: terminal.signal });
  if (body === null) throw new CommandError('The answer was empty.');
  for await (const bytes of body) terminal.write('out', bytes);
}
