// Programs that are run get a deadline, a limit and a way to be cancelled, with all that they started.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runCommand } from './run-command.ts';
import { until } from './until.ts';

test('runCommand returns the exit code and both outputs, and passes the input', async () => {
  const result = await runCommand('bash', ['-c', 'cat; echo to-stderr >&2; exit 3'], {
    input: 'typed',
    timeoutMs: 10_000,
  });
  expect(result).toEqual({ code: 3, stdout: 'typed', stderr: 'to-stderr\n' });
});

test('runCommand kills the program and its children at the deadline', async () => {
  let printed = '';
  const running = runCommand('bash', ['-c', 'sleep 60 & echo $!; wait'], {
    timeoutMs: 500,
    onStdout: (text) => {
      printed += text;
    },
  });
  await expect(running).rejects.toThrow('did not end within 500 ms');
  await until(5_000, async () => !existsSync(`/proc/${printed.trim()}/cwd`));
});

test('runCommand can be cancelled, and rejects for a missing program', async () => {
  const cancel = new AbortController();
  const running = runCommand('sleep', ['60'], { timeoutMs: 60_000, signal: cancel.signal });
  cancel.abort();
  await expect(running).rejects.toThrow('was cancelled');
  await expect(runCommand('no-such-program', [], { timeoutMs: 1000 })).rejects.toThrow('ENOENT');
});
