// Tables on narrow terminals: states, causes and the first column are never cut.
import { expect, test } from 'vitest';
import { fixedColumn, table, wrappedColumn } from './table.ts';

const head = ['TASK', 'TYPE', fixedColumn('STATUS'), wrappedColumn('WHY')];
const id = 'tsk_Vx3xLiA7HWn9zEGoWbuS';
const why = 'The gateway did not come up within two minutes, and its log ends with an error.';
const rows = [
  [id, 'openclaw.restart', 'failed', why],
  [id, 'vault.rotate', 'succeeded', ''],
];

test('a cause wraps onto further lines next to its row', () => {
  expect(table(head, rows, 84)).toBe(
    [
      'TASK                      TYPE              STATUS     WHY',
      `${id}  openclaw.restart  failed     The gateway did not come up`,
      `${' '.repeat(55)}within two minutes, and its`,
      `${' '.repeat(55)}log ends with an error.`,
      `${id}  vault.rotate      succeeded  -`,
      '',
    ].join('\n'),
  );
});

test('a cause moves below its row when there is little room next to it', () => {
  expect(table(head, rows, 60)).toBe(
    [
      'TASK                      TYPE              STATUS',
      `${id}  openclaw.restart  failed`,
      '  WHY: The gateway did not come up within two minutes, and',
      '       its log ends with an error.',
      `${id}  vault.rotate      succeeded`,
      '',
    ].join('\n'),
  );
});

test('table cuts names before states', () => {
  expect(table(head, rows, 48)).toBe(
    [
      'TASK                      TYPE         STATUS',
      `${id}  openclaw.r…  failed`,
      '  WHY: The gateway did not come up within two',
      '       minutes, and its log ends with an error.',
      `${id}  vault.rota…  succeeded`,
      '',
    ].join('\n'),
  );
});

test('table prints each row as an uncut block when states and the first column do not fit', () => {
  expect(table(head, rows, 40)).toBe(
    [
      `TASK    ${id}`,
      'TYPE    openclaw.restart',
      'STATUS  failed',
      `WHY     ${why}`,
      '',
      `TASK    ${id}`,
      'TYPE    vault.rotate',
      'STATUS  succeeded',
      'WHY     -',
      '',
    ].join('\n'),
  );
});

test('table cuts a long name slightly instead of printing blocks', () => {
  const name = 'a server with a rather long name for tests';
  expect(table(['NAME', fixedColumn('STATE')], [[name, 'up']], 40)).toBe(
    'NAME                               STATE\na server with a rather long name…  up\n',
  );
});

test('a word longer than its line is broken, also between wide characters', () => {
  expect(table(['A', wrappedColumn('WHY')], [['x', `日本${'語'.repeat(20)}`]], 30)).toBe(
    ['A  WHY', `x  日本${'語'.repeat(11)}`, `   ${'語'.repeat(9)}`, ''].join('\n'),
  );
});

test('two columns of sentences are printed below each other, and nothing is cut in a pipe', () => {
  const both = ['NAME', wrappedColumn('WHERE'), wrappedColumn('NOTE')];
  const row = ['web', 'gateway.port, agents.defaults', 'cheaper nights for everybody'];
  expect(table(both, [row], 40)).toBe(
    'NAME\nweb\n  WHERE: gateway.port, agents.defaults\n  NOTE: cheaper nights for everybody\n',
  );
  expect(table(both, [row], null)).toBe(
    [`NAME  WHERE${' '.repeat(26)}NOTE`, `web   ${row[1]}  ${row[2]}`, ''].join('\n'),
  );
});
