// Snapshot of every help text, so that a change of wording shows in review.
import { expect, test } from 'vitest';
import { commands } from '../src/commands/all.ts';
import { groups } from '../src/commands/groups.ts';
import { helpOf, helpOfAll, helpOfGroup } from '../src/help.ts';
import { table } from '../src/output/table.ts';

test('all help texts match help.txt', async () => {
  const texts = [
    helpOfAll(commands),
    ...Object.entries(groups).map(
      ([name]) =>
        `$ buoy ${name} --help\n${helpOfGroup(
          name,
          commands.filter((one) => one.name.startsWith(`${name} `)),
        )}`,
    ),
    ...commands
      .filter(({ isHidden }) => isHidden !== true)
      .map((command) => `$ buoy ${command.name} --help\n${helpOf(command)}`),
  ];
  await expect(texts.join('\n')).toMatchFileSnapshot('help.txt');
});

test('table cuts the widest column to fit the width, and marks the cut', () => {
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
