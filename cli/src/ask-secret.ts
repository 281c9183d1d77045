// Reads a secret from a prompt or standard input: command-line arguments show in `ps` and stay in the shell history.
import { type Context, UsageError } from './command.ts';

/** @param what label of the prompt, such as `Password`. @throws UsageError for an empty secret */
export async function askSecret({ terminal }: Context, what: string): Promise<string> {
  const secret = terminal.canAsk
    ? await terminal.ask(`${what}: `, { secret: true })
    : (await terminal.readStdin()).replace(/\r?\n$/, '');
  if (secret === '')
    throw new UsageError(`${what} is missing.`, 'Type it when asked, or give it on standard input.');
  return secret;
}
