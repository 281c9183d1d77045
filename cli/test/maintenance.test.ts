// Maintenance at a real Buoy: started and planned for a server or a tag, listed and ended.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

describe('maintenance', () => {
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
  beforeEach(() => maintenance('end', '--tag', 'prod', '--yes'));

  const maintenance = (...words: string[]) => fixture.buoy(['maintenance', ...words]);
  const windowsOf = async (...words: string[]) =>
    JSON.parse((await maintenance('list', ...words, '--json')).out).windows;

  test('add starts it, list shows it, and end ends it', async () => {
    expect(await maintenance('list', 'alpha')).toEqual({
      ...{ exit: 0, out: '', err: 'No maintenance windows.\n' },
    });
    const added = await maintenance('add', 'alpha', '--for', '1h', '--reason', 'new disk');
    expect(added.exit).toBe(0);
    expect(added.out).toMatch(/^WINDOW .*\nmnt_\S+ +alpha +yes .* once .*new disk\n$/);
    expect((await fixture.buoy(['servers', 'list', '--state', 'maintenance', '-o', 'name'])).out).toContain(
      'alpha',
    );
    expect(await maintenance('end', 'alpha')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('End maintenance of alpha, and remove 1 maintenance window(s)?'),
    });
    expect(await maintenance('end', 'alpha', '--yes')).toEqual({
      ...{ exit: 0, out: 'Maintenance of alpha has ended.\n', err: '' },
    });
    expect(await windowsOf('alpha')).toEqual([]);
  });

  test('add plans it by tag: each week, by cron, and from one moment to another', async () => {
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const forms = [
      ['--weekly', '02:00-04:00', '--days', 'sat,sun', '--timezone', 'Europe/Berlin'],
      ['--cron', '0 3 1 * *', '--for', '2h', '--timezone', 'UTC'],
      ['--from', at(3_600_000), '--to', at(7_200_000)],
    ];
    for (const form of forms) expect((await maintenance('add', '--tag', 'prod', ...form)).exit).toBe(0);
    expect(await windowsOf('--tag', 'prod')).toHaveLength(6);
    const shown = (await maintenance('list', 'beta')).out;
    expect(shown).toContain('sat,sun 02:00-04:00 Europe/Berlin');
    expect(shown).toContain('0 3 1 * * UTC, 120 min');
    const [first] = await windowsOf('beta');
    expect(await maintenance('end', 'beta', '--window', first.id)).toMatchObject({ exit: 0 });
    expect(await windowsOf('beta')).toHaveLength(2);
    expect(await maintenance('end', 'beta', '--window', first.id)).toMatchObject({
      ...{ exit: 1, err: expect.stringContaining('There is no such maintenance window.') },
    });
  });

  test.each([
    ['no server and no tag', ['--for', '1h']],
    ['a server and a tag', ['alpha', '--tag', 'prod', '--for', '1h']],
    ['no times', ['alpha']],
    ['two forms', ['alpha', '--for', '1h', '--from', '2026-12-24', '--to', '2026-12-25']],
    ['weekly times without a zone', ['alpha', '--weekly', '02:00-04:00']],
    ['cron without minutes', ['alpha', '--cron', '0 3 * * *', '--timezone', 'UTC']],
    ['part of a minute', ['alpha', '--for', '90s']],
    ['what is no time', ['alpha', '--from', 'soon', '--to', 'later']],
  ])('add exits with 2 for %s', async (_, words) => {
    expect((await maintenance('add', ...words)).exit).toBe(2);
  });
});
