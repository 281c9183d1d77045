// Reads one line from the person at the terminal.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/**
 * Ctrl-D returns an empty line; Ctrl-C, which readline intercepts, aborts `interrupted` and throws.
 * @param secret hides the typed text
 */
export async function askPerson(
  question: string,
  {
    input,
    output,
    interrupted,
    secret = false,
  }: {
    input: NodeJS.ReadableStream;
    output: NodeJS.WritableStream;
    interrupted: AbortController;
    secret?: boolean;
  },
): Promise<string> {
  // readline echoes typed text to its output and has no option to turn that off.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: secret ? nowhere : output, terminal: true });
  if (secret) output.write(question);
  lines.once('SIGINT', () => interrupted.abort());
  const closed = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
  try {
    const typed = lines.question(secret ? '' : question, { signal: interrupted.signal });
    const answer = await Promise.race([typed, closed]);
    if (secret || answer === null) output.write('\n');
    return answer ?? '';
  } finally {
    lines.close();
  }
}
