import { expect, test } from 'vitest';
import { installerEffect } from './installer-effect.ts';
import { skillsTexts } from './texts.ts';

/** OpenClaw names the package of npm by itself; the programs, and all other labels, are the skill's own words. */
const way = { installId: 'node-0', kind: 'node', label: 'Install not-ripgrep (npm)', bins: ['rg'] };

test.each(['en', 'de', 'ru'] as const)(
  'the question about an installer names it, and tells that the programs are the word of the skill (%s)',
  (language) => {
    const t = skillsTexts[language];
    const text = installerEffect(way, t);
    expect(text).toContain('Install not-ripgrep (npm)');
    expect(text).toContain(t.installerSays('rg'));
    expect(installerEffect({ ...way, bins: [] }, t)).not.toContain('rg');
  },
);

test('the question about an installer shows hidden characters of its name as escapes', () => {
  const text = installerEffect({ ...way, label: 'Install \u202erg', bins: ['r\u200bg'] }, skillsTexts.en);
  expect(text).toContain('Install \\u202erg');
  expect(text).toContain('r\\u200bg');
});
