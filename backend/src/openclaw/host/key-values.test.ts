// What the scripts on a host say, and what becomes of words in it that other accounts chose.
import { expect, test } from 'vitest';
import { runInLocalShell } from '../testing/local-shell.ts';
import { readKeyValues } from './key-values.ts';
import { factsPreamble } from './scripts.ts';

const read = (script: string, ...args: string[]) =>
  readKeyValues(runInLocalShell(`${factsPreamble}\n${script}`, args, { env: { PATH: '/usr/bin:/bin' } }));

test.each([
  ['/srv/openclaw\nowned=yes', '/srv/openclaw'],
  ['/srv/open claw * \\n\n\nowned=yes\n', '/srv/open claw * \\n'],
  ['\nowned=yes', null],
])('a path with line breaks, %j, says nothing but itself', (path, said) => {
  const values = read('say path "$1"; say end 1', path);
  expect([values.text('path'), values.text('owned')]).toEqual([said, null]);
});

test('an answer without its end is refused', () => {
  expect(() => read('say path /srv')).toThrow('did not finish');
});
