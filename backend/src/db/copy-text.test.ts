// PostgreSQL's COPY text format.
import { expect, test } from 'vitest';
import { rowsInCopyText } from './copy-text.ts';

test('parses PostgreSQL COPY text into rows by table and column, with escapes decoded', () => {
  const text = [
    'SET statement_timeout = 0;',
    'COPY public.users (id, username, "firstName") FROM stdin;',
    '1\t\\N\tAda\\tL\\nLovelace \\\\N',
    '2\tgrace\t',
    '\\.',
    '',
    'COPY public.servers (id) FROM stdin;',
    '\\.',
    "SELECT 'COPY x (y) FROM stdin;' not at the start of a line",
  ].join('\n');
  expect(rowsInCopyText(text)).toEqual({
    users: [
      { id: '1', username: null, firstName: 'Ada\tL\nLovelace \\N' },
      { id: '2', username: 'grace', firstName: '' },
    ],
    servers: [],
  });
});

test('treats a COPY row that looks like a table header as a row', () => {
  const text = 'COPY public.a (text) FROM stdin;\nCOPY public.b (x) FROM stdin;\n\\.\n';
  expect(rowsInCopyText(text)).toEqual({ a: [{ text: 'COPY public.b (x) FROM stdin;' }] });
});

test('parses COPY text without rows as empty', () => {
  expect(rowsInCopyText('')).toEqual({});
});
