// Clones, invites, devices, tokens and notifications, against a real Buoy.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { SUPER_ID } from '../../backend/test/support/test-buoy.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

let fixture: CliFixture;
beforeAll(async () => {
  fixture = await startCliFixture();
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.environment.BUOY_TOKEN = fixture.token;
});

const out = async (...words: string[]): Promise<string> => {
  const ran = await fixture.buoy(words);
  expect(`${ran.exit} ${ran.err}`).toBe('0 ');
  return ran.out;
};
const json = async <T>(...words: string[]): Promise<T> => JSON.parse(await out(...words, '--json')) as T;
/** Nothing listens on port 1 of this machine. */
const addServer = async (name: string): Promise<string> => {
  const added = await fixture.buoy(
    ['servers', 'add', 'deploy@127.0.0.1:1', '--name', name, '--tag', 'test', '--password', '--json'],
    { readStdin: () => Promise.resolve('one-of-the-tests\n') },
  );
  return (JSON.parse(added.out) as { server: { id: string } }).server.id;
};

test('servers clone takes a new password and copies the other fields', async () => {
  const id = await addServer('first');
  const clone = (...words: string[]) =>
    fixture.buoy(['servers', 'clone', 'first', ...words, '--password'], {
      readStdin: () => Promise.resolve('another-of-the-tests\n'),
    });
  const { out: answer } = await clone('127.0.0.2', '--name', 'second', '--json');
  expect(JSON.parse(answer).server).toMatchObject({
    name: 'second',
    host: '127.0.0.2',
    port: 1,
    username: 'deploy',
    tags: ['test'],
  });
  const third = await clone('root@127.0.0.3:2200', '--tag', '');
  expect(third.out).toMatch(
    /^Added 127\.0\.0\.3 \((srv_\w+)\), like first\. Test it: buoy servers test \1\n$/,
  );
  expect(await json('servers', 'show', '127.0.0.3')).toMatchObject({
    server: { port: 2200, username: 'root', tags: [] },
  });
  for (const name of [id, 'second', '127.0.0.3']) await out('servers', 'remove', name, '--yes');
});

test('an invite is created, listed and revoked; another is accepted by pasting its link', async () => {
  const id = await addServer('shared');
  const invite = async () => (await fixture.buoy(['access', 'invite', id, 'viewer'])).out.trim();
  const link = await invite();
  const { invites } = await json<{ invites: Array<{ id: string }> }>('access', 'invites', 'list', 'shared');
  const [first] = invites;
  expect(invites).toHaveLength(1);
  const list = await out('access', 'invites', 'list', id);
  expect(list).toMatch(
    new RegExp(`^INVITE +ROLE +MADE BY +MADE +UNTIL\n${first?.id} +viewer +User ${SUPER_ID} launch \\d+ `),
  );
  expect(await out('access', 'invites', 'revoke', id, String(first?.id), '--yes')).toBe(
    `Revoked ${first?.id}.\n`,
  );
  expect((await fixture.buoy(['access', 'invites', 'list', id])).err).toBe('No invites.\n');
  expect((await fixture.buoy(['access', 'invites', 'revoke', id, String(first?.id), '--yes'])).err).toBe(
    `buoy: There is no invite "${first?.id}" to shared.\n  List them: buoy access invites list ${id}\n`,
  );

  const next = await invite();
  fixture.environment.BUOY_TOKEN = await fixture.running.signIn(777);
  const accept = (typed: string) =>
    fixture.buoy(['access', 'accept'], { readStdin: () => Promise.resolve(typed) });
  const dead = await accept(link);
  expect(dead.exit).toBe(1);
  expect(dead.err).toMatch(
    /^buoy: This invite is not valid: it was used, was revoked, has expired or never existed\.\n/,
  );
  expect(await accept(`${next}\n`)).toEqual({
    exit: 0,
    out: `You are now viewer of shared (${id}).\n`,
    err: '',
  });
  expect((await accept('')).err).toBe(
    'buoy: Invite link is missing.\n  Type it when asked, or give it on standard input.\n',
  );

  fixture.environment.BUOY_TOKEN = fixture.token;
  expect(await out('access', 'change', id, 'user 777', 'admin', '--yes')).toMatch(
    /^User 777 .* \(777\) is now admin of shared\.\n$/,
  );
  expect((await fixture.buoy(['access', 'revoke', id, 'nobody', '--yes'])).err).toBe(
    `buoy: There is no member "nobody" of shared.\n  List them: buoy access list ${id}\n`,
  );
  const transfer = await fixture.buoy(['access', 'transfer', id, '777', '--yes']);
  expect(transfer).toMatchObject({ exit: 0, err: '' });
  expect(transfer.out).toMatch(/^User 777 .* \(777\) now owns shared\.\n$/);
  await out('servers', 'remove', id, '--yes');
});

test('devices approve shows where the request comes from; list and revoke see the new device', async () => {
  const deviceLogin = (
    await fixture.running.call('POST', '/auth/device', {
      headers: { 'user-agent': 'buoy-of-the-tests' },
    })
  ).json<{ userCode: string; deviceCode: string }>();
  const questions: string[] = [];
  const approved = await fixture.buoy(['devices', 'approve', deviceLogin.userCode], {
    canAsk: true,
    async ask(question) {
      questions.push(question);
      return 'y';
    },
  });
  expect(questions).toEqual([
    expect.stringMatching(
      /^Let buoy-of-the-tests at [\d.:a-f]+, which asked \d+ s ago, sign in as you\? It can then do everything you can\. \[y\/N\] $/,
    ),
  ]);
  expect(approved.out).toMatch(/^buoy-of-the-tests at [\d.:a-f]+ is signed in as you\.\n$/);
  const { statusCode } = await fixture.running.call('POST', '/auth/device/token', {
    body: { deviceCode: deviceLogin.deviceCode },
  });
  expect(statusCode).toBe(200);
  const { sessions } = await json<{ sessions: Array<{ id: string; kind: string; current: boolean }> }>(
    'devices',
    'list',
  );
  const terminal = sessions.find(({ kind }) => kind === 'device');
  expect(await out('devices', 'list')).toMatch(
    new RegExp(`^DEVICE +KIND +THIS ONE +USED +SINCE +IP +PROGRAM\n[^]*^${terminal?.id} +terminal +- `, 'm'),
  );
  expect((await fixture.buoy(['devices', 'revoke', String(terminal?.id)])).exit).toBe(2);
  expect(await out('devices', 'revoke', String(terminal?.id), '--yes')).toMatch(
    new RegExp(`^Signed out the terminal \\(${terminal?.id}, .+\\)\\.\n$`),
  );
  expect((await fixture.buoy(['devices', 'revoke', String(terminal?.id), '--yes'])).err).toBe(
    `buoy: There is no device "${terminal?.id}" where you are signed in.\n  List them: buoy devices list\n`,
  );
});

test('tokens revoke takes a name, unless two tokens have it', async () => {
  const make = () => fixture.buoy(['tokens', 'create', 'twin']);
  await make();
  await make();
  const { exit, err } = await fixture.buoy(['tokens', 'revoke', 'twin', '--yes']);
  expect(exit).toBe(1);
  expect(err).toMatch(
    /^buoy: "twin" matches several tokens: twin \(tok_\w+\), twin \(tok_\w+\)\.\n {2}Give the id\.\n$/,
  );
  const { tokens } = await json<{ tokens: Array<{ id: string }> }>('tokens', 'list');
  for (const { id } of tokens) expect(await out('tokens', 'revoke', id, '--yes')).toBe('Revoked twin.\n');
  expect((await fixture.buoy(['tokens', 'list'])).err).toBe(
    'No tokens. Create one: buoy tokens create NAME --scope SCOPE\n',
  );
});

test('notifications set changes only the named settings', async () => {
  const set = (...words: string[]) => out('notifications', 'set', ...words);
  expect(await set('--mute', 'disk_full', '--mute', 'cron_failed', '--least', 'critical')).toContain(
    'Alerts:      critical only\nMuted:       disk_full, cron_failed\nQuiet:       never\n',
  );
  expect(
    await set('--unmute', 'disk_full', '--quiet', '22:00-07:00', '--timezone', 'Europe/Berlin'),
  ).toContain('Muted:       cron_failed\nQuiet:       22:00 to 07:00 Europe/Berlin\n');
  expect(await set('--critical-when-quiet', 'yes')).toContain(
    'When quiet:  critical alerts are still sent\n',
  );
  expect(await set('--no-quiet', '--unmute', 'cron_failed', '--least', 'warning')).toBe(
    [
      'Alerts:      critical and warnings',
      'Muted:       none',
      'Quiet:       never',
      'When quiet:  critical alerts are still sent',
      'Reminders:   until somebody takes care',
      'Told:        at once',
      'Now:         critical alerts and warnings would be sent',
      '',
    ].join('\n'),
  );
  expect(await set('--reminders', 'no', '--escalation-only', 'yes')).toContain(
    'Reminders:   none\nTold:        only of what nobody takes care of within 30 minutes\n',
  );
  expect(await set('--reminders', 'yes')).toContain('Reminders:   until somebody takes care\n');
  expect(await json('notifications', 'show')).toMatchObject({
    notificationPrefs: {
      reminders: true,
      escalationOnly: true,
      mutedTypes: [],
      quietHours: { enabled: false, start: '22:00' },
    },
    now: { critical: true, warning: true, quietUntil: null },
  });
});

test('tasks output prints the output of a task, and fails for an unknown task', async () => {
  const ran = await fixture.buoy(['admin', 'rotate-vault']);
  expect({ exit: ran.exit, out: ran.out }).toEqual({ exit: 0, out: 'vault.rotate succeeded.\n' });
  const { tasks } = await json<{ tasks: Array<{ id: string }> }>('tasks', 'list');
  const id = String(tasks[0]?.id);
  expect(await fixture.buoy(['tasks', 'output', id])).toEqual({
    exit: 0,
    out: '',
    err: 'The task has printed nothing.\n',
  });
  expect(await json('tasks', 'output', id)).toEqual({ output: { text: '', complete: true } });
  for (const verb of ['show', 'watch', 'cancel', 'retry', 'output'])
    expect(await fixture.buoy(['tasks', verb, 'tsk_none'])).toEqual({
      exit: 1,
      out: '',
      err: 'buoy: There is no such task.\n  List them: buoy tasks list\n',
    });
});

test('a command blocked by a running task names it, and how to follow or stop it', async () => {
  const id = await addServer('busy');
  const { task } = await json<{ task: { id: string } }>('openclaw', 'restart', id, '--no-wait');
  const { exit, err } = await fixture.buoy(['openclaw', 'restart', id]);
  expect(exit).toBe(1);
  expect(err).toContain(
    `  Follow it: buoy tasks watch ${task.id}; or stop it: buoy tasks cancel ${task.id}\n`,
  );
  expect((await fixture.buoy(['tasks', 'list'])).out).toMatch(
    new RegExp(`^${task.id} +openclaw\\.restart +\\w+ +busy `, 'm'),
  );
  await fixture.buoy(['tasks', 'cancel', task.id]);
  await fixture.buoy(['servers', 'remove', id, '--yes']);
});

test('audit export writes JSON lines, to a file readable only by its owner', async () => {
  const text = await out('admin', 'audit', 'export', '--action', 'POST /me/tokens');
  const entries = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { action: string });
  expect(entries.length).toBeGreaterThan(0);
  expect(entries.every(({ action }) => action === 'POST /me/tokens')).toBe(true);
  const file = path.join(fixture.folder, 'audit.jsonl');
  const words = ['admin', 'audit', 'export', '--action', 'POST /me/tokens', '--to-file', file];
  expect(await out(...words)).toBe(`Wrote ${file}.\n`);
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await fixture.buoy(words)).err).toBe(
    `buoy: ${file} already exists.\n  Give another name: --to-file PATH\n`,
  );
  expect((await fixture.buoy(['admin', 'backups', 'download', 'none.gz', '--to', `${file}.gz`])).err).toBe(
    'buoy: There is no such backup.\n  List them: buoy admin backups list\n',
  );
});
