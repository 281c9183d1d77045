import { createElement } from 'react';
import { expect, it } from 'vitest';
import { plainTextOf } from './plain-text.ts';

const paragraph = (...children: string[]) => createElement('p', null, ...children);

it('is what text and paragraphs say', () => {
  expect(plainTextOf(undefined)).toBe('');
  expect(plainTextOf('Gone for good.')).toBe('Gone for good.');
  expect(plainTextOf(['Agent ', 7, ' goes.'])).toBe('Agent 7 goes.');
  expect(plainTextOf([paragraph('One ', 'line.'), false, paragraph('Another.')])).toBe('One line.\nAnother.');
});

it('is none when there is more to see', () => {
  expect(plainTextOf(createElement('input'))).toBeNull();
  expect(plainTextOf([paragraph('Type the name:'), createElement('code', null, 'main')])).toBeNull();
  expect(plainTextOf(createElement('p', null, 'on ', createElement('strong', null, 'main')))).toBeNull();
  expect(plainTextOf(createElement(() => null))).toBeNull();
});
