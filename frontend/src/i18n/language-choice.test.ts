import { describe, expect, it } from 'vitest';
import { createLanguageChoice } from './language-choice.ts';
import { plural } from './texts.ts';

function device(stored: Record<string, string> = {}) {
  const kept = new Map(Object.entries(stored));
  return {
    root: { lang: '' },
    storage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    },
  };
}

describe('the language of the app', () => {
  it.each([
    [['ru'], 'ru'],
    [['de-AT', 'en-US'], 'de'],
    [['fr', 'RU-ru'], 'ru'],
    [[undefined, null, 'ja'], 'en'],
  ])('for the wishes %j is %s', (wishes, language) => {
    const { root, storage } = device();
    expect(createLanguageChoice(root, storage, wishes).language()).toBe(language);
    expect(root.lang).toBe(language);
  });

  it('is the one that the person chose, on the next visit too', () => {
    const { root, storage } = device();
    createLanguageChoice(root, storage, ['en']).choose('de');
    expect(root.lang).toBe('de');
    expect(createLanguageChoice({ lang: '' }, storage, ['en']).language()).toBe('de');
  });

  it('does not come from a stored value that is none', () => {
    const { root, storage } = device({ 'buoy.language': 'klingon' });
    expect(createLanguageChoice(root, storage, ['ru']).language()).toBe('ru');
  });
});

it('counts as each language does', () => {
  const servers = { one: 'сервер', few: 'сервера', many: 'серверов', other: 'сервера' };
  expect([1, 3, 5, 21, 112].map((count) => plural('ru', count, servers))).toEqual([
    '1 сервер',
    '3 сервера',
    '5 серверов',
    '21 сервер',
    '112 серверов',
  ]);
  expect(plural('en', 1234, { one: 'server', other: 'servers' })).toBe('1,234 servers');
  expect(plural('de', 1234, { one: 'Server', other: 'Server' })).toBe('1.234 Server');
});
