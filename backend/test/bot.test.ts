// The bot over a real socket: what it answers to whom, what its buttons do, and what it does not tell.
import path from 'node:path';
import type { Alert, AuditEntry, NotificationChannel, Role } from '@buoy/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type FakeBotApiServer,
  type Person,
  startFakeBotApiServer,
} from '../../testbed/fake-bot-api-server.ts';
import { BOT_TOKEN } from '../../testbed/forge-init-data.ts';
import { within } from '../../testbed/until.ts';
import type { ActiveCondition } from '../src/alerts/alert-changes.store.ts';
import { createAlertStore } from '../src/alerts/alerts.store.ts';
import { restOf } from '../src/alerts/condition.ts';
import { type DatabaseHandle, openDatabase } from '../src/db/database.ts';
import { serverRow } from '../src/db/testing/server-row.ts';
import { createServerStore } from '../src/servers/servers.store.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const SOON_MS = 10_000;
const GROUP = -1001234567890;
const down: ActiveCondition = {
  ...{ type: 'gateway_down', subject: '', severity: 'critical' },
  ...{ cause: 'The gateway was killed: <oom> & more.', evidence: '' },
};

let telegram: FakeBotApiServer;
let running: TestBuoy;
let database: DatabaseHandle;
let nextId = 1_000;
let ada: Person;
let token: string;

beforeAll(async () => {
  telegram = await startFakeBotApiServer();
  running = await startTestBuoy({ TELEGRAM_API_ROOT: telegram.url, APP_DOMAIN: 'buoy.example.org' });
  database = await openDatabase({ engine: 'sqlite', file: path.join(running.dataDir, 'buoy.db') });
});
beforeEach(async () => {
  ada = newPerson('Ada');
  token = await running.signIn(ada.id);
});
afterAll(async () => {
  await database.close();
  await running.close();
  await telegram.stop();
});

function newPerson(firstName: string): Person {
  nextId += 1;
  return { id: nextId, firstName };
}

/** What the bot has sent to that chat when there is as much as `count`. */
const texts = async (chatId: number, count: number): Promise<string[]> => {
  await within(SOON_MS, async () => telegram.textsTo(BOT_TOKEN, chatId).length >= count);
  return telegram.textsTo(BOT_TOKEN, chatId);
};
const answerTo = async (person: Person, text: string): Promise<string> => {
  const before = telegram.textsTo(BOT_TOKEN, person.id).length;
  telegram.say(BOT_TOKEN, person, text);
  return (await texts(person.id, before + 1))[before] ?? '';
};
/** What a press has answered: `text`, and whether it is a refusal that must be closed. */
const press = async (person: Person, data: string, chatId = person.id) => {
  const answers = () => telegram.calls.filter(({ method }) => method === 'answerCallbackQuery');
  const before = answers().length;
  telegram.press(BOT_TOKEN, person, data, { chatId, messageId: 7 });
  await within(SOON_MS, async () => answers().length > before);
  const { text, show_alert: isRefusal } = answers()[before]?.params ?? {};
  return { text: String(text), isRefusal: isRefusal === true };
};
/** The data of the buttons of the last message to that chat. */
const buttonsIn = (chatId: number): string[] => {
  const last = telegram.calls.findLast(
    ({ method, params }) => /Message/.test(method) && Number(params.chat_id) === chatId,
  );
  return [
    ...JSON.stringify(last?.params.reply_markup ?? {}).matchAll(/callback_data\\*":\\*"([^"\\]+)/g),
  ].map(([, data]) => data ?? '');
};

const newServer = async (owner: Person, name: string): Promise<string> => {
  nextId += 1;
  const id = `srv_${nextId}`;
  const by = { createdBy: String(owner.id), enteredBy: String(owner.id) };
  await createServerStore(database.db).insert(serverRow(id, { name, ...by }));
  return id;
};
const see = (serverId: string, active: ActiveCondition[]) =>
  createAlertStore(database.db).record(
    serverId,
    { active, isOver: () => true, restOf, maxOpen: 200, maxResolved: 1_000 },
    new Date().toISOString(),
  );
const alertOn = async (serverId: string): Promise<Alert> => {
  const { alerts } = (await running.call('GET', `/alerts?serverId=${serverId}`, { token })).json<{
    alerts: Alert[];
  }>();
  return alerts[0] ?? expect.unreachable();
};
const auditOf = async (person: Person): Promise<AuditEntry[]> => {
  const root = await running.signIn(SUPER_ID);
  const { entries } = (await running.call('GET', `/admin/audit?userId=${person.id}`, { token: root })).json<{
    entries: AuditEntry[];
  }>();
  return entries;
};
const channelsOf = async (): Promise<NotificationChannel[]> =>
  (await running.call('GET', '/me/notification-channels', { token })).json<{
    channels: NotificationChannel[];
  }>().channels;

describe('a stranger', () => {
  test('is greeted, told their id, and nothing else', async () => {
    const eve = newPerson('Eve <b>');
    const welcome = await answerTo(eve, '/start');
    expect(welcome).toContain('Hello, Eve &lt;b&gt;.');
    expect(welcome).toContain(`Your Telegram id: ${eve.id}`);
    expect(await answerTo(eve, '/myid')).toBe(`Your Telegram id: ${eve.id}`);
    for (const command of ['/servers', '/alerts', '/status web', '/ask main hello'])
      expect(await answerTo(eve, command)).toContain('Buoy does not know you yet.');
  });

  test('who writes without end is answered twenty times, and others go on being answered', async () => {
    const eve = newPerson('Eve');
    for (let count = 0; count < 200; count += 1) telegram.say(BOT_TOKEN, eve, '/myid');
    expect(await answerTo(ada, '/myid')).toContain(String(ada.id));
    await texts(eve.id, 20);
    expect(telegram.textsTo(BOT_TOKEN, eve.id).length).toBeLessThan(25);
  });
});

describe('commands', () => {
  test('show the servers of whoever asks, and none of somebody else', async () => {
    await newServer(ada, 'Ada’s <web>');
    const bob = newPerson('Bob');
    await running.signIn(bob.id);
    await newServer(bob, 'Bob’s mail');
    const servers = await answerTo(ada, '/servers');
    expect(servers).toContain('<b>Ada’s &lt;web&gt;</b> Unknown');
    expect(servers).not.toContain('mail');
    expect(await answerTo(ada, '/status Bob’s mail')).toBe('You have no server that is called “Bob’s mail”.');
  });

  test('show one server with its alerts by its name, in any case', async () => {
    const serverId = await newServer(ada, 'Backup');
    await see(serverId, [down]);
    const status = await answerTo(ada, '/status backup');
    expect(status).toContain('<b>Backup</b>');
    expect(status).toContain('<b>Gateway is down</b>\nThe gateway was killed: &lt;oom&gt; &amp; more.');
    expect(await answerTo(ada, '/alerts')).toContain('Backup: Gateway is down');
  });

  test('are listed by /help, which unknown ones lead to', async () => {
    expect(await answerTo(ada, '/help')).toContain('/servers – Your servers and their state');
    expect(await answerTo(ada, 'hello')).toBe('I do not know this command.');
  });

  test('tell a group its id for a notification channel, and nothing of anybody’s servers', async () => {
    await newServer(ada, 'Secret');
    const inGroup = { ...ada, id: ada.id };
    telegram.sayIn(BOT_TOKEN, GROUP, inGroup, '/servers');
    telegram.sayIn(BOT_TOKEN, GROUP, inGroup, '/myid');
    const said = await texts(GROUP, 1);
    expect(said).toEqual([`Your Telegram id: ${ada.id}\nThe id of this chat: ${GROUP}`]);
  });
});

describe('the private chat', () => {
  test('is a notification channel once its person has written there, and is blocked with the bot', async () => {
    expect(await channelsOf()).toEqual([]);
    await answerTo(ada, '/start');
    expect(await channelsOf()).toMatchObject([{ type: 'telegram', target: String(ada.id), state: 'ok' }]);
    telegram.setBlocked(BOT_TOKEN, ada, true);
    await within(SOON_MS, async () => (await channelsOf())[0]?.state === 'blocked');
    await answerTo(ada, '/start');
    expect(await channelsOf()).toMatchObject([{ state: 'ok', lastError: null }]);
  });
});

describe('buttons of an alert', () => {
  let serverId: string;
  let alert: Alert;
  beforeEach(async () => {
    await answerTo(ada, '/start');
    serverId = await newServer(ada, 'web');
    await see(serverId, [down]);
    await texts(ada.id, 2);
    alert = await alertOn(serverId);
  });
  const member = async (role: Role): Promise<Person> => {
    const person = newPerson(role);
    await running.signIn(person.id);
    await running.grant(serverId, String(person.id), role);
    return person;
  };

  test('are Repair, Ack and Snooze, and acknowledging takes its button away', async () => {
    expect(buttonsIn(ada.id)).toEqual([`repair:${serverId}`, `ack:${alert.id}`, `snooze:${alert.id}`]);
    expect(await press(ada, `ack:${alert.id}`)).toEqual({ text: 'Acknowledged.', isRefusal: false });
    expect((await alertOn(serverId)).status).toBe('acknowledged');
    await within(SOON_MS, async () => buttonsIn(ada.id).length === 2);
    expect(buttonsIn(ada.id)).toEqual([`repair:${serverId}`, `snooze:${alert.id}`]);
    expect(await auditOf(ada)).toContainEqual(
      expect.objectContaining({ action: 'POST /alerts/:id/ack', result: 'ok', serverId, ip: '0.0.0.0' }),
    );
  });

  test('stand below a message without the notes of people, which may hold markup, also after a change', async () => {
    const text = 'note-marker <b>x</b> [x](https://evil.example) @evil /start\n*y*';
    const noted = await running.call('POST', `/alerts/${alert.id}/notes`, { token, body: { text } });
    expect(noted.statusCode).toBe(201);
    await press(ada, `ack:${alert.id}`);
    await within(SOON_MS, async () => buttonsIn(ada.id).length === 2);
    await answerTo(ada, '/alerts');
    await answerTo(ada, '/status web');
    expect(JSON.stringify(telegram.calls)).not.toContain('note-marker');
  });

  test('snooze the alert for an hour', async () => {
    expect(await press(ada, `snooze:${alert.id}`)).toEqual({
      text: 'Snoozed for one hour.',
      isRefusal: false,
    });
    const { status, snoozedUntil } = await alertOn(serverId);
    expect(status).toBe('snoozed');
    const inMinutes = (Date.parse(snoozedUntil ?? '') - Date.now()) / 60_000;
    expect(inMinutes).toBeGreaterThan(58);
    expect(inMinutes).toBeLessThanOrEqual(60);
  });

  test.each(['viewer', 'nobody'] as const)(
    'refuse a press by a %s, in a group too, and note it as denied',
    async (who) => {
      const person = who === 'viewer' ? await member('viewer') : newPerson('Eve');
      if (who === 'nobody') await running.signIn(person.id);
      for (const data of [
        `ack:${alert.id}`,
        `snooze:${alert.id}`,
        `repair:${serverId}`,
        `run:${serverId}:restart`,
      ]) {
        expect((await press(person, data, GROUP)).isRefusal).toBe(true);
        const [action = ''] = data.split(':');
        const path = { ack: '/ack', snooze: '/snooze', repair: '/openclaw/repair', run: '/openclaw/repair' }[
          action
        ];
        await within(SOON_MS, async () =>
          (await auditOf(person)).some(
            (entry) => entry.result === 'denied' && entry.action.endsWith(path ?? '?'),
          ),
        );
      }
      expect((await alertOn(serverId)).status).toBe('firing');
    },
  );

  test('refuse a press by somebody who is disabled or unknown to Buoy', async () => {
    const bob = await member('admin');
    const root = await running.signIn(SUPER_ID);
    await running.call('POST', `/admin/users/${bob.id}/disable`, { token: root });
    expect(await press(bob, `ack:${alert.id}`)).toMatchObject({
      text: expect.stringContaining('disabled'),
      isRefusal: true,
    });
    expect((await press(newPerson('Eve'), `ack:${alert.id}`)).isRefusal).toBe(true);
    expect((await alertOn(serverId)).status).toBe('firing');
  });

  test('say so when they lead to nothing', async () => {
    expect(await press(ada, 'ack:alr_none')).toMatchObject({ isRefusal: true });
    for (const data of ['ack', 'run:srv_1:rm', 'drop:srv_1', `ack:${'x'.repeat(60)}`])
      expect((await press(ada, data)).text).toBe('This button no longer works. Open the app.');
  });

  test('say why Buoy cannot repair a server that it cannot reach', async () => {
    const { text, isRefusal } = await press(ada, `repair:${serverId}`);
    expect(isRefusal).toBe(true);
    expect(text).not.toBe('');
  });
});
