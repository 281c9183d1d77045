import { errorStatus } from '@buoy/contract';
import { expect, it } from 'vitest';
import { problemHeadline } from './problem-texts.ts';

it('says in Russian and German what kind of problem each code is, and leaves English to the server', () => {
  for (const code of [...Object.keys(errorStatus), 'network']) {
    expect(problemHeadline('en', code)).toBeNull();
    expect(problemHeadline('ru', code), code).toMatch(/[а-я]/);
    expect(problemHeadline('de', code), code).toMatch(/[a-z]/);
  }
});

it('says nothing about a code that it does not know', () => {
  expect(problemHeadline('de', 'toString')).toBeNull();
  expect(problemHeadline('ru', 'from_the_future')).toBeNull();
});
