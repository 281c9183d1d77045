// Log lines from both sources become plain text.
import { expect, test } from 'vitest';
import { parseJournal, plainText } from './journal.ts';

const all = { limit: 100, sinceMs: null };

test('journal › drops colours and empty lines, and keeps the newest lines', () => {
  const stdout = 'from=journal\n\u001b[31mred\u001b[0m one\n\n\ttwo\u0007\nthree\n';
  expect(parseJournal(stdout, all)).toEqual(['red one', ' two', 'three']);
  expect(parseJournal(stdout, { limit: 1, sinceMs: null })).toEqual(['three']);
});

test("journal › reads lines of OpenClaw's own log as JSON, in both forms, from a given time", () => {
  const line = (value: object) => JSON.stringify(value);
  const stdout = [
    'from=file',
    'tail of a line that was cut"}',
    line({ time: '2026-11-25T01:00:00.000+00:00', message: 'too old' }),
    line({ time: '2026-11-25T01:15:20.206+00:00', message: 'first\nsecond', _meta: {} }),
    line({ '0': '{"subsystem":"gateway"}', '1': 'old form', time: '2026-11-25T01:15:21.000+00:00' }),
  ].join('\n');
  expect(parseJournal(stdout, { limit: 10, sinceMs: Date.parse('2026-11-25T01:10:00Z') })).toEqual([
    '2026-11-25T01:15:20.206+00:00 first',
    '2026-11-25T01:15:20.206+00:00 second',
    '2026-11-25T01:15:21.000+00:00 old form',
  ]);
});

test('journal › is an empty list without a log', () => {
  expect(parseJournal('from=none\n', all)).toEqual([]);
});

test('journal › removes links and other escape sequences', () => {
  expect(plainText('\u001b]8;;http://x\u0007link\u001b]8;;\u0007 \u001b[1;38;5;9mbold')).toBe('link bold');
});
