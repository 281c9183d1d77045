// Quoted words against the real shells of this machine: whatever a person types arrives as it is, and nothing runs.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLongRun } from '../../../testbed/long-run.ts';
import { quote } from './quote.ts';

const shells = ['sh', 'bash', 'dash'].filter((shell) => spawnSync(shell, ['-c', 'true']).status === 0);

const nasty = fc.constantFrom(
  ...[
    "'",
    '"',
    '\\',
    '$',
    '`',
    '!',
    '*',
    '?',
    '~',
    '#',
    '&',
    ';',
    '|',
    '<',
    '>',
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
  ],
  ...[
    '\n',
    '\r',
    '\t',
    ' ',
    '-',
    '--',
    '$(id)',
    '$HOME',
    '\\n',
    "'\\''",
    '!!',
    '\u0001',
    'é',
    '🚀',
    '\u202e',
  ],
);
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.array(fc.oneof(nasty, fc.string({ maxLength: 3 })), { maxLength: 12 }).map((parts) => parts.join('')),
);
/** What a program can get at all: no NUL; no half surrogate, which has no UTF-8. */
const argument = text.map((value) => value.replaceAll('\0', '').toWellFormed());

describe.each(shells)('quote in %s', (shell) => {
  test('any text arrives as one unchanged argument', () => {
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 40 }), (words) => {
        const script = `printf '%s\\0' ${words.map(quote).join(' ')}`;
        const { stdout } = spawnSync(shell, ['-c', script]);
        expect(stdout.toString('utf8')).toBe(words.map((word) => `${word}\0`).join(''));
      }),
      { numRuns: isLongRun ? 60 : 15 },
    );
  });

  test('any text arrives unchanged when the script comes by standard input', () => {
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 40 }), (words) => {
        const { stdout } = spawnSync(shell, [], {
          input: `set -- ${words.map(quote).join(' ')}\nprintf '%s\\0' "$@"\n`,
        });
        expect(stdout.toString('utf8')).toBe(words.map((word) => `${word}\0`).join(''));
      }),
      { numRuns: isLongRun ? 40 : 10 },
    );
  });

  test('the empty text arrives as an argument', () => {
    expect(spawnSync(shell, ['-c', `set -- ${quote('')}; echo $#`]).stdout.toString()).toBe('1\n');
  });
});

test('a NUL character is refused', () => {
  expect(() => quote('a\0b')).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});
