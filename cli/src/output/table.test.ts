// Tables on narrow terminals: what names a row in the next command stays whole.
import { expect, test } from 'vitest';
import { table } from './table.ts';

const head = ['TASK', 'TYPE', 'STATUS', 'WHY'];
const id = 'tsk_Vx3xLiA7HWn9zEGoWbuS';
const rows = [
  [id, 'openclaw.restart', 'failed', 'The gateway did not come up.'],
  [id, 'vault.rotate', 'succeeded', ''],
];

test('the first column gives way last', () => {
  expect(table(head, rows, 60)).toBe(
    [
      'TASK                      TYPE         STATUS     WHY',
      `${id}  openclaw.r…  failed     The gatew…`,
      `${id}  vault.rota…  succeeded  -`,
      '',
    ].join('\n'),
  );
});

test('where it cannot stand whole each row is a block, and nothing is cut', () => {
  expect(table(head, rows, 40)).toBe(
    [
      `TASK    ${id}`,
      'TYPE    openclaw.restart',
      'STATUS  failed',
      'WHY     The gateway did not come up.',
      '',
      `TASK    ${id}`,
      'TYPE    vault.rotate',
      'STATUS  succeeded',
      'WHY     -',
      '',
    ].join('\n'),
  );
});

test('a long name gives way a little, so that a table stays a table', () => {
  const name = 'a server with a rather long name for tests';
  expect(table(['NAME', 'STATE'], [[name, 'up']], 40)).toBe(
    'NAME                               STATE\na server with a rather long name…  up\n',
  );
});
