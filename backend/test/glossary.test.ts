// The glossary has every noun by which an exported type is called, so that a new word is noticed.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const sources = execFileSync('git', ['ls-files', '*.ts', '*.tsx'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !/\.test\.tsx?$|\/testing\/|\/test\//.test(file));

/** Participles name the result of an action; these words only complete a name. */
const withoutEntry =
  /(ed|Written|Known|Overtaken|Of|In|Now|Up|Before|Off|Back|At|Use|Day|Days|Return|Exclusively|Observe|Ui|Api|App|Ssh|Cli)$/;

test('lists the head noun of every exported type', () => {
  const glossary = new Set(
    readFileSync(path.join(root, 'docs/glossary.md'), 'utf8')
      .toLowerCase()
      .match(/[a-z]+/g),
  );
  const missing = new Set<string>();
  for (const file of sources)
    for (const [, name = ''] of readFileSync(path.join(root, file), 'utf8').matchAll(
      /^export (?:type|interface|class) ([A-Z]\w*[a-z]\w*)/gm,
    )) {
      if (withoutEntry.test(name)) continue;
      const head = (/[A-Z][a-z0-9]*$/.exec(name)?.[0] ?? name).toLowerCase();
      const forms = [head, head.replace(/s$/, ''), head.replace(/ies$/, 'y'), head.replace(/es$/, '')];
      if (!forms.some((form) => glossary.has(form))) missing.add(`${name} (${file})`);
    }
  expect([...missing]).toEqual([]);
});
