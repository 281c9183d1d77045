import { expect, it } from 'vitest';
import { isCostly } from './costly-markdown.ts';

/** As long as a text that is shown as Markdown may be. */
const LENGTH = 30_000;
const filledWith = (part: string): string => part.repeat(LENGTH / part.length);

it.each(['> ', '1. ', '- ', '* ', '+ ', '2) ', '> 1. - ', '_a*', '**a_ ', '~a '])(
  'shows a text of nothing but %j as it is: parsed as Markdown it would hold up the page for seconds',
  (part) => {
    expect(isCostly(filledWith(part))).toBe(true);
    expect(isCostly(`an answer\n\n${filledWith(part)}`)).toBe(true);
  },
);

it.each(['*_', '*', '~_'])(
  'shows emphasis by %j within emphasis, deeper than the stack, as it is',
  (marks) => {
    const outer = marks.repeat(7_000 / marks.length);
    expect(isCostly(`${outer}a${[...outer].toReversed().join('')}`)).toBe(true);
  },
);

it.each([
  ['lists within lists', 'one\n- two\n  - three\n    1. four\n      > - five\n'],
  ['a line across the page', `${'-'.repeat(200)}\n${'*'.repeat(200)}\n${'* '.repeat(10)}`],
  ['a page of emphasis', '**word** and _word_ '.repeat(300)],
  ['code', '```\n_a_b_c_d = *p++;\n```\n'.repeat(100)],
])('shows %s as Markdown', (_what, text) => {
  expect(isCostly(text)).toBe(false);
});
