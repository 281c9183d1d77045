import { expect, test } from 'vitest';
import { clawhubEffect } from './clawhub-effect.ts';
import { skillsTexts } from './texts.ts';

const skill = { slug: '@mallory/tea', version: '6.6.6', owner: 'ann' };

test.each(['en', 'de', 'ru'] as const)(
  'the question about a skill of ClawHub names its slug, version and author (%s)',
  (language) => {
    const t = skillsTexts[language];
    const text = clawhubEffect(skill, t).join('\n');
    for (const part of ['@mallory/tea', '6.6.6', 'ann']) expect(text).toContain(part);
    expect(clawhubEffect({ ...skill, version: null, owner: null }, t).join('\n')).toContain('@mallory/tea');
  },
);

test('the question about a skill of ClawHub shows hidden characters as escapes', () => {
  const text = clawhubEffect(
    { slug: 't\u200bea', version: '1\u202e', owner: 'a\u202enn' },
    skillsTexts.en,
  ).join('\n');
  for (const part of ['t\\u200bea', '1\\u202e', 'a\\u202enn']) expect(text).toContain(part);
});
