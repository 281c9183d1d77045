import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFormats } from './formats.ts';
import { languages } from './languages.ts';

const [en, ru, de] = [createFormats('en'), createFormats('ru'), createFormats('de')];
const now = Date.parse('2026-03-01T12:00:00Z');
const before = (seconds: number) => new Date(now - seconds * 1000).toISOString();

describe('an age', () => {
  it.each([
    [0, 'just now', 'только что', 'gerade eben'],
    [59, '59 sec. ago', '59 сек. назад', 'vor 59 Sek.'],
    [60, '1 min. ago', '1 мин. назад', 'vor 1 Min.'],
    [3_600, '1 hr. ago', '1 ч назад', 'vor 1 Std.'],
    [2 * 86_400, '2 days ago', '2 дн. назад', 'vor 2 Tagen'],
    [-60, 'just now', 'только что', 'gerade eben'],
  ])('of %i seconds', (seconds, english, russian, german) => {
    const plain = (text: string) => text.replaceAll('\u00a0', ' ');
    expect([en, ru, de].map((formats) => plain(formats.age(before(seconds), now)))).toEqual([
      english,
      russian,
      german,
    ]);
  });
});

it('formats a span with its largest unit, one second at least', () => {
  expect([0, 61, 7_300, 90_000].map((seconds) => en.span(before(seconds), now))).toEqual([
    '1 sec',
    '1 min',
    '2 hr',
    '1 day',
  ]);
});

it('formats a duration with its two largest units', () => {
  expect([5, 65, 3_600, 5_400, 100_000].map((seconds) => en.duration(seconds))).toEqual([
    '5 sec',
    '1 min',
    '1 hr',
    '1 hr 30 min',
    '1 day 3 hr',
  ]);
});

it('formats milliseconds as whole numbers', () => {
  expect(en.milliseconds(1234.6)).toBe('1,235 ms');
});

it('rounds an exact share down, so that 100 % means all of it', () => {
  expect([1, 0.99999, 0.5, 0].map((share) => en.exactPercent(share))).toEqual([
    '100%',
    '99.99%',
    '50%',
    '0%',
  ]);
});

it('formats sizes below 1000 of a unit', () => {
  expect([0, 1023, 1024, 1536, 10 * 1024, 1024 ** 3].map((count) => en.bytes(count))).toEqual([
    '0 byte',
    '1,023 byte',
    '1 kB',
    '1.5 kB',
    '10 kB',
    '1 GB',
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (count) => {
      expect(Number.parseFloat(en.bytes(count).replace(',', ''))).toBeLessThan(1024);
    }),
  );
});

it('formats money with as many fractions of a cent as needed', () => {
  expect([0, 0.0012, 12.345].map((dollars) => en.money(dollars))).toEqual(['$0.00', '$0.0012', '$12.35']);
});

it('converts times in a sentence to the reader’s time zone', () => {
  for (const language of languages) {
    const { localTimes, moment } = createFormats(language);
    expect(localTimes('Down since 2026-03-01T12:00:00.000Z: no answer')).toBe(
      `Down since ${moment('2026-03-01T12:00:00.000Z')}: no answer`,
    );
  }
});

it('keeps a text whose date does not exist as it is', () => {
  for (const language of languages) {
    const { localTimes, moment, timeOfDay, age, span } = createFormats(language);
    const sentence = 'The job “2026-99-99T99:99:99Z” failed';
    expect(localTimes(sentence)).toBe(sentence);
    expect([moment, timeOfDay].map((format) => format('2026-99-99T99:99:99Z'))).toEqual([
      '2026-99-99T99:99:99Z',
      '2026-99-99T99:99:99Z',
    ]);
    expect([age, span].map((format) => format('no time', now))).toEqual(['no time', 'no time']);
  }
});

it('names the days of the week', () => {
  expect([en, ru, de].map((formats) => `${formats.weekday('mon')} ${formats.weekday('sun')}`)).toEqual([
    'Mon Sun',
    'пн вс',
    'Mo So',
  ]);
});
