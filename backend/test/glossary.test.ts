// The glossary has every noun by which an exported type is called, so that a new word is noticed; replaced words stay away.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '');
const sources = files.filter((file) => !/\.test\.tsx?$|\/testing\/|\/test\//.test(file));
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

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
    for (const [, name = ''] of textOf(file).matchAll(
      /^export (?:type|interface|class) ([A-Z]\w*[a-z]\w*)/gm,
    )) {
      if (withoutEntry.test(name)) continue;
      const head = (/[A-Z][a-z0-9]*$/.exec(name)?.[0] ?? name).toLowerCase();
      const forms = [head, head.replace(/s$/, ''), head.replace(/ies$/, 'y'), head.replace(/es$/, '')];
      if (!forms.some((form) => glossary.has(form))) missing.add(`${name} (${file})`);
    }
  expect([...missing]).toEqual([]);
});

/** Words that were replaced, as they stand in an identifier split into lower-case words, and what to say instead. */
const replaced: ReadonlyArray<readonly [words: RegExp, instead: string]> = [
  [/\b(look|looks|looking|looked)\b/, 'check, read, probe or find'],
  [/\bgo on\b/, 'continue or resume'],
  [/\blet go\b/, 'release'],
  [/\b(lives|lived) by\b/, 'applied'],
  [/\b(somebody|whoever)\b/, 'person, user or caller'],
  [/\b(taken|take|takes|took) back\b/, 'revoke'],
  [/\bhung up\b|\bhang up\b/, 'stop or close'],
];
/** Constants alone: a bound is MAX_X or MIN_X, an interval X_INTERVAL_MS. */
const replacedInConstants =
  /^(MOST|LONGEST|LARGEST|SHORTEST|LEAST|LIMIT|EVERY_MS)$|^(MOST|LONGEST|LARGEST|SHORTEST|LEAST)_|_(MAX|MOST|LIMIT|TRIES|SECONDS)$|(?<!^MAX)_EVERY_MS$/;

const wordsOf = (identifier: string): string =>
  identifier
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();

/** Declared names and keys, and all names of several words: prose has none of those. */
function identifiersOf(text: string): Set<string> {
  const declared = text.matchAll(
    /\b(?:const|let|function\*?|type|interface|class)\s+([A-Za-z]\w*)|^\s+([A-Za-z]\w*)\??:/gm,
  );
  const names = [...declared].map(([, name, key]) => name ?? key ?? '');
  return new Set([
    ...names,
    ...(text.match(/\b(?:[a-z][a-z0-9]*[A-Z]\w*|[A-Z][A-Z0-9]*_[A-Z0-9_]+)\b/g) ?? []),
  ]);
}

test('no identifier has a word that was replaced', () => {
  const found: string[] = [];
  for (const file of files.filter((one) => one !== 'backend/test/glossary.test.ts'))
    for (const identifier of identifiersOf(textOf(file)))
      for (const [words, instead] of replaced)
        if (words.test(wordsOf(identifier))) found.push(`${identifier} (${file}): ${instead}`);
  expect(found).toEqual([]);
});

test('constants of a module are named in capitals, and bounds MAX_X or MIN_X', () => {
  const found: string[] = [];
  for (const file of sources.filter((one) => /^(backend|cli|contract|frontend)\/src\//.test(one)))
    for (const [, name = '', value = ''] of textOf(file).matchAll(/^(?:export )?const (\w+) = (.*)$/gm)) {
      const isNumber =
        /^[\d_.]+( [*+] [\w.]+)*;$/.test(value) || /^[A-Z_]+_(MS|S) \* \d+;|^\d+ \* \w+;$/.test(value);
      if ((isNumber && !/^[A-Z][A-Z0-9_]*$/.test(name)) || replacedInConstants.test(name))
        found.push(`${name} (${file})`);
    }
  expect(found).toEqual([]);
});
