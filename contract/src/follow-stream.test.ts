import { expect, it } from 'vitest';
import type { ServerEvent } from './event-stream.ts';
import { type EventMeaning, followStream } from './follow-stream.ts';

type Script = {
  /** One for each try: what the stream holds, the error of a refusal, or null for no stream. The last try stops the follower. */
  streams: Array<ReadableStream<Uint8Array> | Error | null>;
  onEvent?: (event: ServerEvent) => EventMeaning | Promise<EventMeaning>;
  lastEventId?: string;
};

const bytes = (text: string) => new TextEncoder().encode(text);
const frame = (id: string | null, data: string) => `${id === null ? '' : `id: ${id}\n`}data: ${data}\n\n`;

/** A stream that ends after `text`. */
const ended = (text = '') =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      if (text !== '') controller.enqueue(bytes(text));
      controller.close();
    },
  });

/** A stream that fails once `text` has been read. */
const broken = (text: string, error: Error) =>
  new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(bytes(text)),
      pull: (controller) => controller.error(error),
    },
    { highWaterMark: 0 },
  );

async function follow({ streams, onEvent = () => 'success', lastEventId }: Script) {
  const resumedFrom: Array<string | null> = [];
  const events: ServerEvent[] = [];
  const breaks: Array<{ error: unknown; failures: number }> = [];
  await followStream({
    async open(from) {
      resumedFrom.push(from.lastEventId);
      const next = streams.shift();
      if (next === undefined) throw new Error('no more streams');
      if (next instanceof Error) throw next;
      return next;
    },
    onEvent(event) {
      events.push(event);
      return onEvent(event);
    },
    async onBreak(reason) {
      breaks.push(reason);
      return streams.length === 0 ? 'stop' : undefined;
    },
    lastEventId,
    signal: new AbortController().signal,
  });
  return { resumedFrom, events: events.map(({ data }) => data), ids: events.map(({ id }) => id), breaks };
}

it('resumes an ended stream after the last event', async () => {
  const streams = [ended(frame('1', 'one') + frame('2', 'two')), ended(frame('3', 'three'))];
  const { resumedFrom, events, breaks } = await follow({ streams });
  expect(resumedFrom).toEqual([null, '2']);
  expect(events).toEqual(['one', 'two', 'three']);
  expect(breaks).toEqual([
    { error: null, failures: 1 },
    { error: null, failures: 1 },
  ]);
});

it('resumes a broken stream after the last event, and reports the error', async () => {
  const cut = new Error('cut');
  const { resumedFrom, breaks } = await follow({ streams: [broken(frame('1', 'one'), cut), ended()] });
  expect(resumedFrom).toEqual([null, '1']);
  expect(breaks[0]).toEqual({ error: cut, failures: 1 });
});

it('starts after the given event', async () => {
  expect((await follow({ streams: [ended()], lastEventId: '7' })).resumedFrom).toEqual(['7']);
});

it('keeps the last event id when a resumed stream brings no id', async () => {
  const streams = [ended(frame('1', 'one')), ended(frame(null, 'two')), ended()];
  const { resumedFrom, ids } = await follow({ streams });
  expect(resumedFrom).toEqual([null, '1', '1']);
  expect(ids).toEqual(['1', '1']);
});

it('counts refused, empty and missing streams as failures until a success', async () => {
  const refused = new Error('refused');
  const streams = [refused, ended(), null, ended(frame('1', 'one')), refused];
  const { breaks } = await follow({ streams });
  expect(breaks).toEqual([
    { error: refused, failures: 1 },
    { error: null, failures: 2 },
    { error: null, failures: 3 },
    { error: null, failures: 1 },
    { error: refused, failures: 2 },
  ]);
});

it('keeps counting failures after events that are no success', async () => {
  const streams = [ended(frame('1', 'away')), ended(frame('2', 'away')), ended(frame('3', 'back'))];
  const { breaks } = await follow({
    streams,
    onEvent: ({ data }) => (data === 'away' ? 'no-success' : 'success'),
  });
  expect(breaks.map(({ failures }) => failures)).toEqual([1, 2, 1]);
});

it('resumes after an event whose handler fails, and counts a failure', async () => {
  const mistake = new Error('malformed');
  const streams = [new Error('refused'), ended(frame('1', 'bad') + frame('2', 'good')), ended()];
  const { resumedFrom, events, breaks } = await follow({
    streams,
    onEvent: async () => {
      throw mistake;
    },
  });
  expect(events).toEqual(['bad']);
  expect(resumedFrom).toEqual([null, null, '1']);
  expect(breaks[1]).toEqual({ error: mistake, failures: 2 });
});

it('stops at an event, and releases the connection', async () => {
  let isReleased = false;
  const open = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes(frame('1', 'last') + frame('2', 'more'))),
    cancel() {
      isReleased = true;
    },
  });
  const { events, breaks } = await follow({
    streams: [open],
    onEvent: async (): Promise<EventMeaning> => 'stop',
  });
  expect(events).toEqual(['last']);
  expect(breaks).toEqual([]);
  expect(isReleased).toBe(true);
});

it('throws what the handler of a break throws', async () => {
  const refused = new Error('refused');
  const following = followStream({
    open: () => Promise.reject(refused),
    onEvent: () => 'success',
    onBreak: ({ error }) => Promise.reject(error),
    signal: new AbortController().signal,
  });
  await expect(following).rejects.toBe(refused);
});

/** Follows with a caller that leaves at `moment`, and gives what the follower did. */
async function leaveAt(moment: 'before' | 'open' | 'event' | 'error' | 'break') {
  const leave = new AbortController();
  const calls: string[] = [];
  if (moment === 'before') leave.abort();
  const at = (call: typeof moment) => {
    calls.push(call);
    if (call === moment) leave.abort();
  };
  await followStream({
    async open({ signal }) {
      expect(signal).toBe(leave.signal);
      at('open');
      if (moment === 'error') {
        leave.abort();
        throw leave.signal.reason;
      }
      return ended(frame('1', 'one') + frame('2', 'two'));
    },
    onEvent() {
      at('event');
      return 'success';
    },
    async onBreak() {
      at('break');
    },
    signal: leave.signal,
  });
  return calls;
}

it('stops without a break when the caller aborts', async () => {
  expect(await leaveAt('before')).toEqual([]);
  expect(await leaveAt('open')).toEqual(['open']);
  expect(await leaveAt('event')).toEqual(['open', 'event']);
  expect(await leaveAt('error')).toEqual(['open']);
});

it('does not reconnect when the caller aborts during a break', async () => {
  expect(await leaveAt('break')).toEqual(['open', 'event', 'event', 'break']);
});
