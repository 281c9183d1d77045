// Programs that print too much, hang, fail or are missing.
import { describe, expect, test } from 'vitest';
import { runProgram } from './run-program.ts';

const never = new AbortController().signal;
const limits: Parameters<typeof runProgram>[2] = {
  environment: { PATH: process.env.PATH },
  deadlineMs: 10_000,
  signal: never,
};
const node = (script: string, changes: Partial<typeof limits> = {}) =>
  runProgram(process.execPath, ['-e', script], { ...limits, ...changes });

describe('runProgram', () => {
  test('returns the exit code and both output streams', async () => {
    expect(
      await node('console.log("Ünïcödé 🦞"); console.error("to the side"); process.exitCode = 3'),
    ).toEqual({
      code: 3,
      stdout: 'Ünïcödé 🦞\n',
      stderr: 'to the side\n',
    });
  });

  test('passes only the given environment', async () => {
    const { stdout } = await node('console.log(JSON.stringify(process.env))', {
      environment: { ONLY: 'this' },
    });
    expect(JSON.parse(stdout)).toEqual({ ONLY: 'this' });
  });

  test('kills a hanging program at the deadline', async () => {
    await expect(node('setInterval(() => {}, 1000)', { deadlineMs: 300 })).rejects.toMatchObject({
      code: 'deadline',
    });
  });

  test('kills a program that prints too much', async () => {
    await expect(
      node('for (;;) require("fs").writeSync(1, "x".repeat(10000))', { maxOutputBytes: 100_000 }),
    ).rejects.toMatchObject({ code: 'output_too_large' });
  });

  test('kills the program when the signal aborts, with its reason', async () => {
    const caller = new AbortController();
    const running = node('setInterval(() => {}, 1000)', { signal: caller.signal });
    caller.abort(new Error('changed my mind'));
    await expect(running).rejects.toThrow('changed my mind');
    await expect(node('', { signal: caller.signal })).rejects.toThrow('changed my mind');
  });

  test('fails with ENOENT for a missing program', async () => {
    await expect(runProgram('/no/such/program', [], limits)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
