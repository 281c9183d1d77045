// Several listeners on one log that grows, is replaced and cannot be read for a while, with a FakeClock.
import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { createFollower, type Follower, type LogEvent } from './follower.ts';
import { readLogPosition } from './log-position.ts';
import type { TailAnswer, TailParams } from './tail.ts';

/** A log file of lines of 10 bytes, read as the gateway does. */
let file: string;
let written: string[];
let failure: Error | null;
let asked: TailParams[];
let idle: number;
let timers: Array<() => void>;
let follower: Follower;

const clock: Clock = {
  now: () => 0,
  after(_delayMs, run) {
    timers.push(run);
    return () => {};
  },
};

async function tail(params: TailParams): Promise<TailAnswer> {
  asked.push(params);
  if (failure !== null) throw failure;
  const end = written.length * 10;
  const reset = params.cursor !== undefined && params.cursor > end;
  const from = params.cursor === undefined || reset ? 0 : params.cursor / 10;
  const lines = written.slice(from).slice(-params.limit);
  return { file: `/tmp/openclaw/${file}`, cursor: end, lines, truncated: false, reset };
}

function start(): void {
  follower = createFollower({
    tail,
    clock,
    onIdle() {
      idle += 1;
    },
  });
}

beforeEach(() => {
  file = 'openclaw-2026-11-25.log';
  written = ['one', 'two', 'three'];
  failure = null;
  asked = [];
  idle = 0;
  timers = [];
  start();
});

type Listening = { next(): Promise<LogEvent>; stop(): Promise<void> };

function listen(options: { lines?: number; after?: string } = {}): Listening {
  const ending = new AbortController();
  const events = follower.listen({
    lines: options.lines ?? 100,
    after: readLogPosition(options.after ?? null),
    signal: ending.signal,
  });
  return {
    async next() {
      const { value, done } = await events.next();
      if (done) throw new Error('it ended');
      return value;
    },
    async stop() {
      ending.abort();
      await events.return(undefined);
    },
  };
}

/** Ends the pause between two reads. */
function tick(): void {
  const due = timers;
  timers = [];
  for (const run of due) run();
}

async function take(listening: Listening, count: number): Promise<string[]> {
  const events: string[] = [];
  while (events.length < count) {
    const event = await listening.next();
    events.push(event.event === 'line' ? event.data.message : event.event);
  }
  return events;
}

describe('one log listener', () => {
  test('gets fewer of the last lines when the names of their parts of OpenClaw are long', async () => {
    written = Array.from({ length: 500 }, (_, index) =>
      JSON.stringify({
        message: `${index} ${'x'.repeat(3_900)}`,
        _meta: { name: JSON.stringify({ subsystem: 'y'.repeat(1_000) }) },
      }),
    );
    const one = listen({ lines: 500 });
    const [first] = await take(one, 1);
    expect(Number.parseInt(first ?? '', 10)).toBeGreaterThan(50);
    await one.stop();
  });

  test('gets the last lines, then new ones', async () => {
    const one = listen({ lines: 2 });
    expect(await take(one, 2)).toEqual(['two', 'three']);
    written.push('four');
    tick();
    expect(await one.next()).toMatchObject({ data: { message: 'four' }, id: `${file}:40:0` });
    await one.stop();
    expect(idle).toBe(1);
  });

  test('gets only new lines when it requests no old ones', async () => {
    const one = listen({ lines: 0 });
    const next = one.next();
    await Promise.resolve();
    written.push('four');
    while (timers.length === 0) await new Promise(setImmediate);
    tick();
    expect(await next).toMatchObject({ data: { message: 'four' } });
    await one.stop();
  });

  test('gets an event when the file is replaced, and the new one from its start', async () => {
    const one = listen();
    await take(one, 3);
    file = 'openclaw-2026-11-26.log';
    written = ['next day'];
    tick();
    expect(await take(one, 1)).toEqual(['reset']);
    while (timers.length === 0) await new Promise(setImmediate);
    tick();
    expect(await take(one, 1)).toEqual(['next day']);
    await one.stop();
  });

  test('of a log with a new name each time costs one call for each pause', async () => {
    const one = listen();
    await take(one, 3);
    for (const day of ['a', 'b', 'c']) {
      file = day;
      tick();
      expect(await take(one, 1)).toEqual(['reset']);
      while (timers.length === 0) await new Promise(setImmediate);
    }
    expect(asked).toHaveLength(4);
    await one.stop();
  });

  test('gets lines without an id from a file whose name cannot be part of an id', async () => {
    file = 'x\n\nevent: line';
    const one = listen();
    for (const message of ['one', 'two', 'three']) {
      const event = await one.next();
      expect(event).toMatchObject({ event: 'line', data: { message } });
      expect(event).not.toHaveProperty('id');
    }
    await one.stop();
  });

  test('gets an event when the file became shorter', async () => {
    const one = listen();
    await take(one, 3);
    written = ['again'];
    tick();
    expect(await take(one, 2)).toEqual(['reset', 'again']);
    await one.stop();
  });

  test('gets one event that the gateway is down, and continues without loss when it is back', async () => {
    const one = listen();
    await take(one, 3);
    failure = new AppError('gateway_unavailable', 'The gateway is restarting.');
    tick();
    expect(await one.next()).toEqual({ event: 'gap', data: { message: 'The gateway is restarting.' } });
    for (let tries = 0; tries < 3; tries += 1) {
      while (timers.length === 0) await new Promise(setImmediate);
      tick();
    }
    while (timers.length === 0) await new Promise(setImmediate);
    failure = null;
    written.push('four');
    tick();
    expect(await take(one, 1)).toEqual(['four']);
    await one.stop();
  });

  test('of an unreachable server gets the error and ends', async () => {
    failure = new AppError('unreachable', 'Nothing answers.');
    const one = listen();
    expect(await one.next()).toEqual({ event: 'gap', data: { message: 'Nothing answers.' } });
    await expect(one.next()).rejects.toThrow('it ended');
    expect(idle).toBe(1);
  });
});

test('log follower › keeps at most two million characters of lines for a slow listener', async () => {
  const slow = listen();
  await take(slow, 3);
  const fast = listen({ lines: 0 });
  written.push(...Array.from({ length: 600 }, (_, index) => `${index} ${'long '.repeat(750)}`));
  const next = fast.next();
  while (timers.length === 0) await new Promise(setImmediate);
  tick();
  await next;
  expect(await take(slow, 1)).toEqual(['reset']);
  await slow.stop();
  await fast.stop();
});

describe('several log listeners', () => {
  test('share one read at a time', async () => {
    const all = [listen(), listen(), listen()];
    for (const one of all) expect(await take(one, 3)).toEqual(['one', 'two', 'three']);
    written.push('four');
    tick();
    for (const one of all) expect(await take(one, 1)).toEqual(['four']);
    expect(asked).toHaveLength(2);
    for (const one of all) await one.stop();
    expect(idle).toBe(1);
  });

  test('end the reading when all have left', async () => {
    const one = listen();
    await take(one, 3);
    await one.stop();
    tick();
    await new Promise(setImmediate);
    expect(timers).toHaveLength(0);
    expect(asked).toHaveLength(1);
  });
});

describe('Last-Event-ID', () => {
  test('continues after that line while the log is followed', async () => {
    const one = listen();
    await take(one, 3);
    written.push('four', 'five', 'six');
    tick();
    const ids = [await one.next(), await one.next(), await one.next()].map(({ id }) => id);
    for (const [index, after] of ids.entries()) {
      const two = listen({ after: after ?? '' });
      expect(await take(two, 2 - index)).toEqual(['five', 'six'].slice(index));
      await two.stop();
    }
    await one.stop();
  });

  test('continues after that line when nobody followed the log since, with the lines written in the meantime', async () => {
    for (const [after, wanted] of [
      [`${file}:10:0`, ['two', 'three']],
      [`${file}:10:1`, ['three']],
      [`${file}:0:1`, ['two', 'three']],
    ] as const) {
      start();
      const one = listen({ after });
      expect(await take(one, wanted.length)).toEqual(wanted);
      await one.stop();
    }
  });

  test('of an old file sends an event, then the new file from its start', async () => {
    const one = listen({ after: 'openclaw-2026-11-24.log:500:3' });
    expect(await take(one, 1)).toEqual(['reset']);
    while (timers.length === 0) await new Promise(setImmediate);
    tick();
    expect(await take(one, 3)).toEqual(['one', 'two', 'three']);
    await one.stop();
  });

  test('that is unknown sends an event, then the kept lines', async () => {
    const one = listen();
    await take(one, 3);
    const two = listen({ after: `${file}:5:0` });
    expect(await take(two, 4)).toEqual(['reset', 'one', 'two', 'three']);
    await two.stop();
    await one.stop();
  });

  test.each(['', 'x', 'a:b:c', '../x:1:2', `${'x'.repeat(200)}:1:1`])('%j is ignored', async (after) => {
    expect(readLogPosition(after)).toBeNull();
  });
});

test('log follower › starts over for a server that may be another host', async () => {
  const one = listen();
  await take(one, 3);
  follower.restart();
  written = ['elsewhere'];
  tick();
  expect(await take(one, 2)).toEqual(['reset', 'elsewhere']);
  await one.stop();
});
