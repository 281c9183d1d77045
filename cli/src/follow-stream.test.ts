import { ApiError } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import type { Context } from './command.ts';
import { followStream, type StreamReader } from './follow-stream.ts';

/** Plays one try after the other: what the stream holds, or an error; then comes Ctrl-C. */
async function follow(tries: Array<string | Error>, reader: Partial<StreamReader> = {}) {
  const interrupted = new AbortController();
  const left = tries.values();
  const waits: number[] = [];
  const context = {
    terminal: {
      signal: interrupted.signal,
      pause: async (ms: number) => void waits.push(ms),
    },
    async openStream() {
      const { value, done } = left.next();
      if (done) {
        interrupted.abort();
        throw interrupted.signal.reason;
      }
      if (value instanceof Error) throw value;
      return new Response(value);
    },
  } as unknown as Context;
  const error: unknown = await followStream(context, '/events', { onEvent: () => false, ...reader }).then(
    () => null,
    (reason: unknown) => reason,
  );
  return { waits, error };
}

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const noAnswer = new ApiError(503, { error: 'no answer' });
const event = 'data: {}\n\n';

it('retries once a second, and throws the error after 30 failed retries', async () => {
  const { waits, error } = await follow(times(40, noAnswer));
  expect(waits).toEqual(times(30, 1_000));
  expect(error).toBe(noAnswer);
});

it('counts errors anew after an event', async () => {
  const { waits, error } = await follow([...times(30, noAnswer), event, ...times(30, noAnswer)]);
  expect(waits).toHaveLength(61);
  expect(error).toBeNull();
});

it('retries for as long as streams only end without an event', async () => {
  const { waits, error } = await follow([...times(40, ''), noAnswer]);
  expect(waits).toHaveLength(41);
  expect(error).toBeNull();
});

it('throws a refusal of the stream at once', async () => {
  const refusal = new ApiError(404, { error: 'There is no such task.' });
  expect(await follow([refusal])).toEqual({ waits: [], error: refusal });
});

it('stops when the reader stops after a break', async () => {
  expect(await follow(times(3, event), { onBreak: async () => true })).toEqual({
    waits: [1_000],
    error: null,
  });
});
