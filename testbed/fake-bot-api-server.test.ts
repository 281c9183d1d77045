// The fake Bot API server, as seen by a bot.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeBotApiServer, startFakeBotApiServer } from './fake-bot-api-server.ts';
import { until } from './until.ts';

const token = '123456:AAAAAAAAAAAAAAAAAAAA';
const anna = { id: 77, firstName: 'Anna', username: 'anna_k' };

let server: FakeBotApiServer;
beforeEach(async () => {
  server = await startFakeBotApiServer();
});
afterEach(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: answers of the server under test, checked by the assertions
async function call(method: string, params: object = {}, of = token): Promise<any> {
  const response = await fetch(`${server.url}/bot${of}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

test('fake Bot API: a bot is identified by its token and has settings', async () => {
  expect(await call('getMe')).toMatchObject({ ok: true, result: { id: 123_456, is_bot: true } });
  expect(await call('setMyCommands', { commands: [] })).toMatchObject({ ok: true, result: true });
  expect(server.calls.map(({ method }) => method)).toEqual(['getMe', 'setMyCommands']);
  expect(await call('getMe', {}, 'nonsense')).toMatchObject({ status: 404, ok: false });
});

test('fake Bot API: a message reaches the waiting poll and repeats until confirmed', async () => {
  const waiting = call('getUpdates', { timeout: 30 });
  await until(5_000, async () => server.isPolled(token) || null);
  const id = server.say(token, anna, 'hello');
  const { result } = await waiting;
  expect(result).toMatchObject([
    {
      update_id: id,
      message: { text: 'hello', from: { id: 77, username: 'anna_k' }, chat: { id: 77, type: 'private' } },
    },
  ]);
  expect(server.isPolled(token)).toBe(false);
  expect((await call('getUpdates', { offset: id })).result).toHaveLength(1);
  expect((await call('getUpdates', { offset: id + 1 })).result).toEqual([]);
  expect((await call('getUpdates')).result).toEqual([]);
});

test("fake Bot API: bots do not receive each other's messages", async () => {
  server.say('999:BBBBBBBBBBBBBBBBBBBB', anna, 'not for you');
  expect((await call('getUpdates')).result).toEqual([]);
});

test('fake Bot API: a second poll ends the first with 409', async () => {
  const first = call('getUpdates', { timeout: 30 });
  await until(5_000, async () => server.isPolled(token) || null);
  const second = call('getUpdates', { timeout: 30 });
  expect(await first).toMatchObject({ status: 409, ok: false, error_code: 409 });
  server.say(token, anna, 'still there?');
  expect((await second).result).toHaveLength(1);
});

test('fake Bot API: records what a bot sends', async () => {
  const { result } = await call('sendMessage', { chat_id: '77', text: 'hi Anna' });
  expect(result).toMatchObject({ text: 'hi Anna', chat: { id: 77 }, from: { is_bot: true } });
  await call('sendMessage', { chat_id: 78, text: 'to somebody else' });
  expect(server.textsTo(token, 77)).toEqual(['hi Anna']);
});

test("fake Bot API: fails one call on request, with Telegram's retry_after", async () => {
  server.failNext('sendMessage', { code: 429, description: 'Too Many Requests', retryAfterS: 3 });
  expect(await call('sendMessage', { chat_id: 77, text: 'x' })).toMatchObject({
    status: 429,
    error_code: 429,
    parameters: { retry_after: 3 },
  });
  expect(await call('sendMessage', { chat_id: 77, text: 'x' })).toMatchObject({ ok: true });
});
