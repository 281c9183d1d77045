// What a terminal gets of the words of others.
import { afterEach, expect, test, vi } from 'vitest';
import { printErrorLine, printLine } from './print-line.ts';

afterEach(() => void vi.restoreAllMocks());

test.each([
  ['stdout', printLine],
  ['stderr', printErrorLine],
] as const)('a line on %s is one line, with marks for what a terminal acts on or hides', (stream, print) => {
  const written = vi.spyOn(process[stream], 'write').mockReturnValue(true);
  print('naïve 名前\tx \u001b[2J\u009b1m\u202e');
  print('one\r\ntwo\nthree\rfour\u2028five');
  expect(written.mock.calls.map(([text]) => text)).toEqual([
    'naïve 名前\tx ␛[2J\\u009b1m\\u202e\n',
    'one␊two␊three␍four\\u2028five\n',
  ]);
});
