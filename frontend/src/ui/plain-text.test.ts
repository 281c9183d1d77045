import { createElement } from 'react';
import { expect, it } from 'vitest';
import { plainTextOf } from './plain-text.ts';

const paragraph = (...children: string[]) => createElement('p', null, ...children);

it('returns the text of texts and paragraphs', () => {
  expect(plainTextOf(undefined)).toBe('');
  expect(plainTextOf('Gone for good.')).toBe('Gone for good.');
  expect(plainTextOf(['Agent ', 7, ' goes.'])).toBe('Agent 7 goes.');
  expect(plainTextOf([paragraph('One ', 'line.'), false, paragraph('Another.')])).toBe('One line.\nAnother.');
});

it('returns null for other content', () => {
  expect(plainTextOf(createElement('input'))).toBeNull();
  expect(plainTextOf([paragraph('Type the name:'), createElement('code', null, 'main')])).toBeNull();
  expect(plainTextOf(createElement('p', null, 'on ', createElement('strong', null, 'main')))).toBeNull();
  expect(plainTextOf(createElement(() => null))).toBeNull();
});
