// Status pages, at a real Buoy: made, listed, changed, given a new link and removed.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

let fixture: CliFixture;
beforeAll(async () => {
  fixture = await startCliFixture();
  for (const name of ['web', 'db'])
    await fixture.running.call('POST', '/servers', {
      token: fixture.token,
      body: {
        ...{ name, host: '127.0.0.1', port: 1, username: 'root' },
        ...{ authType: 'password', password: 'x', tags: ['prod'] },
      },
    });
});
afterAll(() => fixture.close());
beforeEach(async () => {
  for (const { id } of JSON.parse((await pages('list', '--json')).out).statusPages)
    await pages('remove', id, '--yes');
});

const pages = (...words: string[]) => fixture.buoy(['status-pages', ...words]);
const visit = async (link: string) => fetch(link.trim().replace('/status/', '/api/status/'));

describe('status-pages', () => {
  test('create prints a link that works without a sign-in', async () => {
    const made = await pages('create', 'Assistants', '--tag', 'prod', '--names', 'numbered');
    expect(made).toMatchObject({ exit: 0, err: '', out: expect.stringMatching(/\/status\/[\w-]{43}\n$/) });
    expect(await (await visit(made.out)).json()).toMatchObject({
      ...{ title: 'Assistants', servers: [{ name: 'Server 1' }, { name: 'Server 2' }] },
    });
  });

  test('list and show print the settings and the link', async () => {
    expect((await pages('list')).err).toContain('No status pages.');
    const { out: link } = await pages('create', 'Two', 'web', 'db', '--days', '30', '--no-history');
    const shown = await pages('show', 'two');
    expect(shown.out).toMatch(/Servers: +2 chosen\nNames: +shown\nHistory: +hidden\nUntil: +20/);
    expect(shown.out).toContain(link.trim());
    expect((await pages('list')).out).toMatch(/^PAGE .*\nstp_\w+ +Two +2 chosen +shown/);
  });

  test('update keeps what is left out, and rotate ends the old link', async () => {
    const { out: link } = await pages('create', 'Prod', '--tag', 'prod', '--days', '3');
    expect((await pages('update', 'Prod', 'web', '--days', '0')).out).toMatch(
      /Servers: +1 chosen\nNames: +shown\nHistory: +shown\nUntil: +removed/,
    );
    expect((await pages('rotate', 'Prod')).exit).toBe(2);
    const rotated = await pages('rotate', 'Prod', '--yes');
    expect((await visit(link)).status).toBe(404);
    expect((await visit(rotated.out)).status).toBe(200);
  });

  test('remove asks, and ends the link', async () => {
    const { out: link } = await pages('create', 'Prod', '--tag', 'prod');
    expect((await pages('remove', 'Prod')).err).toContain('Its link stops working at once.');
    expect((await pages('remove', 'Prod', '--yes')).out).toMatch(/^Removed Prod \(stp_\w+\)\.\n$/);
    expect((await visit(link)).status).toBe(404);
  });

  test.each([
    [['create', 'x'], 'Which servers? Give their names, or --tag TAG.'],
    [['create', 'x', 'web', '--tag', 'prod'], 'SERVER and --tag do not go together.'],
    [
      ['create', 'x', '--tag', 'prod', '--names', 'none'],
      '--names takes one of shown, numbered, not "none".',
    ],
    [
      ['create', 'x', '--tag', 'prod', '--days', '4000'],
      '--days takes a whole number from 0 to 3650, not "4000".',
    ],
    [['update', 'x'], 'Nothing to change.'],
    [['update', 'x', '--history', '--no-history'], '--history and --no-history do not go together.'],
  ])('%j is refused', async (words, sentence) => {
    expect(await pages(...words)).toMatchObject({ exit: 2, err: expect.stringContaining(sentence) });
  });
});
