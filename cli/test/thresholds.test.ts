// Thresholds at a real Buoy: shown and set for a server or a tag.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

describe('thresholds', () => {
  let fixture: CliFixture;
  beforeAll(async () => {
    fixture = await startCliFixture();
    for (const name of ['alpha', 'beta'])
      await fixture.running.call('POST', '/servers', {
        token: fixture.token,
        body: {
          ...{ name, host: '127.0.0.1', port: 1, username: 'root', tags: ['prod'] },
          ...{ authType: 'password', password: 'x' },
        },
      });
  });
  afterAll(() => fixture.close());

  const thresholds = (...words: string[]) => fixture.buoy(['thresholds', ...words]);
  const lineOf = async (option: string, ...words: string[]) =>
    (await thresholds('show', ...words)).out.split('\n').find((line) => line.startsWith(`${option} `));

  test('show has every value, and where it comes from', async () => {
    const { exit, out } = await thresholds('show', 'alpha');
    expect([exit, out.split('\n').length]).toEqual([0, 11]);
    expect(out).toMatch(/^THRESHOLD +VALUE +FROM\n/);
    expect(await lineOf('disk-warn', 'alpha')).toMatch(/^disk-warn +85 % +default$/);
    expect(await lineOf('clock-skew', 'alpha')).toMatch(/ 1m +default$/);
    expect(await lineOf('expiry-warn', 'alpha')).toMatch(/ 14d +default$/);
  });

  test('set changes what is typed, by tag and for a server, and inherits again', async () => {
    const byTag = await thresholds('set', '--tag', 'prod', '--disk-warn', '72.5%', '--cron-late', '30m');
    expect(byTag).toMatchObject({ exit: 0, out: expect.stringMatching(/^Servers: 2\n/) });
    expect(await lineOf('disk-warn', 'beta')).toMatch(/ 72\.5 % +tag prod$/);
    expect(await lineOf('cron-late', '--tag', 'prod')).toMatch(/ 30m +this tag$/);
    await thresholds('set', 'beta', '--disk-warn', '60 %', '--expiry-warn', '30d');
    expect(await lineOf('disk-warn', 'beta')).toMatch(/ 60 % +this server$/);
    expect(await lineOf('disk-warn', 'alpha')).toMatch(/ 72\.5 % +tag prod$/);
    await thresholds('set', 'beta', '--disk-warn', 'inherit');
    expect(await lineOf('disk-warn', 'beta')).toMatch(/ 72\.5 % +tag prod$/);
    const { out } = await thresholds('show', 'beta', '--json');
    expect(JSON.parse(out).thresholds.expiryDays).toMatchObject({ set: 30, from: 'server' });
  });

  test('set exits with 1 and the words of Buoy for a warning behind its critical value', async () => {
    expect(await thresholds('set', 'alpha', '--disk-warn', '97%')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('diskWarnShare (0.97) must be below diskCriticalShare (0.95)'),
    });
  });

  test.each([
    ['no server and no tag', ['--disk-warn', '80%']],
    ['a server and a tag', ['alpha', '--tag', 'prod', '--disk-warn', '80%']],
    ['nothing to change', ['alpha']],
    ['what is no percentage', ['alpha', '--disk-warn', 'much']],
    ['what is no time', ['alpha', '--clock-skew', '60']],
  ])('set exits with 2 for %s', async (_, words) => {
    expect((await thresholds('set', ...words)).exit).toBe(2);
  });
});
