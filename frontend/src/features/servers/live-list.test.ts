import type { Server, ServerState } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import { followList } from './live-list.ts';
import { serverRecord } from './testing/server-record.ts';

const server = (id: string, state: ServerState = 'up'): Server =>
  serverRecord({ id, status: { ...serverRecord().status, state } });
const frame = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const completeList = (...all: Server[]) =>
  all.map((one) => frame('server', one)).join('') + frame('complete', { servers: all.length });

/** A page that follows streams which the test writes piece by piece. */
function openPage(before: Server[] | undefined) {
  const leave = new AbortController();
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  const refusals: Error[] = [];
  const page = { shown: before, isLive: false, draws: 0 };
  let next = Promise.withResolvers<void>();
  const deliver = () => {
    next.resolve();
    next = Promise.withResolvers();
  };
  const until = async (is: () => boolean) => {
    while (!is()) await next.promise;
  };
  const ended = followList(
    {
      async openStream() {
        const refusal = refusals.shift();
        if (refusal !== undefined) throw refusal;
        return new ReadableStream({
          start(controller) {
            streams.push(controller);
            deliver();
          },
        });
      },
    },
    {
      change(newer) {
        page.shown = newer(page.shown);
        page.draws += 1;
        deliver();
      },
      onLive(isLive) {
        page.isLive = isLive;
        deliver();
      },
      wait: () => Promise.resolve(),
      signal: leave.signal,
    },
  );
  return {
    page,
    until,
    refusals,
    ended,
    leave: () => leave.abort(),
    stream: async (number: number) => {
      await until(() => streams.length > number);
      const stream = streams[number] ?? expect.unreachable();
      return {
        write: (text: string) => stream.enqueue(new TextEncoder().encode(text)),
        end: () => stream.close(),
      };
    },
    ids: () => page.shown?.map(({ id }) => id),
  };
}

it('shows the server list once it is complete, and drops removed servers', async () => {
  const { stream, page, until, ids, leave } = openPage([server('old'), server('b')]);
  const first = await stream(0);
  first.write(frame('server', server('a')) + frame('server', server('b')));
  expect([page.isLive, ids()]).toEqual([false, ['old', 'b']]);
  first.write(frame('complete', { servers: 2 }));
  await until(() => page.isLive);
  expect(ids()).toEqual(['a', 'b']);
  leave();
});

it('applies changed, added and removed servers in one update', async () => {
  const { stream, page, until, ids, leave } = openPage(undefined);
  const first = await stream(0);
  first.write(completeList(server('a'), server('b'), server('c')));
  await until(() => page.isLive);
  const drawn = page.draws;
  first.write(
    frame('server', server('a', 'down')) + frame('removed', { id: 'b' }) + frame('server', server('d')),
  );
  await until(() => page.draws > drawn);
  expect(ids()).toEqual(['a', 'c', 'd']);
  expect(page.shown?.[0]?.status.state).toBe('down');
  expect(page.draws).toBe(drawn + 1);
  leave();
});

it('keeps the server list while the stream is broken, and is live again after the next full list', async () => {
  const { stream, page, until, ids, leave } = openPage(undefined);
  const first = await stream(0);
  first.write(completeList(server('a'), server('b')));
  await until(() => page.isLive);
  first.end();
  const second = await stream(1);
  expect([page.isLive, ids()]).toEqual([false, ['a', 'b']]);
  second.write(completeList(server('b')));
  await until(() => page.isLive);
  expect(ids()).toEqual(['b']);
  leave();
});

it('ends the live server list when Buoy refuses the stream', async () => {
  const { stream, page, until, ended, refusals } = openPage(undefined);
  const first = await stream(0);
  first.write(completeList(server('a')));
  await until(() => page.isLive);
  refusals.push(new ApiError(401, { error: 'Your session has ended.' }));
  first.end();
  await ended;
  expect(page.isLive).toBe(false);
});

it('ignores unknown events of the server list', async () => {
  const { stream, page, until, ids, leave } = openPage(undefined);
  const first = await stream(0);
  first.write(
    frame('news', {}) +
      frame('server', { name: 'without an id' }) +
      'event: server\ndata: {"id\n\n' +
      completeList(server('a')),
  );
  await until(() => page.isLive);
  expect(ids()).toEqual(['a']);
  leave();
});
