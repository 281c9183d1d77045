// Parsing of the command line: unknown commands and options are refused with a suggestion.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

let fixture: CliFixture;
beforeAll(async () => {
  fixture = await startCliFixture();
});
afterAll(() => fixture.close());

describe('the command line itself', () => {
  test.each([
    [['srvers', 'list'], '"srvers" is not a command', 'Did you mean: buoy servers list'],
    [['servers', 'lst'], '"servers lst" is not a command', 'Did you mean: buoy servers list'],
    [['servers', 'list', '--tga', 'x'], '--tga is not an option of buoy servers list', 'Did you mean --tag?'],
    [['servers', 'list', '--tag'], '--tag needs a value', 'See buoy servers list --help'],
    [
      ['servers', 'edit', 'web', '--name', '--odd'],
      '--name needs a value.',
      'For a value that begins with -: --name=-VALUE',
    ],
    [
      ['servers', 'show', '-xdd'],
      '-x is not an option of buoy servers show.',
      'Arguments that begin with - go after --',
    ],
    [['--json', 'srvers', 'list'], '\\"srvers\\" is not a command.', 'Did you mean: buoy servers list'],
    [['--json'], 'COMMAND is missing.', 'See buoy --help'],
    [['whoami', '--profile', ''], '--profile needs a name.', 'buoy profiles list'],
    [['servers', 'show', ''], 'Which server? The name is empty.', 'List them: buoy servers list'],
    [['servers', 'remove', ' ', '--yes'], 'Which server? The name is empty.', 'List them: buoy servers list'],
    [['tasks', 'cancel', ''], 'Which task? The id is empty.', 'List them: buoy tasks list'],
    [['servers', 'clone', 'web', 'a b'], '"a b" is not a login.', 'Write it as user@host or user@host:port'],
    [['notifications', 'set'], 'Nothing to change.', 'See buoy notifications set --help'],
    [['notifications', 'set', '--mute', 'rain'], '--mute takes one of gateway_down, ', ', not "rain".'],
    [
      ['notifications', 'set', '--quiet', 'night'],
      '--quiet takes times such as 22:00-07:00, not "night".',
      '',
    ],
    [['admin', 'audit', 'list', '--from', 'noon'], '--from takes a date or a time, not "noon".', ''],
    [['servers', 'show'], 'SERVER is missing', 'Usage: buoy servers show SERVER'],
    [['servers', 'show', 'a', 'b'], '"b" is one word too many', 'Usage: buoy servers show SERVER'],
    [
      ['servers', 'exec', 'web'],
      'COMMAND is missing',
      'Usage: buoy servers exec [OPTIONS] [SERVER] COMMAND...',
    ],
    [
      ['openclaw', 'agnts', 'list'],
      '"openclaw agnts" is not a command',
      'Did you mean: buoy openclaw agents list',
    ],
    [
      ['openclaw', 'agents', 'files', 'gte'],
      '"openclaw agents files gte" is not a command',
      'openclaw agents files get',
    ],
    [['openclaw', 'logs', 'web', '--level', 'loud'], '--level takes one of trace, debug', ''],
    [
      ['openclaw', 'cron', 'add', 'web', 'job'],
      'When should it run? Give one of --cron, --every and --at.',
      'cron add --help',
    ],
    [
      ['openclaw', 'cron', 'add', 'web', 'job', '--every', '5 minutes'],
      '--every takes a time such as 30s, 10m, 2h or 1d, not "5 minutes".',
      '',
    ],
    [['openclaw', 'usage', 'web', '--from', 'monday'], '--from takes a day such as 2026-03-01', ''],
    [['openclaw', 'exec-policy', 'set', 'web', '--allow', 'ls'], '--allow needs --agent.', ''],
    [['tasks', 'list', '--limit', '0'], '--limit takes a whole number from 1 to 200', ''],
  ])('%j exits with 2 and a suggestion', async (words, message, hint) => {
    const { exit, out, err } = await fixture.buoy(words);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain(hint);
  });

  test('common options may come before the command name, and help before or after it', async () => {
    const asked = await fixture.buoy(['servers', 'list', '--json']);
    expect(asked.exit).toBe(0);
    expect(await fixture.buoy(['--json', 'servers', 'list'])).toEqual(asked);
    expect(await fixture.buoy(['servers', '--json', '--profile', 'x', 'list'])).toEqual(asked);
    const help = await fixture.buoy(['servers', 'list', '--help']);
    expect(await fixture.buoy(['help', 'servers', 'list'])).toEqual(help);
    expect(await fixture.buoy(['--help', 'servers', 'list'])).toEqual(help);
    expect((await fixture.buoy(['help', 'servers'])).out).toMatch(/^Usage: buoy servers COMMAND/);
    for (const word of ['--version', '-V', 'version'])
      expect((await fixture.buoy([word])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('a name that looks like an option is accepted after --', async () => {
    await fixture.buoy(['servers', 'add', 'deploy@127.0.0.1:1', '--name=--odd 日本', '--password'], {
      readStdin: () => Promise.resolve('one-of-the-tests\n'),
    });
    expect((await fixture.buoy(['servers', 'remove', '--yes', '--', '--odd'])).out).toBe(
      'Removed --odd 日本.\n',
    );
  });

  test('servers exec passes options after the command to the server, -h too', async () => {
    const added = await fixture.buoy(
      ['servers', 'add', 'deploy@127.0.0.1:1', '--name', 'far', '--password', '--json'],
      { readStdin: () => Promise.resolve('one-of-the-tests\n') },
    );
    const { id } = (JSON.parse(added.out) as { server: { id: string } }).server;
    const { exit, err } = await fixture.buoy(['servers', 'exec', id, 'df', '-h']);
    expect(exit).toBe(3);
    expect(err).toContain('Request id: ');
    expect((await fixture.buoy(['servers', 'exec', '-h'])).out).toMatch(/^Run a command on a server/);
    await fixture.buoy(['servers', 'remove', id, '--yes']);
  });

  test('errors are JSON with --json', async () => {
    const { err } = await fixture.buoy(['servers', 'show', 'nowhere', '--json']);
    expect(JSON.parse(err)).toEqual({
      error: 'There is no server "nowhere" that you can see.',
      code: 'cli',
      hint: 'List them: buoy servers list',
      requestId: null,
    });
  });
});
