import { ApiError, type Client } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import type { Api } from '../../api.ts';
import { followEvents } from './follow-events.ts';
import type { StreamState } from './follow-stream.ts';
import type { ServerEvent } from './server-event.ts';

const frame = (id: string, event: string, data: unknown): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
const connected = frame('a.1', 'gateway', {
  state: 'connected',
  version: '1',
  message: 'The gateway answers.',
});
const away = frame('a.1', 'gateway', { state: 'disconnected', version: null, message: 'It does not.' });

/** Streams that end after the given text, or are refused; nothing waits. Ends when there are no more. */
async function follow(streams: (string | Error)[], lastEventId: string | null = null) {
  const leave = new AbortController();
  const resumedFrom: (string | null)[] = [];
  const events: ServerEvent[] = [];
  const states: StreamState[] = [];
  const waits: number[] = [];
  const api: Api = {
    async openStream(_path, options) {
      resumedFrom.push(options.lastEventId);
      const next = streams.shift();
      if (next === undefined) throw new Error('no more streams');
      if (next instanceof Error) throw next;
      return new Response(next).body ?? new ReadableStream();
    },
    call: (() => Promise.reject(new Error('not asked'))) as unknown as Client,
  };
  await followEvents(api, 'srv_1', {
    lastEventId,
    signal: leave.signal,
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    now: () => 0,
    async wait(ms) {
      waits.push(ms);
      if (streams.length === 0) leave.abort();
    },
  });
  return { resumedFrom, events, states, waits };
}

it('resumes a broken event stream after the last received event', async () => {
  const { resumedFrom, events } = await follow([
    connected + frame('a.2', 'config', { at: null }),
    frame('a.3', 'skills', { reason: null }),
  ]);
  expect(resumedFrom).toEqual([null, 'a.2']);
  expect(events.map(({ event }) => event)).toEqual(['gateway', 'config', 'skills']);
});

it('resumes an event stream where an earlier subscription ended', async () => {
  expect((await follow([connected], 'a.7')).resumedFrom).toEqual(['a.7']);
});

it('backs off up to a minute between stream attempts, and resets after a success', async () => {
  const broken = Array.from({ length: 8 }, () => new ApiError(0, { error: 'Buoy does not answer.' }));
  const { waits } = await follow([...broken, connected, new ApiError(503, { error: 'busy' })]);
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 1, 2].map((seconds) => seconds * 1_000));
});

it('does not reset the backoff on an event that reports an unreachable server', async () => {
  const late = away + frame('b.0', 'missed', { reason: 'too_old' });
  expect((await follow([away, late, late])).waits).toEqual([1_000, 2_000, 4_000]);
});

it('reports the stream state and the time of the next attempt', async () => {
  const { states } = await follow([connected, connected]);
  expect(states).toEqual([
    { state: 'connecting' },
    { state: 'open' },
    { state: 'lost', retryAt: 1_000, isFull: false },
    { state: 'lost', retryAt: null, isFull: false },
    { state: 'open' },
    { state: 'lost', retryAt: 1_000, isFull: false },
  ]);
});

it('waits for Retry-After when too many streams are open, and reports it', async () => {
  const tooMany = new ApiError(429, {
    error: 'You have 20 live streams open, the most that one person may have.',
    code: 'rate_limited',
    details: { open: 20, retryAfterS: 30 },
  });
  const { waits, states } = await follow([tooMany, connected]);
  expect(waits).toEqual([30_000, 1_000]);
  expect(states.slice(0, 4)).toEqual([
    { state: 'connecting' },
    { state: 'lost', retryAt: 30_000, isFull: true },
    { state: 'lost', retryAt: null, isFull: true },
    { state: 'open' },
  ]);
});

it('does not report too many streams after an ordinary rate limit', async () => {
  const tooOften = new ApiError(429, {
    error: 'Too many requests.',
    code: 'rate_limited',
    details: { limit: 120, retryAfterS: 7 },
  });
  const { waits, states } = await follow([tooOften]);
  expect(waits).toEqual([7_000]);
  expect(states[1]).toEqual({ state: 'lost', retryAt: 7_000, isFull: false });
});

it.each([401, 403, 404])('stops following events after a %i response', async (status) => {
  const { states, waits } = await follow([new ApiError(status, { error: 'No.' }), connected]);
  expect(states.at(-1)).toMatchObject({ state: 'refused', problem: { message: 'No.' } });
  expect(waits).toEqual([]);
});

it('ignores unknown and malformed events', async () => {
  const { events } = await follow([
    frame('a.1', 'news', { a: 1 }) +
      frame('a.2', 'toString', {}) +
      frame('a.3', 'config', ['not', 'an', 'object']) +
      'id: a.4\nevent: config\ndata: {"at"\n\n' +
      frame('a.5', 'config', { at: null }),
  ]);
  expect(events).toEqual([{ event: 'config', data: { at: null } }]);
});
