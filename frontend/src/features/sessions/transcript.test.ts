import type { OpenclawMessage } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyTranscript,
  type Transcript,
  withAllUnconfirmed,
  withNewest,
  withOlder,
  withReceived,
} from './transcript.ts';

const messageAt = (index: number, change: Partial<OpenclawMessage> = {}): OpenclawMessage => ({
  id: `m${index}`,
  runId: null,
  role: index % 2 === 0 ? 'user' : 'assistant',
  at: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
  text: `text ${index}`,
  toolCalls: [],
  toolResult: null,
  attachments: [],
  model: null,
  usage: null,
  stopReason: null,
  error: null,
  ...change,
});
const idsOf = ({ entries }: Transcript) => entries.map(({ id }) => id);
const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `m${from + at}`);

/** A gateway's transcript of `length` messages, read as the API reads it: the newest page, or the one before a place. */
function pageOf(length: number, size: number, before = length) {
  const from = Math.max(0, before - size);
  return {
    messages: Array.from({ length: before - from }, (_, at) => messageAt(from + at)),
    nextCursor: from === 0 ? null : String(from),
  };
}

describe('a transcript', () => {
  it('starts with the newest page and prepends earlier messages', () => {
    const newest = withNewest(emptyTranscript, pageOf(10, 4));
    const both = withOlder(newest, '6', pageOf(10, 4, 6));
    expect(idsOf(both)).toEqual(ids(2, 10));
    expect(both.olderCursor).toBe('2');
    expect(withOlder(both, '2', pageOf(10, 4, 2)).olderCursor).toBeNull();
  });

  it('ignores a page from before a reset', () => {
    const reset = withNewest(withAllUnconfirmed(withNewest(emptyTranscript, pageOf(10, 4))), pageOf(1, 4));
    expect(idsOf(withOlder(reset, '6', pageOf(10, 4, 6)))).toEqual(['m0']);
  });

  it('keeps live messages newer than a requested page, and drops them if the next page lacks them', () => {
    const received = withReceived(withNewest(emptyTranscript, pageOf(3, 9)), messageAt(3));
    const late = withNewest(received, pageOf(3, 9));
    expect(idsOf(late)).toEqual(ids(0, 4));
    expect(idsOf(withNewest(late, pageOf(3, 9)))).toEqual(ids(0, 3));
  });

  it('uses only the page when it does not reach back to the known messages', () => {
    const back = withNewest(withNewest(emptyTranscript, pageOf(4, 3)), pageOf(40, 3));
    expect(idsOf(back)).toEqual(ids(37, 40));
    expect(back.olderCursor).toBe('37');
  });

  it('is empty after a reset without an event', () => {
    const read = withNewest(emptyTranscript, pageOf(4, 3));
    expect(withNewest(read, { messages: [], nextCursor: null })).toMatchObject({
      entries: [],
      olderCursor: null,
    });
  });

  it('keeps no more than a page may lack of what no page has confirmed, also over resets', () => {
    let seen = withNewest(emptyTranscript, pageOf(2_000, 2_000));
    for (let at = 2_000; at < 4_000; at += 1) {
      seen = withReceived(seen, messageAt(at));
      if (at % 100 === 99) seen = withAllUnconfirmed(seen);
    }
    expect(idsOf(seen)).toEqual(ids(3_800, 4_000));
  });

  it('is bounded while each newest page goes on from the one before, and still leads to its beginning', () => {
    let length = 50;
    let seen = withNewest(emptyTranscript, pageOf(length, 50));
    let most = 0;
    while (length < 5_000) {
      length += 49;
      seen = withNewest(seen, pageOf(length, 50));
      most = Math.max(most, seen.entries.length);
      expect(seen.entries.at(-1)?.id).toBe(`m${length - 1}`);
    }
    expect(most).toBeLessThan(1_200);
    while (typeof seen.olderCursor === 'string')
      seen = withOlder(seen, seen.olderCursor, pageOf(length, 50, Number(seen.olderCursor)));
    expect(idsOf(seen)).toEqual(ids(0, length));
  });

  it('keeps what the person has asked for, however much that is, when a newest page goes on from it', () => {
    let seen = withNewest(emptyTranscript, pageOf(3_000, 50));
    while (typeof seen.olderCursor === 'string')
      seen = withOlder(seen, seen.olderCursor, pageOf(3_000, 50, Number(seen.olderCursor)));
    expect(idsOf(withNewest(seen, pageOf(3_010, 50)))).toEqual(ids(0, 3_010));
  });

  it('keeps messages without an id, each once', () => {
    const marker = messageAt(0, { id: null, role: 'system', text: 'Reset' });
    const once = withReceived(withReceived(emptyTranscript, marker), { ...marker });
    expect(withNewest(once, { messages: [{ ...marker }], nextCursor: null }).entries).toHaveLength(1);
  });

  it('keeps the same object for an unchanged message', () => {
    const read = withNewest(emptyTranscript, pageOf(4, 9));
    expect(withNewest(read, pageOf(4, 9)).entries[2]?.message).toBe(read.entries[2]?.message);
  });

  /** What happens in a browser: messages are told (late, twice, swapped, or never), pages are asked for and come later. */
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ kind: 'say' as const }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('tell' as const), back: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'ask' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'answer' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'older' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'doubt' as const }) },
  );

  it('equals the gateway’s transcript after the next page, despite lost, repeated, reordered or late events', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.nat(12),
        fc.integer({ min: 1, max: 6 }),
        (steps, start, size) => {
          let length = start;
          let asked: ReturnType<typeof pageOf> | null = null;
          let seen: Transcript = emptyTranscript;
          for (const one of steps) {
            if (one.kind === 'say') length += 1;
            if (one.kind === 'tell' && length - one.back > 0)
              seen = withReceived(seen, messageAt(length - 1 - one.back));
            if (one.kind === 'ask') asked ??= pageOf(length, size);
            if (one.kind === 'answer' && asked !== null) {
              seen = withNewest(seen, asked);
              asked = null;
            }
            if (one.kind === 'older' && typeof seen.olderCursor === 'string')
              seen = withOlder(seen, seen.olderCursor, pageOf(length, size, Number(seen.olderCursor)));
            if (one.kind === 'doubt') seen = withAllUnconfirmed(seen);
            expect(new Set(idsOf(seen)).size).toBe(seen.entries.length);
          }
          seen = withNewest(seen, pageOf(length, size));
          const first = Number(seen.entries[0]?.id.slice(1) ?? length);
          expect(idsOf(seen)).toEqual(ids(first, length));
          // Paging on leads to the beginning, without a gap.
          while (typeof seen.olderCursor === 'string')
            seen = withOlder(seen, seen.olderCursor, pageOf(length, size, Number(seen.olderCursor)));
          expect(idsOf(seen)).toEqual(ids(0, length));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
