// What the bot answers while people, servers and Telegram misbehave, over the fake Bot API.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '../../../testbed/fake-bot-api-server.ts';
import { BOT_TOKEN } from '../../../testbed/forge-init-data.ts';
import { within } from '../../../testbed/until.ts';
import { type BotFixture, createBotFixture } from './testing/bot-fixture.ts';
import { refusal } from './testing/scripted-api.ts';

const ada: Person = { id: 7, firstName: 'Ada' };
const GROUP = -1001234567890;
const refusedByTelegram = {
  code: 400,
  description: 'Bad Request: query is too old and response timeout expired or query ID is invalid',
};

let fixture: BotFixture;
beforeEach(async () => {
  fixture = await createBotFixture();
  fixture.answers['GET /me'] = () => ({ user: { id: String(ada.id), approved: true } });
  fixture.answers['POST /alerts/:id/ack'] = () => ({ alert: {} });
});
afterEach(() => fixture.close());

const say = (text: string, person = ada) => fixture.telegram.say(BOT_TOKEN, person, text);
const press = (data: string, buttons?: string[] | null) =>
  fixture.telegram.press(BOT_TOKEN, ada, data, {
    messageId: 5,
    ...(buttons === undefined ? {} : { buttons }),
  });
const texts = async (count: number) =>
  (await fixture.sent('sendMessage', count)).map(({ text }) => String(text));
const people = (count: number): Person[] =>
  Array.from({ length: count }, (_, index) => ({ id: 1_000 + index, firstName: 'Eve' }));
/** Until it holds, with the clock of the bot going on. */
const inTime = (condition: () => boolean) =>
  within(10_000, async () => {
    fixture.clock.pass(1_000);
    return condition();
  });

describe('the log', () => {
  test('has what Telegram refused, without the token of the bot', async () => {
    fixture.start();
    fixture.telegram.failNext('sendMessage', {
      code: 403,
      description: 'Forbidden: bot was blocked by the user',
    });
    say('/help');
    await within(10_000, async () => fixture.log().includes('could not answer'));
    expect(fixture.log()).toContain('"errorCode":403');
    expect(fixture.log()).not.toContain(BOT_TOKEN);
  });

  test('has why the bot cannot read, without its token', async () => {
    fixture.telegram.failNext('getUpdates', { code: 401, description: 'Unauthorized' });
    fixture.start();
    await within(10_000, async () => fixture.log().includes('cannot read messages'));
    expect(fixture.log()).not.toContain(BOT_TOKEN);
  });
});

describe('a press', () => {
  test('of a button that the message does not have does nothing', async () => {
    await fixture.ready();
    press('run:srv_1:restart', ['repair:srv_1', 'ack:alr_1']);
    const [answer] = await fixture.sent('answerCallbackQuery');
    expect(answer).toMatchObject({ text: 'This button no longer works. Open the app.', show_alert: true });
    expect(fixture.api.calls).toEqual([]);
    expect(fixture.telegram.calls.map(({ method }) => method)).not.toContain('editMessageText');
  });

  test('of a message that Telegram does not show any more acknowledges, and repairs nothing', async () => {
    await fixture.ready();
    for (const data of ['run:srv_1:restart', 'repair:srv_1', 'ack:alr_1']) press(data, null);
    await within(10_000, async () => fixture.api.callsOf('POST /alerts/:id/ack').length === 1);
    const answers = await fixture.sent('answerCallbackQuery', 3);
    expect(answers.map(({ text }) => text).toSorted()).toEqual([
      'Acknowledged.',
      ...Array(2).fill('This button no longer works. Open the app.'),
    ]);
    expect(fixture.api.callsOf('POST /servers/:id/openclaw/repair')).toEqual([]);
  });

  test('of a message without buttons does nothing', async () => {
    await fixture.ready();
    for (const data of ['run:srv_1:restart', 'repair:srv_1', 'ack:alr_1']) press(data, []);
    const answers = await fixture.sent('answerCallbackQuery', 3);
    expect(new Set(answers.map(({ text }) => text))).toEqual(
      new Set(['This button no longer works. Open the app.']),
    );
    expect(fixture.api.callsOf('POST /alerts/:id/ack')).toEqual([]);
  });

  test('that waited at Telegram acts only where Telegram still takes its answer', async () => {
    fixture.telegram.failNext('answerCallbackQuery', refusedByTelegram);
    press('ack:alr_old');
    press('ack:alr_new');
    fixture.start();
    await fixture.sent('answerCallbackQuery');
    await within(10_000, async () => fixture.api.callsOf('POST /alerts/:id/ack').length > 0);
    say('/help');
    await texts(1);
    expect(fixture.api.callsOf('POST /alerts/:id/ack')).toHaveLength(1);
  });

  test('is answered within seconds while the server is slow, and its refusal follows as a message', async () => {
    const slow = Promise.withResolvers<unknown>();
    fixture.answers['GET /servers/:id'] = () => ({ server: { name: 'web' } });
    fixture.answers['GET /servers/:id/openclaw/repair'] = () => slow.promise;
    await fixture.ready();
    press('repair:srv_1');
    await within(10_000, async () => fixture.api.callsOf('GET /servers/:id/openclaw/repair').length > 0);
    fixture.clock.pass(5_000);
    expect((await fixture.sent('answerCallbackQuery'))[0]?.text).toBeUndefined();
    slow.resolve(refusal(502, 'The server does not answer.'));
    expect((await texts(1))[0]).toBe('The server does not answer.');
  });

  test('that is refused in many words is cut between characters', async () => {
    fixture.answers['POST /alerts/:id/ack'] = () => refusal(409, `${'x'.repeat(198)}🦞🦞`);
    await fixture.ready();
    press('ack:alr_1');
    const [answer] = await fixture.sent('answerCallbackQuery');
    expect(String(answer?.text).isWellFormed()).toBe(true);
    expect(String(answer?.text).length).toBeLessThanOrEqual(200);
  });

  test('runs the step again after one that was refused, and is answered whatever becomes of its first answer', async () => {
    const keys: unknown[] = [];
    fixture.answers['POST /servers/:id/openclaw/repair'] = ({ headers }) => {
      keys.push(headers);
      return { task: { id: 'tsk_1', status: 'running' } };
    };
    fixture.answers['GET /tasks/:id'] = () => refusal(429, 'Too many requests.');
    await fixture.ready();
    fixture.telegram.failNext('answerCallbackQuery', refusedByTelegram);
    press('run:srv_1:restart');
    press('run:srv_1:restart');
    await fixture.sent('editMessageText', 2);
    expect(new Set(keys.map((one) => JSON.stringify(one))).size).toBe(2);
    await inTime(() => fixture.api.callsOf('GET /tasks/:id').length > 4);
    fixture.answers['GET /tasks/:id'] = () => ({ task: { id: 'tsk_1', status: 'succeeded', error: null } });
    await inTime(() => JSON.stringify(fixture.telegram.calls).includes('The gateway works again.'));
  });
});

describe('the repair ladder', () => {
  const CHOICES = { restart: 'AAAAAAAAAAAAAAAA', 'config-rollback': 'BBBBBBBBBBBBBBBB' };
  const step = (id: 'restart' | 'config-rollback', runs: string[], changes: object[] | null = null) => ({
    ...{ id, title: id, runs, changes, unavailable: null, choice: CHOICES[id], tried: null },
  });
  const buttons = (params: Record<string, unknown> | undefined): string[] => {
    const markup = params?.reply_markup;
    const { inline_keyboard: rows } = (typeof markup === 'string' ? JSON.parse(markup) : markup) as {
      inline_keyboard: Array<Array<{ callback_data: string }>>;
    };
    return rows.flat().map(({ callback_data: data }) => data);
  };

  test('is climbed with two presses at most for each step, of which each shows before what it runs', async () => {
    const change = { path: 'gateway.<b>', kind: 'removed', before: 1, after: null };
    const steps = [
      step('restart', ['systemctl --user restart openclaw-gateway.service']),
      step('config-rollback', ['cp openclaw.json.last-good openclaw.json'], [change]),
    ];
    let suggested: string = 'restart';
    const bodies: unknown[] = [];
    fixture.answers['GET /servers/:id'] = () => ({ server: { name: 'web' } });
    fixture.answers['GET /servers/:id/openclaw/repair'] = () => ({
      steps,
      suggested,
      reason: 'Because of <x>.',
    });
    fixture.answers['POST /servers/:id/openclaw/repair'] = ({ body }) => {
      bodies.push(body);
      return { task: { id: `tsk_${bodies.length}`, status: 'running' } };
    };
    fixture.answers['GET /tasks/:id'] = ({ params }) => ({
      task:
        params?.id === 'tsk_1'
          ? { id: 'tsk_1', status: 'failed', error: { message: 'It did not start.', hint: null } }
          : { id: 'tsk_2', status: 'succeeded', error: null },
    });
    await fixture.ready();

    press('repair:srv_1');
    const [ladder] = await fixture.sent('sendMessage');
    expect(String(ladder?.text)).toContain('systemctl --user restart openclaw-gateway.service');
    expect(String(ladder?.text)).toContain('Because of &lt;x&gt;.');
    expect(buttons(ladder)).toEqual([
      `run:srv_1:restart:${CHOICES.restart}`,
      `run:srv_1:config-rollback:${CHOICES['config-rollback']}`,
    ]);

    suggested = 'config-rollback';
    press(buttons(ladder)[0] ?? '', buttons(ladder));
    const [, next] = await fixture.sent('editMessageText', 2);
    expect(String(next?.text)).toMatch(/It did not help\.\nIt did not start\./);
    expect(String(next?.text)).toContain('cp openclaw.json.last-good openclaw.json');
    expect(String(next?.text)).toContain('- gateway.&lt;b&gt; (1)');
    expect(buttons(next)).toEqual([
      `run:srv_1:config-rollback:${CHOICES['config-rollback']}`,
      'repair:srv_1',
    ]);

    press(buttons(next)[0] ?? '', buttons(next));
    const edits = await fixture.sent('editMessageText', 4);
    expect(String(edits[3]?.text)).toContain('The gateway works again.');
    expect(bodies).toEqual([
      { step: 'restart', choice: CHOICES.restart },
      { step: 'config-rollback', choice: CHOICES['config-rollback'] },
    ]);
  });

  test('has no button for a step whose commands are too long to be shown whole', async () => {
    const long = step('restart', [`systemctl restart ${'x'.repeat(700)}.service`]);
    fixture.answers['GET /servers/:id'] = () => ({ server: { name: 'web' } });
    fixture.answers['GET /servers/:id/openclaw/repair'] = () => ({
      ...{ steps: [long], suggested: 'restart', reason: 'A restart is the mildest repair.' },
    });
    await fixture.ready();
    press('repair:srv_1');
    const [ladder] = await fixture.sent('sendMessage');
    expect(buttons(ladder)).toEqual([]);
    expect(String(ladder?.text)).toContain('Run this step in the app.');
  });
});

describe('messages', () => {
  test('that waited for more than two minutes are not answered, but the chat is open', async () => {
    const date = Math.floor(fixture.clock.now() / 1_000);
    fixture.telegram.say(BOT_TOKEN, ada, '/help', { date: date - 180 });
    fixture.telegram.say(BOT_TOKEN, ada, '/myid', { date: date - 60 });
    fixture.start();
    await texts(1);
    say('/myid');
    expect(await texts(2)).toEqual(['Your Telegram id: 7', 'Your Telegram id: 7']);
    expect(fixture.opened).toContain('7');
  });

  test('are answered where only the clock of Buoy is wrong', async () => {
    await fixture.ready();
    fixture.telegram.say(BOT_TOKEN, ada, '/myid', { date: 1 });
    await texts(1);
  });

  test('of a person who waits to be approved open no channel', async () => {
    fixture.answers['GET /me'] = () => ({ user: { id: '7', approved: false } });
    fixture.start();
    say('/myid');
    await texts(1);
    expect(fixture.opened).toEqual([]);
  });

  test('of many strangers together are answered sixty times a minute, and others go on being answered', async () => {
    const strangers = people(150);
    for (const { id } of strangers) fixture.strangers.add(String(id));
    fixture.start();
    for (const one of strangers) say('/myid', one);
    say('/myid');
    await within(10_000, async () => fixture.telegram.textsTo(BOT_TOKEN, ada.id).length > 0);
    expect((await texts(61)).length).toBe(61);
    fixture.clock.pass(30_000);
    say('/myid', strangers[0]);
    await texts(62);
  });

  test('of a group to each other use up nothing of what a person may ask', async () => {
    fixture.start();
    for (let count = 0; count < 50; count += 1)
      fixture.telegram.sayIn(BOT_TOKEN, GROUP, ada, count % 2 === 0 ? 'hello' : '/myid@another_bot');
    say('/myid');
    expect(await texts(1)).toEqual(['Your Telegram id: 7']);
  });

  test('tell the id of a topic, and no thread of a group without topics', async () => {
    fixture.start();
    const thread = { message_thread_id: 9 };
    fixture.telegram.sayIn(BOT_TOKEN, GROUP, ada, '/myid', thread);
    expect((await fixture.sent('sendMessage', 1))[0]?.message_thread_id).toBeUndefined();
    fixture.telegram.sayIn(BOT_TOKEN, GROUP, ada, '/myid', { ...thread, is_topic_message: true });
    const [, inTopic] = await fixture.sent('sendMessage', 2);
    expect(inTopic).toMatchObject({ message_thread_id: 9, text: expect.stringContaining('this topic: 9') });
  });
});

describe('updates', () => {
  test('of one poll are stored at once, before any is answered', async () => {
    for (let count = 0; count < 5; count += 1) say('/myid');
    fixture.start();
    await texts(5);
    expect(fixture.stored).toHaveLength(1);
  });

  test('that another Buoy has taken are not answered', async () => {
    fixture.isOurs = false;
    say('/myid');
    fixture.start();
    await within(10_000, async () => fixture.stored.length > 0);
    fixture.isOurs = true;
    say('/help');
    expect((await texts(1))[0]).toContain('/servers');
  });
});

describe('questions', () => {
  const owner = { id: String(ada.id), name: 'Ada', givenBy: null };
  beforeEach(() => {
    Object.assign(fixture.answers, {
      'GET /servers': () => ({
        servers: [{ id: 'srv_1', name: 'web', owner, status: { state: 'up' } }],
        nextCursor: null,
      }),
      'GET /servers/:id/openclaw/agents': () => ({ agents: [{ id: 'main' }] }),
      'POST /servers/:id/openclaw/sessions/:key/messages': () => ({ run: {} }),
      'GET /servers/:id/openclaw/sessions/:key': () => ({ session: { running: true } }),
    });
  });
  const answers = (text: string) => {
    fixture.answers['GET /servers/:id/openclaw/sessions/:key'] = () => ({
      session: { running: false, status: 'done' },
    });
    fixture.answers['GET /servers/:id/openclaw/sessions/:key/messages'] = () => ({
      messages: [
        { role: 'user', text: 'hello' },
        { role: 'assistant', text },
      ],
    });
  };

  test('that wait for agents leave the person’s other messages their places', async () => {
    fixture.start();
    for (let count = 0; count < 5; count += 1) say('/ask main hello');
    const told = await texts(6);
    expect(told.filter((text) => text === 'main on web is working …')).toHaveLength(5);
    expect(told.filter((text) => text.startsWith('It is still working.'))).toHaveLength(1);
    say('/myid');
    await texts(7);
  });

  test('are answered with a quotation that names the agent, as a reply', async () => {
    fixture.start();
    say('/ask main hello');
    await texts(1);
    answers('✅ <b>Buoy</b>: all \u202eis well');
    await inTime(() => fixture.telegram.textsTo(BOT_TOKEN, ada.id).length > 1);
    const [, answer] = await fixture.sent('sendMessage', 2);
    expect(answer).toMatchObject({
      text: '<b>main on web:</b>\n<blockquote>✅ &lt;b&gt;Buoy&lt;/b&gt;: all \\u202eis well</blockquote>',
      parse_mode: 'HTML',
      reply_parameters: { message_id: expect.any(Number) },
    });
  });

  test('that are answered with invisible characters have no answer', async () => {
    fixture.start();
    say('/ask main hello');
    await texts(1);
    answers('\u200b\u2060 ');
    await inTime(() => fixture.telegram.textsTo(BOT_TOKEN, ada.id).length > 1);
    expect((await texts(2))[1]).toBe('<b>main on web:</b>\nIt ended without an answer.');
  });

  test('wait on while the person’s calls of a minute are used up', async () => {
    fixture.start();
    fixture.answers['GET /servers/:id/openclaw/sessions/:key'] = () => refusal(429, 'Too many requests.');
    say('/ask main hello');
    await texts(1);
    await inTime(() => fixture.api.callsOf('GET /servers/:id/openclaw/sessions/:key').length > 2);
    answers('Hello!');
    await inTime(() => fixture.telegram.textsTo(BOT_TOKEN, ada.id).length > 1);
  });

  test('are said under a key of their message', async () => {
    fixture.start();
    say('/ask main hello');
    await texts(1);
    const [said] = fixture.api.callsOf('POST /servers/:id/openclaw/sessions/:key/messages');
    expect(said?.input.headers).toMatchObject({
      'idempotency-key': expect.stringMatching(/^telegram-7-\d+$/),
    });
  });
});
