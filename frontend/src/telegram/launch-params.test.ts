import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLaunchParams, themeOf } from './launch-params.ts';

const fragment = (params: Record<string, string>) => `#${new URLSearchParams(params)}`;

describe('launch parameters', () => {
  it('are read from the fragment', () => {
    const hash = fragment({
      tgWebAppData: 'query_id=1&user=%7B%22id%22%3A42%2C%22language_code%22%3A%22ru%22%7D&hash=abc',
      tgWebAppVersion: '9.1',
      tgWebAppPlatform: 'ios',
      tgWebAppThemeParams: JSON.stringify({ bg_color: '#17212b', text_color: '#F5F5F5' }),
    });
    expect(parseLaunchParams(hash)).toEqual({
      initData: 'query_id=1&user=%7B%22id%22%3A42%2C%22language_code%22%3A%22ru%22%7D&hash=abc',
      version: '9.1',
      platform: 'ios',
      languageCode: 'ru',
      theme: { bg_color: '#17212b', text_color: '#F5F5F5' },
      startParam: null,
      isGame: false,
    });
  });

  it.each([
    [{ tgWebAppData: 'hash=abc', tgWebAppStartParam: 'inbox' }, 'inbox'],
    [{ tgWebAppData: 'start_param=s_srv_a1&hash=abc' }, 's_srv_a1'],
    [{ tgWebAppData: 'hash=abc' }, null],
  ])('tell what the link carried: %j', (params, startParam) => {
    expect(parseLaunchParams(fragment(params))?.startParam).toBe(startParam);
  });

  it('are read after a route in the fragment', () => {
    expect(parseLaunchParams('#/servers?tgWebAppData=x')?.initData).toBe('x');
  });

  it.each(['', '#', '#code=abc', '#tgWebAppData=', '#tgWebAppVersion=9.1'])('are absent in "%s"', (hash) => {
    expect(parseLaunchParams(hash)).toBeNull();
  });

  it.each([
    '#tgWebAppData=his&tgWebAppData=mine&tgWebAppVersion=9.1',
    '#x?tgWebAppData=his&tgWebAppData=mine',
    '#tgWebApp%44ata=his&tgWebAppData=mine',
    '#tgWebAppData=his&x=#tgWebAppData=mine',
  ])('are absent where a stranger’s come before those that Telegram adds: "%s"', (hash) => {
    expect(parseLaunchParams(hash)).toBeNull();
  });

  it.each([
    '#tgWebAppData=his&tgShareScriptUrl=tgb%3A%2F%2Fshare_game_score%3Fhash%3Dx',
    '#tgWebAppData=his&x=#tgShareScriptUrl=tgb',
    '#?tgWebAppData=his&x?tgShareScriptUrl=tgb',
  ])('tell a game, whose launch data is never Telegram’s: "%s"', (hash) => {
    expect(parseLaunchParams(hash)?.isGame).toBe(true);
  });

  it('keep initData unchanged', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (initData) => {
        expect(parseLaunchParams(fragment({ tgWebAppData: initData }))?.initData).toBe(initData);
      }),
    );
  });

  it('omit invalid colours', () => {
    for (const theme of ['{', 'null', '[]', '"#ffffff"'])
      expect(parseLaunchParams(fragment({ tgWebAppData: 'x', tgWebAppThemeParams: theme }))?.theme).toEqual(
        {},
      );
  });
});

it('accepts only colours as theme values', () => {
  expect(
    themeOf({
      bg_color: '#fff',
      text_color: 'red',
      link_color: 'url(//x)',
      Hint: '#ffffff',
      hint_color: '#a0b1c2',
    }),
  ).toEqual({ hint_color: '#a0b1c2' });
});
