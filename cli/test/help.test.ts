// Every help text and completion as a person reads it: a change of words is seen in review.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commands } from '../src/commands/all.ts';
import { groups } from '../src/commands/groups.ts';
import { helpOf, helpOfAll, helpOfGroup } from '../src/help.ts';
import { table } from '../src/output/table.ts';
import { run } from '../src/run.ts';
import { systemTerminal } from '../src/terminal.ts';

test('the help texts', async () => {
  const texts = [
    helpOfAll(commands),
    ...Object.entries(groups).map(
      ([name]) =>
        `$ buoy ${name} --help\n${helpOfGroup(
          name,
          commands.filter((one) => one.name.startsWith(`${name} `)),
        )}`,
    ),
    ...commands.map((command) => `$ buoy ${command.name} --help\n${helpOf(command)}`),
  ];
  await expect(texts.join('\n')).toMatchFileSnapshot('help.txt');
});

test('bash takes the completion', async () => {
  let script = '';
  await run(['completion', 'bash'], {
    ...systemTerminal(),
    out: (text) => {
      script += text;
    },
  });
  const complete = (line: string) =>
    execFileSync(
      'bash',
      [
        '-c',
        `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _buoy; echo "\${COMPREPLY[*]}"`,
      ],
      { encoding: 'utf8' },
    ).trim();
  expect(complete('buoy ser')).toBe('servers');
  expect(complete('buoy servers re')).toBe('remove');
  expect(complete('buoy servers list --w')).toBe('--watch');
  expect(complete('buoy alerts s')).toBe('snooze');
  expect(complete('buoy alerts list --u')).toBe('--unread');
  expect(complete('buoy openclaw agents fi')).toBe('files');
  expect(complete('buoy openclaw agents files g')).toBe('get');
  expect(complete('buoy openclaw agents files put web main --ha')).toBe('--hash');
});

test('a table fits the width: the widest column gives way and shows it', () => {
  const rows = [
    ['web', 'up', 'a very long reason that does not fit'],
    ['поддержка', 'down', '日本語の理由'],
  ];
  const text = table(['NAME', 'STATE', 'WHY'], rows, 32);
  expect(text).toBe(
    ['NAME       STATE  WHY', 'web        up     a very long r…', 'поддержка  down   日本語の理由', ''].join(
      '\n',
    ),
  );
  expect(table(['A'], [['\x1b[2Jgone']], null)).toBe('A\ngone\n');
});
