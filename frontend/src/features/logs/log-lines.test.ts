import type { LogLevel } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { append, cutAtHits, emptyLog, filterLog, logAsText, type NewEntry } from './log-lines.ts';

const line = (
  message: string,
  level: LogLevel | null = 'info',
  subsystem: string | null = null,
): NewEntry => ({
  kind: 'line',
  at: '2026-01-01T10:00:00.000Z',
  level,
  message,
  subsystem,
});
const messages = (entries: ReturnType<typeof filterLog>) =>
  entries.map((entry) => (entry.kind === 'line' ? entry.message : entry.kind));

describe('log line buffer', () => {
  it('keeps the last lines, each with its own number', () => {
    const first = append(emptyLog, [line('one'), line('two')], 3);
    const { entries } = append(first, [line('three'), line('four')], 3);
    expect(messages(entries)).toEqual(['two', 'three', 'four']);
    expect(entries.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it('reports an unanswered gateway once, regardless of retries', () => {
    const gap = (message: string): NewEntry => ({ kind: 'gap', message });
    const first = append(emptyLog, [line('one'), gap('first try')]);
    const { entries } = append(first, [gap('second try'), gap('third try'), line('two')]);
    expect(entries).toMatchObject([
      { message: 'one' },
      { kind: 'gap', message: 'third try' },
      { message: 'two' },
    ]);
  });
});

describe('log filter', () => {
  const { entries } = append(emptyLog, [
    line('all is well'),
    line('careful', 'warn', 'gateway/ws'),
    line('from the journal', null),
    { kind: 'gap', message: 'no answer' },
    line('it broke', 'error'),
  ]);

  it('keeps lines of the level and above, and lines without a level', () => {
    expect(messages(filterLog(entries, { level: 'warn', text: '' }))).toEqual([
      'careful',
      'from the journal',
      'gap',
      'it broke',
    ]);
  });

  it('matches text and subsystem case-insensitively, and keeps gap markers', () => {
    expect(messages(filterLog(entries, { level: null, text: ' GATEWAY ' }))).toEqual(['careful', 'gap']);
  });

  it('hides nothing when empty', () => {
    expect(filterLog(entries, { level: null, text: '  ' })).toBe(entries);
  });
});

describe('log line highlighting', () => {
  it('separates matches from the rest of the line', () => {
    expect(cutAtHits('Error: an error', 'error')).toEqual([
      { text: 'Error', isHit: true },
      { text: ': an ', isHit: false },
      { text: 'error', isHit: true },
    ]);
  });

  it('marks the first fifty matches of a line that is full of them', () => {
    const parts = cutAtHits('a'.repeat(100_000), 'a');
    expect(parts.filter(({ isHit }) => isHit)).toHaveLength(50);
    expect(parts).toHaveLength(51);
  });

  it('never changes the line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 2 }), (text, wanted) => {
        expect(
          cutAtHits(text, wanted)
            .map((part) => part.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });
});

it('exports log lines as text with time, level and subsystem', () => {
  const { entries } = append(emptyLog, [
    line('careful', 'warn', 'gateway/ws'),
    { kind: 'reset' },
    line('x', null),
  ]);
  expect(logAsText(entries)).toBe(
    '2026-01-01T10:00:00.000Z WARN gateway/ws careful\n2026-01-01T10:00:00.000Z x\n',
  );
});
