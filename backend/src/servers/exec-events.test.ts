// The output of a command whose reader leaves holds nothing up.
import { expect, test } from 'vitest';
import type { ExecResult, OnOutput } from '../ssh/ssh.ts';
import { execEvents } from './exec-events.ts';

test('what a reader who has left does not take counts as taken, also what comes later', async () => {
  let onOutput: OnOutput = async () => undefined;
  const never = new Promise<ExecResult>(() => undefined);
  const events = execEvents((tell) => {
    onOutput = tell;
    return never;
  });
  const first = events.next();
  const pieces = [onOutput('stdout', Buffer.from('a')), onOutput('stderr', Buffer.from('b'))];
  expect((await first).value).toEqual({
    event: 'output',
    data: { stream: 'stdout', data: Buffer.from('a').toString('base64') },
  });
  await events.return(undefined);
  await Promise.all([...pieces, onOutput('stdout', Buffer.from('c'))]);
});
