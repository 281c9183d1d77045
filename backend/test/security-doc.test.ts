// docs/security.md names the tests that prove its statements: each test must exist, or the statement has no proof.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(path.join(root, 'docs/security.md'), 'utf8');
const proofs = [...page.matchAll(/^\d+\. `([^`]+)` › (.+)$/gm)].map(([, file = '', words = '']) => ({
  file,
  words,
}));

test.each(proofs)('$file has "$words"', ({ file, words }) => {
  expect(existsSync(path.join(root, file))).toBe(true);
  const text = readFileSync(path.join(root, file), 'utf8').replaceAll("\\'", "'");
  expect(text.includes(words)).toBe(true);
});

test('each statement of the table has a proof, and each proof a statement', () => {
  const used = [...page.matchAll(/\[(\d+)\]\(#proofs\)/g)].map(([, number]) => Number(number));
  expect([...new Set(used)].sort((one, other) => one - other)).toEqual(proofs.map((_, index) => index + 1));
  const cells = page.split('\n').filter((line) => line.startsWith('| a') || line.startsWith('| some'));
  expect(cells.length).toBeGreaterThanOrEqual(12);
  for (const line of cells.filter((one) => one.includes('#proofs')))
    for (const statement of line.split(' | ').slice(2).join('; ').split('; '))
      expect(statement).toContain('](#proofs)');
});
