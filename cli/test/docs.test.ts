// docs/cli.md as its readers type it: bash reads each line of its blocks, and the command line understands every word.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../testbed/run-command.ts';
import type { Keyboard } from '../src/terminal.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

const page = path.resolve(import.meta.dirname, '../../docs/cli.md');
const lines = [...readFileSync(page, 'utf8').matchAll(/^```\w*\n([\s\S]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.split('\n'))
  .filter((line) => /\bbuoy /.test(line));
/** Milliseconds after which Ctrl-C ends commands that watch or wait. */
const WATCHED_MS = 2_000;
const BASH_DEADLINE_MS = 30_000;

const untouchedKeyboard: Keyboard = {
  size: () => ({ columns: 80, rows: 24 }),
  onKeys: () => undefined,
  onResize: () => undefined,
  release: () => undefined,
};

let fixture: CliFixture;
beforeAll(async () => {
  fixture = await startCliFixture();
  const login = { host: '127.0.0.1', port: 1, username: 'deploy', authType: 'password', password: 'secret' };
  const { token, running } = fixture;
  await running.call('POST', '/servers', { token, body: { name: 'web', ...login } });
  mkdirSync(path.join(fixture.folder, '.ssh'));
  writeFileSync(path.join(fixture.folder, '.ssh/fleet'), 'no key');
  writeFileSync(path.join(fixture.folder, 'SOUL.md'), '# Soul\n');
  writeFileSync(path.join(fixture.folder, 'patch.json'), '{}');
  writeFileSync(
    path.join(fixture.folder, 'servers.yaml'),
    'servers: [{name: web, host: 127.0.0.1, port: 1, username: deploy, tags: [prod]}]\n',
  );
});
afterAll(() => fixture?.close());

/** The words that bash hands to `buoy` for one line of the page. */
async function wordsOf(line: string): Promise<string[]> {
  const script = `buoy() { printf '%s\\0' "$@" > words; }\n${line}\n`;
  await runCommand('bash', ['-c', `cd '${fixture.folder}'; rm -f words; ${script}`], {
    timeoutMs: BASH_DEADLINE_MS,
    env: { PATH: process.env.PATH ?? '', HOME: fixture.folder },
  });
  return readFileSync(path.join(fixture.folder, 'words'), 'utf8').split('\0').slice(0, -1);
}

describe('docs/cli.md', () => {
  test('has commands', () => {
    expect(lines.length).toBeGreaterThan(40);
  });

  test.each(lines)('%s', async (line) => {
    const words = (await wordsOf(line)).map((word) =>
      word.startsWith('./') || word === 'patch.json' ? path.join(fixture.folder, word) : word,
    );
    const { exit, err } = await fixture.buoy(words, {
      ...{ canAsk: true, isTty: true, takeKeyboard: () => untouchedKeyboard },
      ask: () => Promise.resolve('yes'),
      readStdin: () => Promise.resolve('What has changed?'),
      signal: AbortSignal.timeout(WATCHED_MS),
    });
    // It may fail, since there is no OpenClaw, but not with a usage error.
    expect(exit, err).not.toBe(2);
    expect([0, 1, 3, 130]).toContain(exit);
  });
});
