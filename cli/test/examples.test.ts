// Every example in the help parses, and the manual pages contain the examples.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../src/commands/all.ts';
import { examples } from '../src/commands/examples.ts';
import { shellWords } from '../src/completion/shell-words.ts';
import { helpOf } from '../src/help.ts';
import { findCommand, parseArguments } from '../src/parse-arguments.ts';
import { createTestCli } from './support/test-cli.ts';

const shown = commands.filter(({ isHidden }) => isHidden !== true);

test('every command has an example in its help, and every example belongs to a command', () => {
  for (const command of shown) expect(helpOf(command), command.name).toContain('\nExamples:\n  ');
  expect(Object.keys(examples).toSorted()).toEqual(shown.map(({ name }) => name).toSorted());
});

/** The words after `buoy` in a line, up to an unquoted pipe. */
function wordsIn(line: string): string[] {
  const words = shellWords(line.replace(/^source <\(|\)$/g, ''));
  const behind = words.slice(words.indexOf('buoy') + 1);
  const end = behind.indexOf('|');
  return end === -1 ? behind : behind.slice(0, end);
}

test.each(Object.entries(examples).flatMap(([name, lines]) => lines.map((line) => [line, name])))(
  'example parses: %s',
  (line, name) => {
    const found = findCommand(commands, wordsIn(line));
    expect(found?.command.name).toBe(name);
    if (found !== null) parseArguments(found.command, found.words);
  },
);

describe('manual pages', () => {
  test('exist for each command, and roff formats them without a warning', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'buoy-man-'));
    const cli = createTestCli(null);
    try {
      const { exit, out } = await cli.buoy(['man', '--to', folder]);
      expect({ exit, out }).toEqual({ exit: 0, out: `Wrote ${shown.length + 1} pages to ${folder}.\n` });
      const files = readdirSync(folder);
      expect(files).toContain('buoy-openclaw-agents-files-put.1');
      for (const file of files) {
        const lines = readFileSync(path.join(folder, file), 'utf8').split('\n');
        expect(lines[0]).toMatch(/^\.TH "BUOY/);
        // roff drops lines that begin like a request but are not one.
        for (const line of lines) if (/^[.']/.test(line)) expect(line).toMatch(/^\.(TH|SH|TP|PP|nf|fi)\b/);
      }
      if (existsSync('/usr/bin/groff')) {
        const pages = files.map((file) => path.join(folder, file));
        expect(spawnSync('groff', ['-man', '-ww', '-z', ...pages], { encoding: 'utf8' }).stderr).toBe('');
      }
    } finally {
      rmSync(folder, { recursive: true });
      cli.close();
    }
  });

  test('show the arguments, options and examples of a command', async () => {
    const cli = createTestCli(null);
    const { out } = await cli.buoy(['man', 'servers', 'exec']);
    for (const part of ['.TH "BUOY\\-SERVERS\\-EXEC"', '\\-\\-timeout SECONDS', '.SH EXAMPLES'])
      expect(out.replace('BUOY-SERVERS-EXEC', 'BUOY\\-SERVERS\\-EXEC')).toContain(part);
    expect((await cli.buoy(['man', 'nothing'])).exit).toBe(2);
    cli.close();
  });
});
