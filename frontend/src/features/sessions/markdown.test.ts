// A model's Markdown must be inert: no script links, no links to this app, no hidden characters.
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { Markdown } from './markdown.tsx';

const shown = (text: string): string => renderToStaticMarkup(createElement(Markdown, { text }));

it.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\u200bscript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  '/servers/srv_1/access',
  '//evil.example',
])('%s becomes no link', (address) => {
  expect(shown(`[press](${address}) <${address}> ![press](${address})`)).not.toContain('<a');
});

it('renders an external address as a link that leaves the app', () => {
  expect(shown('[press](https://example.org/x)')).toContain(
    '<a href="https://example.org/x" target="_blank" rel="noopener noreferrer nofollow">press</a>',
  );
});

it.each([
  ['a paragraph', 'pay&#x202e;&#8203;&rlm; me'],
  ['a link', '[pay&#x202e;&#8203;&rlm; me](https://example.org)'],
  ['the words for a picture', '![pay&#x202e;&#8203;&rlm; me](https://example.org/x.png "&rlm;")'],
  ['a heading', '# pay&#x202e;&#8203;&rlm; me'],
  ['a table', '| pay&#x202e;&#8203;&rlm; me |\n|---|\n| x |'],
  ['a footnote', 'x[^1]\n\n[^1]: pay&#x202e;&#8203;&rlm; me'],
])('hidden characters that are written as entities are escapes, in %s', (_where, text) => {
  const markup = shown(text);
  expect(markup).toContain('pay\\u202e\\u200b\\u200f me');
  expect(markup).not.toMatch(/[\u202e\u200b\u200f]/);
});

it('keeps an emoji joined by an entity whole', () => {
  expect(shown('&#x1f468;&zwj;&#x1f469;')).toContain('\u{1f468}\u200d\u{1f469}');
});

it('shows hidden characters as escapes, in paragraphs and code', () => {
  const markup = shown('pay\u202e\u200b me\n\n```\nrm\u202e\n```\n');
  expect(markup).toContain('pay\\u202e\\u200b me');
  expect(markup).toContain('rm\\u202e');
  expect(markup).not.toMatch(/[\u202e\u200b]/);
});
