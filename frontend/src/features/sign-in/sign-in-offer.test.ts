import { describe, expect, it } from 'vitest';
import { needsQuestion, personIn, type TelegramOffer } from './sign-in-offer.ts';

const initDataOf = (user: unknown): string =>
  new URLSearchParams({ auth_date: '1', user: JSON.stringify(user), hash: 'x' }).toString();
const launch = (isInTelegram: boolean, id: string | null): TelegramOffer => ({
  ...{ kind: 'telegram', initData: 'x', launchKey: 'k', isInTelegram },
  person: id === null ? null : { id, name: 'Anna' },
});

describe('a question before signing in', () => {
  it.each([
    ['a launch inside Telegram, the first one here', launch(true, '42'), null, null, false],
    ['a launch inside Telegram of who has signed in here last', launch(true, '42'), null, '42', false],
    ['a launch inside Telegram where somebody else has signed in last', launch(true, '42'), null, '7', true],
    ['a launch inside Telegram of nobody where somebody has signed in', launch(true, null), null, '7', true],
    ['a launch inside Telegram of who is signed in', launch(true, '42'), { id: '42' }, '7', false],
    ['a launch inside Telegram while somebody else is signed in', launch(true, '42'), { id: '7' }, '7', true],
    ['launch data in an ordinary browser', launch(false, '42'), null, '42', true],
    [
      'launch data in an ordinary browser of who is signed in',
      launch(false, '42'),
      { id: '42' },
      '42',
      false,
    ],
    ['launch data of nobody while somebody is signed in', launch(true, null), { id: '42' }, '42', true],
    ['a sign-in link', { kind: 'link' } as const, null, null, true],
  ])('%s', (_what, offer, kept, lastPersonId, isAsked) => {
    expect(needsQuestion(offer, kept, lastPersonId)).toBe(isAsked);
  });
});

describe('person named in launch data', () => {
  it('has all parts of the name', () => {
    expect(personIn(initDataOf({ id: 42, first_name: 'Anna', last_name: 'Kern', username: 'anna' }))).toEqual(
      {
        id: '42',
        name: 'Anna Kern (@anna)',
      },
    );
    expect(personIn(initDataOf({ id: 42 }))).toEqual({ id: '42', name: '42' });
  });

  it('is shown without hidden and reordering characters', () => {
    expect(personIn(initDataOf({ id: 42, first_name: 'An\u202ena\u200b\n\x1b[2J' }))?.name).toBe('Anna [2J');
  });

  it('is null for invalid data', () => {
    for (const initData of [
      '',
      'x',
      'user=1',
      'user=%7B',
      'user=null',
      initDataOf({ id: '../x' }),
      initDataOf([]),
    ])
      expect(personIn(initData), initData).toBeNull();
  });
});
