// docs/cli.md as its readers type it: bash reads each line of its blocks, and the command line understands every word.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../testbed/run-command.ts';
import type { Keyboard } from '../src/terminal.ts';
import { type CliGround, startCliGround } from './support/cli-ground.ts';

const page = path.resolve(import.meta.dirname, '../../docs/cli.md');
const lines = [...readFileSync(page, 'utf8').matchAll(/^```\w*\n([\s\S]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.split('\n'))
  .filter((line) => /\bbuoy /.test(line));
/** Milliseconds after which what watches or waits is ended by Ctrl-C. */
const WATCHED_MS = 2_000;
const BASH_DEADLINE_MS = 30_000;

const untouchedKeyboard: Keyboard = {
  size: () => ({ columns: 80, rows: 24 }),
  onKeys: () => undefined,
  onResize: () => undefined,
  release: () => undefined,
};

let ground: CliGround;
beforeAll(async () => {
  ground = await startCliGround();
  const login = { host: '127.0.0.1', port: 1, username: 'deploy', authType: 'password', password: 'secret' };
  const { token, running } = ground;
  await running.call('POST', '/servers', { token, body: { name: 'web', ...login } });
  mkdirSync(path.join(ground.folder, '.ssh'));
  writeFileSync(path.join(ground.folder, '.ssh/fleet'), 'no key');
  writeFileSync(path.join(ground.folder, 'SOUL.md'), '# Soul\n');
  writeFileSync(path.join(ground.folder, 'patch.json'), '{}');
});
afterAll(() => ground?.close());

/** The words that bash hands to `buoy` for one line of the page. */
async function wordsOf(line: string): Promise<string[]> {
  const script = `buoy() { printf '%s\\0' "$@" > words; }\n${line}\n`;
  await runCommand('bash', ['-c', `cd '${ground.folder}'; rm -f words; ${script}`], {
    timeoutMs: BASH_DEADLINE_MS,
    env: { PATH: process.env.PATH ?? '', HOME: ground.folder },
  });
  return readFileSync(path.join(ground.folder, 'words'), 'utf8').split('\0').slice(0, -1);
}

describe('docs/cli.md', () => {
  test('has commands', () => {
    expect(lines.length).toBeGreaterThan(40);
  });

  test.each(lines)('%s', async (line) => {
    const words = (await wordsOf(line)).map((word) =>
      word.startsWith('./') || word === 'patch.json' ? path.join(ground.folder, word) : word,
    );
    const { exit, err } = await ground.buoy(words, {
      ...{ canAsk: true, isTty: true, takeKeyboard: () => untouchedKeyboard },
      ask: () => Promise.resolve('yes'),
      readStdin: () => Promise.resolve('What has changed?'),
      signal: AbortSignal.timeout(WATCHED_MS),
    });
    // It may be refused, since no OpenClaw is there; it may not be misunderstood.
    expect(exit, err).not.toBe(2);
    expect([0, 1, 3, 130]).toContain(exit);
  });
});
