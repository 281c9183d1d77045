// What the bot sends and changes, and what its refusals mean, through a server that speaks the Bot API.
import { Api } from 'grammy/web';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeBotApiServer, startFakeBotApiServer } from '../../../../testbed/fake-bot-api-server.ts';
import type { Notification, Sender } from '../sender.ts';
import { notificationOfAlert, toldAlert } from '../testing/notifications.ts';
import { createTelegramSender } from './telegram.ts';

const TOKEN = '123456:ABC-def_1234567890';
let bot: FakeBotApiServer;
let send: Sender<'telegram'>;
beforeAll(async () => {
  bot = await startFakeBotApiServer();
  send = createTelegramSender({
    api: new Api(TOKEN, { apiRoot: bot.url }),
    appUrl: 'https://buoy.example.org',
  });
});
afterAll(() => bot.stop());
beforeEach(() => void bot.calls.splice(0));

const to = (notification: Notification, threadId: number | null = null) =>
  send({ type: 'telegram', chatId: '-1001', threadId }, notification, {
    enteredBy: 'ada',
    signal: new AbortController().signal,
  });
const methods = () => bot.calls.map(({ method }) => method);
const over = toldAlert({ status: 'resolved', resolvedAt: '2026-03-01T10:05:00.000Z' });

describe('the bot', () => {
  test('sends an alert into its topic with buttons to act and to open the server, and changes that message later', async () => {
    const sent = await to(notificationOfAlert(), 7);
    expect(bot.calls[0]?.params).toMatchObject({
      ...{ chat_id: '-1001', message_thread_id: 7, parse_mode: 'HTML' },
      reply_markup: {
        inline_keyboard: [
          [
            { text: 'Repair', callback_data: 'repair:srv_1' },
            { text: 'Ack', callback_data: 'ack:alr_1' },
            { text: 'Snooze 1 h', callback_data: 'snooze:alr_1' },
          ],
          [{ text: 'Open', url: 'https://buoy.example.org/servers/srv_1' }],
        ],
      },
    });
    const message = sent.outcome === 'sent' ? (sent.message ?? null) : null;
    const resolved = notificationOfAlert({ kind: 'resolved', alerts: [over], message });
    expect(await to(resolved, 7)).toEqual({ outcome: 'sent' });
    expect(methods()).toEqual(['sendMessage', 'editMessageText']);
    // What is over needs nobody to act.
    expect(bot.calls[1]?.params.reply_markup).toEqual({
      inline_keyboard: [[{ text: 'Open', url: 'https://buoy.example.org/servers/srv_1' }]],
    });
  });

  test.each([
    ['Bad Request: message is not modified', ['editMessageText']],
    ['Bad Request: message to edit not found', ['editMessageText', 'sendMessage']],
    ["Bad Request: message can't be edited", ['editMessageText', 'sendMessage']],
  ])('that is told "%s" leaves nothing out and sends nothing twice', async (description, expected) => {
    bot.failNext('editMessageText', { code: 400, description });
    const resolved = notificationOfAlert({ kind: 'resolved', alerts: [over], message: '{"messageId":5}' });
    expect(await to(resolved)).toMatchObject({ outcome: 'sent' });
    expect(methods().filter((method) => method !== 'editMessageText')).toEqual(
      expected.filter((method) => method !== 'editMessageText'),
    );
  });

  test.each([
    [403, 'Forbidden: bot was kicked from the supergroup chat', 'blocked'],
    [400, 'Bad Request: chat not found', 'blocked'],
    [400, "Bad Request: can't parse entities", 'refused'],
    [500, 'Internal Server Error', 'failed'],
  ])('that is answered %i "%s" says so', async (code, description, outcome) => {
    bot.failNext('sendMessage', { code, description });
    expect(await to(notificationOfAlert())).toEqual({
      outcome,
      error: `Telegram refused it: ${description}`,
    });
  });

  test('waits for as long as Telegram asks', async () => {
    bot.failNext('sendMessage', { code: 429, description: 'Too Many Requests', retryAfterS: 17 });
    expect(await to(notificationOfAlert())).toMatchObject({ outcome: 'failed', afterMs: 17_000 });
  });

  test('never names its token when Telegram does not answer', async () => {
    const dead = createTelegramSender({
      api: new Api(TOKEN, { apiRoot: 'http://127.0.0.1:9' }),
      appUrl: null,
    });
    const result = await dead({ type: 'telegram', chatId: '-1001', threadId: null }, notificationOfAlert(), {
      enteredBy: 'ada',
      signal: new AbortController().signal,
    });
    expect(result).toEqual({ outcome: 'failed', error: 'Telegram did not answer.' });
  });

  test('escapes the markup of what servers wrote', async () => {
    await to(notificationOfAlert({ alerts: [toldAlert({ cause: '<a href="x">&', evidence: '</pre>' })] }));
    const { text } = bot.calls[0]?.params ?? {};
    expect(text).toContain('&lt;a href="x"&gt;&amp;');
    expect(text).toContain('<pre>&lt;/pre&gt;</pre>');
  });

  test('sends a reminder as a message of its own with buttons, and escapes control characters and markup in it', async () => {
    const cause = '<b>bold</b> [x](https://evil.example) *b* \x1b[31m\u202e\nBuoy: all is well';
    const alerts = [toldAlert({ cause, evidence: '</pre><a href="//evil.example">' })];
    const reminder = notificationOfAlert({
      ...{ kind: 'reminder', at: '2026-03-01T14:00:00.000Z', alerts, isReminder: true },
      message: '{"messageId":5}',
    });
    expect(await to(reminder)).toMatchObject({
      outcome: 'sent',
      message: expect.stringContaining('messageId'),
    });
    expect(methods()).toEqual(['sendMessage']);
    const { text, reply_markup: markup } = bot.calls[0]?.params ?? {};
    expect(JSON.stringify(markup)).toContain('ack:alr_1');
    expect(text).toContain('Reminder: nobody has acknowledged this. Since 1 Mar, 10:00 UTC, for 4 h');
    expect(text).toContain('&lt;b&gt;bold&lt;/b&gt;');
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]|<a|<b>bold|^Buoy/m);
  });

  test('leaves nothing to tap on in what servers wrote and are called', async () => {
    const cause = 'Sign in at evil.example, call 555 010 0199 or tell @evil /start.';
    const named = toldAlert({ cause }, { id: 'srv_1', name: 'buoy.example' });
    await to(notificationOfAlert({ alerts: [named] }));
    const { text } = bot.calls[0]?.params ?? {};
    expect(String(text).split('\n').slice(0, 3)).toEqual([
      '<code>🔴 buoy.example: Gateway is down</code>',
      `<code>${cause}</code>`,
      'Since 1 Mar, 10:00 UTC',
    ]);
  });
});
