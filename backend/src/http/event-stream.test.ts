// Event streams: delivery, and their end with access, client or Buoy.
import { once } from 'node:events';
import type { Task } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type DurabilityApp, startDurabilityApp } from '../../test/support/durability-app.ts';
import { serverInPath, viewer } from './policies.ts';
import { route } from './route.ts';

const step = (title: string) => ({
  id: 'one',
  title,
  status: 'running' as const,
  startedAt: null,
  finishedAt: null,
  detail: null,
  outputTail: '',
});
type Event = { event: 'step'; data: ReturnType<typeof step>; id?: string } | { event: 'task'; data: Task };

let running: DurabilityApp;
let url: string;
let authorization: string;
/** What the stream under test sends; set before it is opened. */
let source: (signal: AbortSignal) => AsyncGenerator<Event>;
/** Resolves when the feature's own loop has come to its end. */
let sourceEnded: Promise<void>;

beforeEach(async () => {
  let end: () => void = () => undefined;
  sourceEnded = new Promise((resolve) => {
    end = resolve;
  });
  running = await startDurabilityApp({
    routes: [
      route('GET /tasks/:id/events', viewer(serverInPath), async function* ({ signal, lastEventId }) {
        try {
          if (lastEventId !== null) yield { event: 'step' as const, data: step(`after ${lastEventId}`) };
          yield* source(signal);
        } finally {
          end();
        }
      }),
    ],
  });
  url = `${await running.app.listen({ host: '127.0.0.1', port: 0 })}/api/tasks/srv_1/events`;
  authorization = await running.authorization(42);
  await running.addServer('srv_1', 42, 'viewer');
});
afterEach(() => running.close());

/** Sends one event, then waits until authorization ends the stream. */
async function* untilEnded(signal: AbortSignal): AsyncGenerator<Event> {
  yield { event: 'step', data: step('🦞 «läuft»\nzweite Zeile'), id: '7' };
  if (!signal.aborted) await once(signal, 'abort');
}

const open = (headers: Record<string, string> = {}, signal: AbortSignal | null = null) =>
  fetch(url, { headers: { authorization, ...headers }, signal });

/** Reads the first frame, and gives what reads the rest to the end. */
async function firstFrame(response: Response) {
  const reader = (response.body ?? expect.unreachable()).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('\n\n')) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  const rest = async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return text;
      text += value;
    }
  };
  return { frame: text, rest };
}

describe('an event stream', () => {
  test('sends each event as one frame, with its id, line breaks kept inside the data', async () => {
    source = async function* () {
      yield { event: 'step', data: step('🦞 «läuft»\nzweite Zeile'), id: '7' };
      yield { event: 'step', data: step('two') };
    };
    const response = await open();
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-request-id')).toBeTruthy();
    expect(response.headers.get('content-security-policy')).toBeTruthy();
    const frames = (await response.text()).split('\n\n').filter(Boolean);
    expect(frames).toHaveLength(2);
    expect(frames[0]?.split('\n').slice(0, 2)).toEqual(['id: 7', 'event: step']);
    const data = JSON.parse(frames[0]?.split('\n')[2]?.replace('data: ', '') ?? '');
    expect(data.title).toBe('🦞 «läuft»\nzweite Zeile');
  });

  test("resumes after the client's Last-Event-ID", async () => {
    source = async function* () {};
    expect(await (await open({ 'last-event-id': '41' })).text()).toContain('"title":"after 41"');
  });

  test('is not opened without access', async () => {
    source = untilEnded;
    expect((await open({ authorization: 'Bearer a.b.c' })).status).toBe(401);
    expect((await open({ authorization: await running.authorization(43) })).status).toBe(404);
  });

  test('ends soon after the grant is revoked', async () => {
    source = untilEnded;
    const { frame, rest } = await firstFrame(await open());
    expect(frame).toContain('event: step');
    await running.revokeGrants('srv_1');
    await rest();
    await sourceEnded;
  });

  test('ends soon after the person signs out', async () => {
    source = untilEnded;
    const { rest } = await firstFrame(await open());
    const logout = new URL('/api/auth/logout', url);
    expect((await fetch(logout, { method: 'POST', headers: { authorization } })).status).toBe(204);
    await rest();
    await sourceEnded;
  });

  test('ends when the client disconnects, and aborts the source', async () => {
    source = untilEnded;
    const leaving = new AbortController();
    await firstFrame(await open({}, leaving.signal));
    leaving.abort();
    await sourceEnded;
  });

  test('ends when Buoy closes', async () => {
    source = untilEnded;
    const { rest } = await firstFrame(await open());
    const closed = running.app.close();
    await rest();
    await closed;
    await sourceEnded;
  });

  test('drops an event that breaks the contract and continues', async () => {
    source = async function* () {
      yield { event: 'step', data: step('good') };
      yield { event: 'step', data: { ...step('bad'), status: 'planted' as 'running' } };
      yield { event: 'step', data: step('forged'), id: '1\n\nevent: step' };
      yield { event: 'step', data: step('next') };
    };
    const text = await (await open()).text();
    expect(text).toContain('good');
    expect(text).toContain('next');
    expect(text).not.toMatch(/planted|forged/);
  });

  test('waits for a client that does not read instead of buffering', async () => {
    let sent = 0;
    source = async function* (signal) {
      while (!signal.aborted) {
        sent += 1;
        yield { event: 'step', data: step('x'.repeat(100_000)) };
      }
    };
    const leaving = new AbortController();
    const response = await open({}, leaving.signal);
    await firstFrame(response);
    // Buffers of both ends hold some megabytes; after that the source has to wait.
    let before = -1;
    while (sent !== before) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(sent).toBeLessThan(500);
    leaving.abort();
    await sourceEnded;
  });

  test('is closed when the client reads nothing for a minute, and frees its place', async () => {
    let sent = 0;
    source = async function* (signal) {
      while (!signal.aborted) {
        sent += 1;
        yield { event: 'step', data: step('x'.repeat(100_000)) };
      }
    };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const response = await open();
      await firstFrame(response);
      let isOver = false;
      const over = sourceEnded.then(() => {
        isOver = true;
      });
      while (!isOver) {
        await new Promise(setImmediate);
        vi.advanceTimersByTime(1_000);
      }
      await over;
      expect(sent).toBeLessThan(500);
    } finally {
      vi.useRealTimers();
    }
  });
});
