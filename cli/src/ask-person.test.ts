// Prompts: what is shown, and Ctrl-C and Ctrl-D.
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askPerson } from './ask-person.ts';

/** Asks, types, and gives what was answered or thrown, and what the terminal showed. */
async function asked(typed: string, secret: boolean) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const interrupted = new AbortController();
  const answer = askPerson('Password: ', { input, output, interrupted, secret }).catch(
    (error: Error) => error.name,
  );
  input.write(typed);
  const given = await answer;
  const shown = String(output.read() ?? '').replace(/\x1b\[[\d;]*[A-Z]/g, '');
  return { given, shown, isInterrupted: interrupted.signal.aborted };
}

test('a question and its answer are on one line', async () => {
  expect(await asked('yes\r', false)).toEqual({
    given: 'yes',
    shown: 'Password: yes\r\n',
    isInterrupted: false,
  });
});

test('a secret is not shown while it is typed', async () => {
  expect(await asked('hunter2\r', true)).toEqual({
    given: 'hunter2',
    shown: 'Password: \n',
    isInterrupted: false,
  });
});

test.each([true, false])('Ctrl-D answers with an empty line, Ctrl-C aborts (secret: %s)', async (secret) => {
  expect(await asked('\x04', secret)).toMatchObject({ given: '', isInterrupted: false });
  expect(await asked('hun\x03', secret)).toMatchObject({ given: 'AbortError', isInterrupted: true });
});
