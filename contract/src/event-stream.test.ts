import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventStreamParser, readEventStream, type ServerEvent } from './event-stream.ts';

const parse = (...pieces: string[]): ServerEvent[] => {
  const parser = createEventStreamParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

describe('the event stream format', () => {
  it('reads name, data and id', () => {
    expect(parse('id: 7.120\nevent: step\ndata: {"a":1}\n\n')).toEqual([
      { id: '7.120', event: 'step', data: '{"a":1}' },
    ]);
  });

  it('joins data lines, passes over comments, unknown fields and events without data', () => {
    expect(parse(': still here\n\nevent: empty\n\nretry: 10\ndata: one\ndata:two\ndata\n\n')).toEqual([
      { id: null, event: 'message', data: 'one\ntwo\n' },
    ]);
  });

  it('keeps the last id for events that bring none, and ignores one with a NUL', () => {
    expect(parse('id: 1\ndata: a\n\ndata: b\n\nid: 2\0\ndata: c\n\n').map(({ id }) => id)).toEqual([
      '1',
      '1',
      '1',
    ]);
  });

  it('does not give out an event that was cut off', () => {
    expect(parse('data: whole\n\ndata: half\n')).toEqual([{ id: null, event: 'message', data: 'whole' }]);
  });

  it('gives up on an event that does not end', () => {
    const parser = createEventStreamParser();
    expect(() => {
      for (let piece = 0; piece < 40; piece += 1) parser.push(`data: ${'x'.repeat(65_536)}\n`);
    }).toThrow('does not end');
  });
});

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const plainText = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replace(/[\r\n\0]/g, ''));
const sent = fc.record({
  event: fc.constantFrom('task', 'step', 'output'),
  id: fc.nat().map(String),
  lines: fc.array(plainText, { minLength: 1, maxLength: 3 }),
});

function written(events: { event: string; id: string; lines: string[] }[], end: string): Uint8Array {
  const frames = events.map(({ event, id, lines }) =>
    [
      '',
      `: comment`,
      '',
      `id: ${id}`,
      `event: ${event}`,
      ...lines.map((line) => `data: ${line}`),
      '',
      '',
    ].join(end),
  );
  return new TextEncoder().encode(`\uFEFF${frames.join('')}`);
}

/** The same bytes in pieces: `sizes` says how long each one is, over and over. */
function inPieces(bytes: Uint8Array, sizes: readonly number[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      let at = 0;
      for (let piece = 0; at < bytes.length; piece += 1) {
        const size = sizes[piece % sizes.length] ?? 1;
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      }
      controller.close();
    },
  });
}

it('gives the same events wherever the network cuts the bytes, with every kind of line end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(sent, { maxLength: 5 }),
      lineEnd,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
      async (events, end, sizes) => {
        const received: ServerEvent[] = [];
        for await (const event of readEventStream(inPieces(written(events, end), sizes), 5_000))
          received.push(event);
        // A lone carriage return at the very end may be half a line end: that event is not complete.
        const complete = end === '\r' ? events.slice(0, received.length) : events;
        expect(received.length).toBeGreaterThanOrEqual(events.length - (end === '\r' ? 1 : 0));
        expect(received).toEqual(
          complete.map(({ event, id, lines }) => ({ event, id, data: lines.join('\n') })),
        );
      },
    ),
  );
});

it('counts as broken when nothing comes for too long, and lets the connection go', async () => {
  let released = false;
  const silent = new ReadableStream<Uint8Array>({
    cancel() {
      released = true;
    },
  });
  await expect(readEventStream(silent, 5).next()).rejects.toThrow('silent');
  expect(released).toBe(true);
});
