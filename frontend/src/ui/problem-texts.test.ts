import { errorStatus } from '@buoy/contract';
import { expect, it } from 'vitest';
import { problemHeadline } from './problem-texts.ts';

it('has a Russian and German headline for each code, and none in English', () => {
  for (const code of [...Object.keys(errorStatus), 'network']) {
    expect(problemHeadline('en', code)).toBeNull();
    expect(problemHeadline('ru', code), code).toMatch(/[а-я]/);
    expect(problemHeadline('de', code), code).toMatch(/[a-z]/);
  }
});

it('has no headline for an unknown code', () => {
  expect(problemHeadline('de', 'toString')).toBeNull();
  expect(problemHeadline('ru', 'from_the_future')).toBeNull();
});
