import fc from 'fast-check';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { isCostly } from '../../ui/costly-markdown.ts';
import { Markdown } from './markdown.tsx';

/** As long as a text that is shown as Markdown may be. */
const LENGTH = 30_000;
/** Milliseconds of a processor: ordinary text of that length takes a tenth of it. */
const MAX_RENDER_MS = 5_000;
const MAX_CHECK_MS = 500;

const filledWith = (part: string): string => part.repeat(LENGTH / part.length);
const linesOf = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

/** Milliseconds of this process alone, so that a busy machine makes no difference. */
function processorMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user / 1000;
}

it.each(['> ', '1. ', '- ', '* ', '+ ', '2) ', '> 1. - ', '_a*', '**a_ ', '~a '])(
  'shows a text of nothing but %j as it is: parsed as Markdown it would hold up the page for seconds',
  (part) => {
    expect(isCostly(filledWith(part))).toBe(true);
    expect(isCostly(`an answer\n\n${filledWith(part)}`.slice(0, LENGTH))).toBe(true);
  },
);

it.each(['<?', '<!A', '<!--', '<ab:'])(
  'shows a text of nothing but %j, which never ends, as it is',
  (part) => {
    expect(isCostly(`a${filledWith(part)}`.slice(0, LENGTH))).toBe(true);
    expect(isCostly(`<div>\n${filledWith(part)}`.slice(0, LENGTH))).toBe(true);
  },
);

it.each(['!', ')', '.', ':', '&a;'])('shows an address with nothing but %j behind it as it is', (part) => {
  for (const start of ['http://a.b/', 'www.a.b/', 'www.a'])
    expect(isCostly(`${start}${filledWith(part).slice(0, LENGTH - 20)}a`)).toBe(true);
});

it.each(['*_', '*', '~_'])(
  'shows emphasis by %j within emphasis, deeper than the stack, as it is',
  (marks) => {
    const outer = marks.repeat(7_000 / marks.length);
    expect(isCostly(`${outer}a${[...outer].toReversed().join('')}`)).toBe(true);
  },
);

it.each([
  [
    'a table whose short rows are filled up',
    `${'|a'.repeat(1000)}\n${'|-'.repeat(1000)}\n${'|a\n'.repeat(1000)}`,
  ],
  ['such a table in a quote', `> ${'|a'.repeat(1000)}\n> ${'|-'.repeat(1000)}\n${'> |a\n'.repeat(1000)}`],
  ['pictures within pictures', `${'!['.repeat(3000)}a${'](b)'.repeat(3000)}`],
  ['links within links', `${'['.repeat(3000)}a${'](b)'.repeat(3000)}`],
  ['ends of links without a beginning', filledWith(']')],
  ['links to nowhere', filledWith('[a][b] ')],
  [
    'lists within lists, indented by tabs',
    linesOf(38, (line) => `${'\t'.repeat(10 * line)}${'- '.repeat(19)}a`),
  ],
  [
    'lists within lists, indented by spaces',
    linesOf(29, (line) => `${' '.repeat(38 * line)}${'- '.repeat(19)}a`),
  ],
  ['many lists within lists', filledWith(`${'- '.repeat(19)}a\n`)],
  ['a paragraph that goes on behind quotes', `${'>'.repeat(19)}a\n${filledWith('a\n')}`],
  ['headings of two lines', filledWith('a\n-\n')],
  ['links whose title never ends', `${'[a](b ('.repeat(499)}${'x'.repeat(26_000)}`],
  ['footnotes within footnotes', filledWith('[^a]: ')],
])('shows %s as they are', (_what, text) => {
  expect(isCostly(text)).toBe(true);
});

const ordinary: ReadonlyArray<[string, string]> = [
  ['lists within lists', 'one\n- two\n  - three\n    1. four\n      > - five\n'],
  ['a line across the page', `${'-'.repeat(200)}\n${'*'.repeat(200)}\n${'* '.repeat(10)}`],
  ['a page of emphasis', '**word** and _word_ '.repeat(300)],
  ['code', '```\n_a_b_c_d = *p++;\n```\n'.repeat(100)],
  ['a long text', 'A sentence of some words, and one more.\n\n'.repeat(700)],
  ['a long list of links', '- [a page](https://example.org/page) about a thing\n'.repeat(580)],
  ['a long list of tasks', '- [ ] something that is still to do\n'.repeat(800)],
  ['long lists, six deep', linesOf(700, (line) => `${'    '.repeat(line % 6)}- an item of a list`)],
  [
    'a long table',
    `| name | state | since | note |\n|---|---|---|---|\n${'| server | up | yesterday | nothing |\n'.repeat(750)}`,
  ],
  ['many tables', '| name | state |\n|---|---|\n| one | up |\n| two | down |\n\n'.repeat(350)],
  ['a page of HTML in code', `\`\`\`html\n${'<!-- a part --><p class="a">a word</p>\n\n'.repeat(400)}\`\`\``],
  [
    'XML with namespaces in code',
    `\`\`\`xml\n${'<xs:element name="a" type="xs:string"/>\n'.repeat(600)}\`\`\``,
  ],
  ['a table of contents', `${'A chapter'.padEnd(70, '.')} 12\n\n`.repeat(190)],
  ['a list of numbers in code', `\`\`\`json\n${'  [1.25, 2.5, 3.75],\n'.repeat(400)}\`\`\``],
];

it.each(ordinary)('shows %s as Markdown', (_what, text) => {
  expect(text.length).toBeLessThanOrEqual(LENGTH);
  expect(isCostly(text)).toBe(false);
});

describe('what is shown as Markdown', () => {
  const rendersQuickly = (text: string): void => {
    if (isCostly(text)) return;
    expect(processorMs(() => renderToStaticMarkup(createElement(Markdown, { text })))).toBeLessThan(
      MAX_RENDER_MS,
    );
  };

  it.each([
    ['a table of the most cells', `${'|a'.repeat(70)}\n${'|-'.repeat(70)}\n${'|a\n'.repeat(68)}`],
    ['brackets, as many as may be in one paragraph', `${'['.repeat(49)}${'[]'.repeat(420)}${']'.repeat(49)}`],
    [
      'pictures within pictures, again and again',
      `${`${'!['.repeat(40)}a${'](b)'.repeat(40)}\n\n`.repeat(70)}`,
    ],
    ['lists as deep as may be', linesOf(99, () => `${'- '.repeat(20)}a`)],
    ['lists as deep as may be, over lines', linesOf(240, (line) => `${'\t'.repeat(line % 14)}- a`)],
    ['lines behind quotes', `${'>'.repeat(29)}a\n${'word word word\n'.repeat(1_900)}`],
    ['headings of two lines', 'a\n-\n'.repeat(199)],
    ['emphasis within emphasis', `${'*_'.repeat(490)}a${'_*'.repeat(490)}`],
    ['references to one footnote', `[^a]: b\n\n${'word [^a] word\n\n'.repeat(900)}`],
  ])('is drawn in short time, with %s', (_what, text) => {
    expect(isCostly(text)).toBe(false);
    rendersQuickly(text);
  });

  const mark = fc.constantFrom(
    ...[
      '[',
      ']',
      '![',
      '](b)',
      '[^a]: ',
      '[a]: b',
      '<',
      '> ',
      '- ',
      '1. ',
      '|',
      '|-',
      '|a',
      '-',
      '=',
      '`',
      '*',
      '_',
      '~',
    ],
    ...[
      '\n',
      '\n\n',
      ' ',
      '    ',
      '\t',
      '\\',
      '&amp;',
      'a',
      '#',
      'www.a.b',
      'a@b.cd',
      'http://a.b/',
      '<div>',
      '```\n',
    ],
  );
  const shape = fc
    .array(fc.array(mark, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 })
    .map((parts) =>
      parts.map((part) => filledWith(part.join('')).slice(0, LENGTH / parts.length)).join('\n\n'),
    );

  it('is drawn in short time, whatever is repeated in it', () => {
    fc.assert(fc.property(shape, rendersQuickly), { numRuns: 40 });
  });

  it('is told from the rest in short time', () => {
    fc.assert(
      fc.property(shape, (text) => {
        expect(processorMs(() => isCostly(text))).toBeLessThan(MAX_CHECK_MS);
      }),
    );
    for (const text of [filledWith(' '), `-${filledWith(' ')}a`, filledWith('- '), filledWith('| ')])
      expect(processorMs(() => isCostly(text))).toBeLessThan(MAX_CHECK_MS);
  });
});
