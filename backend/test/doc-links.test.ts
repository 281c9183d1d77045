// README.md and docs/: each link between them leads to a page and a heading that exist, and the README leads to every page.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const pages = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8');

/** Links of a page to files of the repository: the path from the root, and the heading, empty when the link has none. */
function linksOf(page: string): { file: string; anchor: string }[] {
  const prose = textOf(page).replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^\w+:/.test(target))
    .map((target) => {
      const [name = '', anchor = ''] = target.split('#');
      return { file: name === '' ? page : path.normalize(path.join(path.dirname(page), name)), anchor };
    });
}

/** Headings in the form that GitHub uses in addresses. */
function anchorsOf(page: string): Set<string> {
  return new Set(
    [...textOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('documentation links', () => {
  test.each(pages)('%s: each leads to a file and a heading that exist', (page) => {
    const broken = linksOf(page).filter(
      ({ file, anchor }) =>
        !existsSync(path.join(root, file)) ||
        (anchor !== '' && file.endsWith('.md') && !anchorsOf(file).has(anchor)),
    );
    expect(broken).toEqual([]);
  });

  test('README.md leads to every page of docs/', () => {
    const linked = new Set(linksOf('README.md').map(({ file }) => file));
    expect(pages.filter((page) => page !== 'README.md' && !linked.has(page))).toEqual([]);
  });
});
