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
  ])('for the wishes %j is %s', (preferred, language) => {
    const { root, storage } = device();
    expect(createLanguageChoice(root, storage, preferred).language()).toBe(language);
    expect(root.lang).toBe(language);
  });

  it('is the one that the person chose, also after a reload', () => {
    const { root, storage } = device();
    createLanguageChoice(root, storage, ['en']).choose('de');
    expect(root.lang).toBe('de');
    expect(createLanguageChoice({ lang: '' }, storage, ['en']).language()).toBe('de');
  });

  it('ignores an invalid stored value', () => {
    const { root, storage } = device({ 'buoy.language': 'klingon' });
    expect(createLanguageChoice(root, storage, ['ru']).language()).toBe('ru');
  });
});

it('uses each language’s plural forms', () => {
  const servers = { one: 'сервер', few: 'сервера', many: 'серверов', other: 'сервера' };
  expect(
    [0, 1, 2, 4, 5, 11, 14, 21, 22, 25, 111, 112, 1.5].map((count) => plural('ru', count, servers)),
  ).toEqual([
    '0 серверов',
    '1 сервер',
    '2 сервера',
    '4 сервера',
    '5 серверов',
    '11 серверов',
    '14 серверов',
    '21 сервер',
    '22 сервера',
    '25 серверов',
    '111 серверов',
    '112 серверов',
    '1,5 сервера',
  ]);
  expect(plural('en', 1234, { one: 'server', other: 'servers' })).toBe('1,234 servers');
  expect(
    [0, 1, 2, 21, 1234].map((count) => plural('de', count, { one: 'Aufgabe', other: 'Aufgaben' })),
  ).toEqual(['0 Aufgaben', '1 Aufgabe', '2 Aufgaben', '21 Aufgaben', '1.234 Aufgaben']);
});
