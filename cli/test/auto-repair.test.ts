// Automatic repair at a real Buoy: shown, switched on and off.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

describe('auto-repair', () => {
  let fixture: CliFixture;
  beforeAll(async () => {
    fixture = await startCliFixture();
    await fixture.running.call('POST', '/servers', {
      token: fixture.token,
      body: {
        ...{ name: 'alpha', host: '127.0.0.1', port: 1, username: 'root' },
        ...{ authType: 'password', password: 'x' },
      },
    });
  });
  afterAll(() => fixture.close());

  const autoRepair = (...words: string[]) => fixture.buoy(['auto-repair', ...words]);

  test('is off until it is set, and shows who has set it and how often it may act', async () => {
    expect((await autoRepair('show', 'alpha')).out).toMatch(
      /Automatic repair: +off\nRestarts in 24 h: +0 of 2\n/,
    );
    const on = await autoRepair('set', 'alpha', '--on', '--per-day', '3');
    expect(on).toMatchObject({ exit: 0, out: expect.stringMatching(/ on\n.* 0 of 3\nSet by: /) });
    const off = await autoRepair('set', 'alpha', '--off', '--json');
    expect(JSON.parse(off.out).autoRepair).toMatchObject({ enabled: false, perDay: 3, usedToday: 0 });
  });

  test.each([
    ['neither on nor off', []],
    ['both', ['--on', '--off']],
    ['no restart a day', ['--on', '--per-day', '0']],
    ['six a day', ['--on', '--per-day', '6']],
  ])('set exits with 2 for %s', async (_, words) => {
    expect((await autoRepair('set', 'alpha', ...words)).exit).toBe(2);
  });
});
