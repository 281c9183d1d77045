// How much of a command's output Buoy fetches, from a server that sends as much as it is asked for.
import { expect, test } from 'vitest';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import type { ExecResult, Ssh } from '../ssh/ssh.ts';
import { createRemoteRuns } from './remote-run.ts';

const MIB = 1024 * 1024;

/** A server whose command has written `size()` bytes and goes on until it has an exit code. */
function createTalkativeServer(size: () => number, exitCode: () => string) {
  const clock = createFakeClock();
  /** Offsets that were asked for, and when. */
  const polls: { at: number; offset: number }[] = [];
  const ssh = {
    async script(_serverId: string, _script: string, [, offset, max]: string[]): Promise<ExecResult> {
      polls.push({ at: clock.now(), offset: Number(offset) });
      const bytes = Buffer.alloc(Math.max(0, Math.min(Number(max), size() - Number(offset))), 'a');
      const stdout = `buoy-run alive ${exitCode()} ${size()} base64\n${bytes.toString('base64')}\n`;
      return { exitCode: 0, signal: null, stdout, stderr: '', truncated: false, durationMs: 1 };
    },
  } as unknown as Ssh;
  const runs = createRemoteRuns({ ssh, clock });
  let received = 0;
  let hasEnded = false;
  const ended = runs
    .follow('srv_1', 'tsk_1-step', {
      ...{ deadlineMs: 60 * 60_000, signal: new AbortController().signal, offset: 0 },
      onOutput(text) {
        received += text.length;
      },
    })
    .finally(() => {
      hasEnded = true;
    });
  return {
    polls,
    received: () => received,
    ended,
    /** Lets time pass while Buoy fetches, until that holds or the command has ended. */
    async passUntil(isReached: () => boolean) {
      while (!hasEnded && !isReached()) {
        await new Promise(setImmediate);
        clock.pass(10);
      }
    },
  };
}

test('output is fetched whole, with a pause after each megabyte', async () => {
  const size = 5 * MIB;
  const server = createTalkativeServer(
    () => size,
    () => '0',
  );
  await server.passUntil(() => false);
  expect(await server.ended).toEqual({ exitCode: 0 });
  expect(server.received()).toBe(size);
  const { polls } = server;
  const pauses = polls.filter(({ at }, index) => index > 0 && at - polls[index - 1]!.at >= 200);
  expect(pauses.map(({ offset }) => offset / MIB)).toEqual([1, 2, 3, 4]);
});

test('of output without an end, only what is last is fetched behind 16 megabytes', async () => {
  let exitCode = '-';
  const server = createTalkativeServer(
    () => 999_999_999_999_999,
    () => exitCode,
  );
  await server.passUntil(() => server.polls.length > 400);
  expect(server.received()).toBeLessThan(18 * MIB);
  exitCode = '0';
  await server.passUntil(() => false);
  expect(await server.ended).toEqual({ exitCode: 0 });
});
