// The commands for notification channels: what they send, print and exit with, against a scripted Buoy.
import type { EndpointKey, NotificationChannel } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Terminal } from '../src/terminal.ts';
import { at, type ScriptedAnswer, type ScriptedCall, scriptedBuoy } from './support/scripted-buoy.ts';
import { createTestCli, type TestCli } from './support/test-cli.ts';

let cli: TestCli;
beforeAll(() => {
  cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
});
afterAll(() => cli.close());

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

const chat: NotificationChannel = {
  ...{ id: 'nch_chat', type: 'telegram', label: 'On-call', target: '-1001234567890', enabled: true },
  ...{ minSeverity: 'warning', mutedTypes: ['cron_failed'], state: 'ok' },
  ...{ lastError: null, lastSentAt: at, createdAt: at },
};
const mail: NotificationChannel = {
  ...{ ...chat, id: 'nch_mail', type: 'email', label: 'anna@example.org', target: 'anna@example.org' },
  ...{ mutedTypes: [], state: 'unconfirmed', lastSentAt: null },
};
const hook: NotificationChannel = {
  ...{ ...chat, id: 'nch_hook', type: 'webhook', label: 'hooks.example', target: 'hooks.example' },
  ...{ minSeverity: 'critical', mutedTypes: [], state: 'failing', lastError: 'It answered 500.' },
};
const secretUrl = 'https://hooks.example/services/T0/very-secret';
const secret = 'whsec_c2VjcmV0';

type Answers = Partial<Record<EndpointKey, ScriptedAnswer>>;
const all: Answers = {
  'GET /me/notification-channels': {
    body: { channels: [chat, mail, hook], reachable: true, nextCursor: null },
  },
};

/** Runs `buoy notifications channels` with the words of the line. `bodies`: what was sent. */
async function channels(line: string, answers: Answers, own: Partial<Terminal> = {}) {
  const bodies: unknown[] = [];
  const { fetch, calls } = scriptedBuoy((key: EndpointKey, _calls, { body }: ScriptedCall) => {
    if (body !== undefined) bodies.push(body);
    const answer = answers[key];
    if (answer === undefined) throw new Error(`Nothing is scripted for ${key}.`);
    return answer;
  });
  const ran = await cli.buoy(['notifications', 'channels', ...line.split(' ')], {
    fetch,
    now: () => Date.parse('2026-03-01T10:05:00Z'),
    ...own,
  });
  return { ...ran, calls, bodies };
}

describe('notifications channels list', () => {
  const listed = (some: NotificationChannel[], reachable: boolean): Answers => ({
    'GET /me/notification-channels': { body: { channels: some, reachable, nextCursor: null } },
  });

  test('shows the state of each channel', async () => {
    expect(await channels('list', listed([chat, { ...mail, enabled: false }, hook], true))).toMatchObject({
      exit: 0,
      out: lines(
        'CHANNEL   TYPE      LABEL             TARGET            STATE     ALERTS    MUTED        SENT       ERROR',
        'nch_chat  telegram  On-call           -1001234567890    ok        all       cron_failed  5 min ago  -',
        'nch_mail  email     anna@example.org  anna@example.org  disabled  all       -            -          -',
        'nch_hook  webhook   hooks.example     hooks.example     failing   critical  -            5 min ago  It answered 500.',
      ),
      err: '',
    });
  });

  test('says when no notification would reach the person', async () => {
    expect((await channels('list', listed([mail], false))).err).toBe('No notification would reach you.\n');
    expect(await channels('list', listed([], false))).toMatchObject({
      ...{ exit: 0, out: '' },
      err: lines(
        'No channels. To add one, see buoy notifications channels add --help',
        'No notification would reach you.',
      ),
    });
    const { out, err } = await channels('list --json', listed([], false));
    expect([JSON.parse(out), err]).toEqual([{ channels: [], reachable: false, nextCursor: null }, '']);
  });
});

describe('notifications channels add', () => {
  const added = (channel: NotificationChannel, more: object = {}): Answers => ({
    'POST /me/notification-channels': { body: { channel, ...more } },
  });

  test('telegram sends the chat, the topic and the label', async () => {
    expect(await channels('add telegram --thread 7 --label On-call -- -1001234567890', added(chat))).toEqual({
      exit: 0,
      out: 'Added On-call (nch_chat). Test it: buoy notifications channels test nch_chat\n',
      err: '',
      calls: ['POST /me/notification-channels'],
      bodies: [{ type: 'telegram', chatId: '-1001234567890', threadId: 7, label: 'On-call' }],
    });
  });

  test('email says that a code was mailed, and how to confirm the address', async () => {
    const { out, bodies } = await channels('add email anna@example.org', added(mail));
    expect(out).toBe(
      'Added anna@example.org (nch_mail). A code was mailed to anna@example.org. Confirm the address: buoy notifications channels confirm nch_mail CODE\n',
    );
    expect(bodies).toEqual([{ type: 'email', address: 'anna@example.org' }]);
  });

  test('webhook prints the secret alone to standard output, and says that it is shown only once', async () => {
    const ran = await channels(`add webhook ${secretUrl} --template slack`, added(hook, { secret }));
    expect(ran).toMatchObject({
      exit: 0,
      out: `${secret}\n`,
      err: lines(
        'Added hooks.example (nch_hook). Test it: buoy notifications channels test nch_hook',
        'This secret is shown only once. Verify the webhook-signature header with it.',
      ),
      bodies: [{ type: 'webhook', url: secretUrl, template: 'slack' }],
    });
  });

  test('webhook without URL asks for it hidden, or reads it from standard input', async () => {
    const asked: unknown[] = [];
    const typed = await channels('add webhook', added(hook, { secret }), {
      canAsk: true,
      async ask(question, how) {
        asked.push(question, how);
        return secretUrl;
      },
    });
    expect(asked).toEqual(['URL of the webhook: ', { secret: true }]);
    const piped = await channels('add webhook', added(hook, { secret }), {
      readStdin: () => Promise.resolve(`${secretUrl}\n`),
    });
    for (const { bodies } of [typed, piped]) expect(bodies).toMatchObject([{ url: secretUrl }]);
  });

  test('webhook never prints the URL', async () => {
    const refused: Answers = {
      'POST /me/notification-channels': {
        status: 409,
        body: {
          ...{ error: 'You have this notification channel already.', code: 'duplicate', requestId: 'r' },
        },
      },
    };
    for (const answers of [added(hook, { secret }), refused])
      for (const option of ['--json', '--debug', '--label=On-call']) {
        const { out, err } = await channels(`add webhook ${secretUrl} ${option}`, answers);
        expect(out + err).not.toContain('very-secret');
      }
  });

  test.each([
    ['telegram -1001234567890', 'Arguments that begin with - go after --'],
    ['telegram --thread 0 -- -100', '--thread takes a whole number from 1 to 2147483647, not "0".'],
    [`webhook ${secretUrl} --template xml`, '--template takes one of json, slack, discord, ntfy, teams, not'],
    ['email', 'ADDRESS is missing.'],
  ])('%s exits with 2', async (line, message) => {
    const { exit, err, calls } = await channels(`add ${line}`, {});
    expect([exit, calls]).toEqual([2, []]);
    expect(err).toContain(message);
  });
});

describe('notifications channels confirm, update and remove', () => {
  test('confirm sends the code for the channel with this label', async () => {
    const { out, calls, bodies } = await channels('confirm anna 482913', {
      ...all,
      'POST /me/notification-channels/:id/confirm': { body: { channel: { ...mail, state: 'ok' } } },
    });
    expect(out).toBe('Confirmed anna@example.org (nch_mail).\n');
    expect(calls.at(-1)).toBe('POST /me/notification-channels/nch_mail/confirm');
    expect(bodies).toEqual([{ code: '482913' }]);
  });

  test('update changes only what is typed, and adds to the muted types', async () => {
    const put: Answers = { ...all, 'PUT /me/notification-channels/:id': { body: { channel: hook } } };
    const muted = await channels(
      'update nch_chat --mute disk_full --mute memory_high --unmute cron_failed',
      put,
    );
    expect(muted.bodies).toEqual([{ mutedTypes: ['disk_full', 'memory_high'] }]);
    const { bodies, out } = await channels('update nch_hook --label Hook --disable --least critical', put);
    expect(bodies).toEqual([{ label: 'Hook', enabled: false, minSeverity: 'critical' }]);
    expect(out).toBe(
      lines(
        'Channel:  nch_hook',
        'Type:     webhook',
        'Label:    hooks.example',
        'Target:   hooks.example',
        'State:    failing',
        'Alerts:   critical only',
        'Muted:    none',
      ),
    );
    expect((await channels('update nch_hook --enable', put)).bodies).toEqual([{ enabled: true }]);
  });

  test.each([
    ['', 'Nothing to change.'],
    [' --enable --disable', '--enable and --disable do not go together.'],
    [' --mute rain', '--mute takes one of gateway_down, '],
    [' --least info', '--least takes one of '],
  ])('update%s exits with 2', async (options, message) => {
    const { exit, err, calls } = await channels(`update nch_hook${options}`, {});
    expect([exit, calls]).toEqual([2, []]);
    expect(err).toContain(message);
  });

  test('remove asks first', async () => {
    const answers: Answers = { ...all, 'DELETE /me/notification-channels/:id': {} };
    expect(await channels('remove nch_hook', answers)).toMatchObject({
      exit: 2,
      err: lines(
        'buoy: Remove the webhook channel hooks.example (nch_hook)? It gets no more notifications. There is no terminal to ask on.',
        '  Add --yes to go ahead.',
      ),
    });
    expect((await channels('remove nch_hook --yes', answers)).out).toBe(
      'Removed hooks.example (nch_hook).\n',
    );
    expect(JSON.parse((await channels('remove nch_hook --yes --json', answers)).out)).toEqual({
      removed: 'nch_hook',
    });
  });

  test.each(['confirm nch_x 1', 'update nch_x --enable', 'remove nch_x', 'test nch_x'])(
    '%s names the command that lists the channels',
    async (line) => {
      const { exit, err } = await channels(line, all);
      expect([exit, err]).toEqual([
        1,
        lines(
          'buoy: There is no notification channel "nch_x" of yours.',
          '  List them: buoy notifications channels list',
        ),
      ]);
    },
  );
});

describe('notifications channels test', () => {
  const result = ({ id, type }: NotificationChannel, error: string | null) => ({
    ...{ channelId: id, type, delivered: error === null, error },
  });
  const tested = (...results: unknown[]): Answers => ({
    ...all,
    'POST /me/notification-channels/test': { body: { results } },
  });

  test('of one channel exits with 1 when it was not delivered', async () => {
    const one = (delivered: boolean, error: string | null): Answers => ({
      ...all,
      'POST /me/notification-channels/:id/test': { body: { delivered, error } },
    });
    expect(await channels('test on-call', one(true, null))).toMatchObject({
      ...{ exit: 0, out: 'Delivered to On-call (nch_chat).\n', err: '' },
    });
    expect(await channels('test nch_hook', one(false, 'It answered 500.'))).toMatchObject({
      ...{ exit: 1, out: 'Not delivered to hooks.example (nch_hook): It answered 500.\n', err: '' },
    });
  });

  test('of all channels exits with 1 when one was not delivered', async () => {
    const failed = tested(result(chat, null), result(hook, 'It answered 500.'));
    expect(await channels('test', failed)).toMatchObject({
      exit: 1,
      out: lines(
        'Delivered to On-call (nch_chat).',
        'Not delivered to hooks.example (nch_hook): It answered 500.',
      ),
    });
    expect((await channels('test --json', failed)).exit).toBe(1);
    expect((await channels('test', tested(result(chat, null)))).exit).toBe(0);
  });

  test('without an enabled channel exits with 1', async () => {
    expect(await channels('test', tested())).toMatchObject({
      ...{ exit: 1, out: '', err: 'You have no enabled channels, so no test was sent.\n' },
    });
  });
});

test('completion offers the channels of the person', async () => {
  const { fetch } = scriptedBuoy(() => all['GET /me/notification-channels'] ?? {});
  const { out } = await cli.buoy(['__complete', '--', 'notifications', 'channels', 'test', 'nch_c'], {
    fetch,
  });
  expect(out).toBe('nch_chat\ttelegram, On-call\n');
});
