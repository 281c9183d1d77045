// A secret from the person or from standard input: what stands on a command line shows in `ps` and stays in the shell's history.
import { type Context, UsageError } from './command.ts';

/** @param what as in `Password`. @throws UsageError when nothing came */
export async function askSecret({ terminal }: Context, what: string): Promise<string> {
  const secret = terminal.canAsk
    ? await terminal.ask(`${what}: `, { secret: true })
    : (await terminal.readStdin()).replace(/\r?\n$/, '');
  if (secret === '')
    throw new UsageError(`${what} is missing.`, 'Type it when asked, or give it on standard input.');
  return secret;
}
