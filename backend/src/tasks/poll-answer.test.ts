// The answer about a running command, as servers without base64 print it.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parsePoll } from './poll-answer.ts';

const MAX_BYTES = 100;
const bytes = Buffer.from(Array.from({ length: MAX_BYTES }, (_, index) => index * 2));
const printed = spawnSync('od', ['-An', '-v', '-tx1'], { input: bytes, encoding: 'utf8' }).stdout;
const answer = (body: string) => ({
  ...{ exitCode: 0, signal: null, stdout: `buoy-run alive - 900 hex\n${body}`, stderr: '' },
  ...{ truncated: false, durationMs: 1 },
});

test('reads bytes as od prints them, as many as were asked for', () => {
  const poll = parsePoll(answer(printed), MAX_BYTES);
  expect(poll).toMatchObject({ state: 'alive', exitCode: null, size: 900 });
  expect(poll.bytes.equals(bytes)).toBe(true);
});

test.each([
  ['one byte more than was asked for', `${printed} 00\n`],
  ['half a byte', printed.trimEnd().slice(0, -1)],
  ['digits apart from each other', 'a a'],
  ['what is no digit', `${printed.slice(0, 6)} x0`],
])('refuses %s', (_what, body) => {
  expect(() => parsePoll(answer(body), MAX_BYTES)).toThrow(
    expect.objectContaining({ code: 'bad_gateway' }) as Error,
  );
});
