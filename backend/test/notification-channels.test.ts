// Notification channels through the API: added, confirmed, tested, and told of an alert over real sockets.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { type NotificationChannel, webhookBody } from '@buoy/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeBotApiServer, startFakeBotApiServer } from '../../testbed/fake-bot-api-server.ts';
import { type FakeHttpReceiver, startFakeHttpReceiver } from '../../testbed/fake-http-receiver.ts';
import { type FakeSmtpServer, startFakeSmtpServer } from '../../testbed/fake-smtp-server.ts';
import { BOT_TOKEN } from '../../testbed/forge-init-data.ts';
import { contentOf, makeCertificate } from '../../testbed/make-certificate.ts';
import { createPushSubscription } from '../../testbed/push-subscription.ts';
import { within } from '../../testbed/until.ts';
import type { ActiveCondition } from '../src/alerts/alert-changes.store.ts';
import { createAlertStore } from '../src/alerts/alerts.store.ts';
import { restOf } from '../src/alerts/condition.ts';
import { type DatabaseHandle, openDatabase } from '../src/db/database.ts';
import { serverRow } from '../src/db/testing/server-row.ts';
import { signatureOf } from '../src/notify/senders/webhook.ts';
import { createServerStore } from '../src/servers/servers.store.ts';
import { startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

/** Longer than Buoy waits between two looks into its database. */
const SOON_MS = 10_000;
const GROUP = -1001234567890;
const down: ActiveCondition = {
  ...{ type: 'gateway_down', subject: '', severity: 'critical' },
  ...{ cause: 'The gateway was killed: <oom> & more.', evidence: 'Result: oom-kill' },
};

let folder: string;
let bot: FakeBotApiServer;
let smtp: FakeSmtpServer;
let hooks: FakeHttpReceiver;
let push: FakeHttpReceiver;
let running: TestBuoy;
let database: DatabaseHandle;
/** Another person in each test: costly calls are counted by person. */
let ada: string;
let adaId = 100;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-push-'));
  const pair = contentOf(makeCertificate(folder, 'push.test'));
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), pair.cert.toString()]);
  [bot, smtp, hooks, push] = await Promise.all([
    startFakeBotApiServer(),
    startFakeSmtpServer(),
    startFakeHttpReceiver(),
    startFakeHttpReceiver(pair),
  ]);
  running = await startTestBuoy({
    ...{ TELEGRAM_API_ROOT: bot.url, SMTP_URL: smtp.url, SMTP_FROM: 'Buoy <buoy@example.org>' },
    APP_DOMAIN: 'buoy.example.org',
  });
  database = await openDatabase({ engine: 'sqlite', file: path.join(running.dataDir, 'buoy.db') });
});
beforeEach(async () => {
  adaId += 1;
  ada = await running.signIn(adaId);
});
afterAll(async () => {
  await database.close();
  await running.close();
  await Promise.all([bot.stop(), smtp.stop(), hooks.stop(), push.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const add = async (body: object, token = ada) =>
  running.call('POST', '/me/notification-channels', { token, body });
const added = async (body: object, token = ada) => {
  const response = await add(body, token);
  if (response.statusCode !== 201) throw new Error(response.body);
  return response.json<{ channel: NotificationChannel; secret?: string }>();
};
const channelsOf = async (token = ada) =>
  (await running.call('GET', '/me/notification-channels', { token })).json<{
    channels: NotificationChannel[];
    reachable: boolean;
  }>();
const remove = (id: string, token = ada) =>
  running.call('DELETE', `/me/notification-channels/${id}`, { token });
const testOf = async (id: string, token = ada) =>
  (await running.call('POST', `/me/notification-channels/${id}/test`, { token })).json();

/** A server that Ada owns, with these problems and no other ones from now on. */
const newServer = async (id: string): Promise<string> => {
  await createServerStore(database.db).insert(
    serverRow(id, { name: `${id} of Ada`, createdBy: String(adaId), enteredBy: String(adaId) }),
  );
  return id;
};
const see = (serverId: string, active: ActiveCondition[]) =>
  createAlertStore(database.db).record(
    serverId,
    { active, isOver: () => true, restOf, maxOpen: 200, maxResolved: 1_000 },
    new Date().toISOString(),
  );

describe('a person', () => {
  test('without channels is told that nothing would reach them', async () => {
    expect(await channelsOf()).toEqual({ channels: [], reachable: false, nextCursor: null });
  });

  test('neither sees, changes, tests nor removes a channel of somebody else', async () => {
    const { channel } = await added({ type: 'webhook', url: `${hooks.url}/private` });
    const eve = await running.signIn(66);
    const at = `/me/notification-channels/${channel.id}`;
    expect((await channelsOf(eve)).channels).toEqual([]);
    for (const [method, where, body] of [
      ['PUT', at, { enabled: false }],
      ['DELETE', at, undefined],
      ['POST', `${at}/test`, undefined],
      ['POST', `${at}/confirm`, { code: '123456' }],
    ] as const)
      expect((await running.call(method, where, { token: eve, body })).statusCode).toBe(404);
    expect((await remove(channel.id)).statusCode).toBe(204);
  });

  test('has each place once, and ten channels at most', async () => {
    const bodies = Array.from({ length: 11 }, (_, index) => ({
      ...{ type: 'webhook', url: `${hooks.url}/${index}` },
    }));
    const again = bodies[0] ?? expect.unreachable();
    const statuses: number[] = [];
    for (const body of bodies.slice(0, 9)) statuses.push((await add(body)).statusCode);
    expect(statuses).toEqual(Array(9).fill(201));
    expect((await add(again)).json()).toMatchObject({ code: 'duplicate' });
  });
});

describe('a webhook', () => {
  test('shows its secret once, and of its URL the host alone', async () => {
    const { secret } = await added({ type: 'webhook', url: `${hooks.url}/services/T0/secret` });
    expect(secret).toMatch(/^whsec_/);
    const shown = JSON.stringify(await channelsOf());
    expect(shown).not.toContain('services');
    expect(shown).not.toContain(secret);
    const stored = await database.db.selectFrom('notificationChannels').selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain('services');
    const audited = await database.db.selectFrom('auditEntries').selectAll().execute();
    expect(JSON.stringify(audited)).toContain('POST /me/notification-channels');
    expect(JSON.stringify(audited)).not.toContain('services');
  });

  test('gets a signed test', async () => {
    const { channel, secret } = await added({ type: 'webhook', url: `${hooks.url}/signed` });
    expect(await testOf(channel.id)).toEqual({ delivered: true, error: null });
    const { headers, body } = hooks.taken.at(-1) ?? expect.unreachable();
    expect(webhookBody.parse(JSON.parse(body.toString()))).toMatchObject({
      type: 'test',
      data: { alert: null, alerts: [], server: null },
    });
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(signatureOf(secret ?? '', signed));
  });

  test('that fails says why, and nobody is sent elsewhere by a redirect', async () => {
    const { channel } = await added({ type: 'webhook', url: `${hooks.url}/failing` });
    const before = hooks.requests;
    hooks.misbehave({ status: 302, location: `${hooks.url}/elsewhere` });
    expect(await testOf(channel.id)).toEqual({
      delivered: false,
      error: `${new URL(hooks.url).host} answered with the status 302.`,
    });
    expect(hooks.requests).toBe(before + 1);
    expect((await channelsOf()).channels).toMatchObject([{ state: 'failing' }]);
    hooks.misbehave({ status: 410 });
    expect(await testOf(channel.id)).toMatchObject({ delivered: false });
    expect(await channelsOf()).toMatchObject({ channels: [{ state: 'blocked' }], reachable: false });
    expect(await testOf(channel.id)).toEqual({ delivered: true, error: null });
    expect(await channelsOf()).toMatchObject({
      channels: [{ state: 'ok', lastError: null }],
      reachable: true,
    });
  });
});

describe('an e-mail address', () => {
  const codeIn = (source: string) => /\b(\d{6})\b/.exec(source.split('\r\n\r\n')[1] ?? '')?.[1] ?? '';

  test('takes nothing until the code that was mailed comes back', async () => {
    const { channel } = await added({ type: 'email', address: 'Ada@example.org' });
    expect(channel).toMatchObject({ state: 'unconfirmed', target: 'Ada@example.org' });
    expect((await channelsOf()).reachable).toBe(false);
    expect(await testOf(channel.id)).toMatchObject({ delivered: false });
    const mail = smtp.mails.at(-1) ?? expect.unreachable();
    expect(mail.to).toEqual(['Ada@example.org']);
    const code = codeIn(mail.source);
    const confirm = (text: string) =>
      running.call('POST', `/me/notification-channels/${channel.id}/confirm`, {
        token: ada,
        body: { code: text },
      });
    const wrong = code === '000000' ? '000001' : '000000';
    expect((await confirm(wrong)).statusCode).toBe(409);
    expect((await confirm(code)).json().channel.state).toBe('ok');
    expect(await testOf(channel.id)).toEqual({ delivered: true, error: null });
  });

  test('cannot be confirmed by trying all codes', async () => {
    const { channel } = await added({ type: 'email', address: 'victim@example.org' });
    const code = codeIn(smtp.mails.at(-1)?.source ?? '');
    const confirm = async (text: string) =>
      (
        await running.call('POST', `/me/notification-channels/${channel.id}/confirm`, {
          token: ada,
          body: { code: text },
        })
      ).statusCode;
    for (let guess = 0; guess < 5; guess += 1)
      await confirm(String((Number(code) + 1 + guess) % 1_000_000).padStart(6, '0'));
    expect(await confirm(code)).toBe(409);
    expect((await channelsOf()).channels).toMatchObject([{ state: 'unconfirmed' }]);
  });

  test('that the mail server refuses is not kept', async () => {
    smtp.refuse({ at: 'recipient', code: 550, text: 'No such mailbox here' });
    const refused = await add({ type: 'email', address: 'nobody@example.org' });
    expect(refused.statusCode).toBe(422);
    expect(refused.json().details.serverSays).toContain('No such mailbox here');
    expect((await channelsOf()).channels).toEqual([]);
  });
});

test('a chat of Telegram is added only by somebody who runs it', async () => {
  bot.members.set(`${GROUP} ${adaId}`, 'member');
  const refused = await add({ type: 'telegram', chatId: String(GROUP) });
  expect([refused.statusCode, refused.json().code]).toEqual([403, 'forbidden']);
  bot.members.set(`${GROUP} ${adaId}`, 'administrator');
  const { channel } = await added({ type: 'telegram', chatId: String(GROUP), threadId: 7 });
  expect(channel.target).toBe(`${GROUP} / 7`);
});

test('a browser is no channel any more when its session is signed out', async () => {
  const phone = await running.signIn(adaId);
  const { subscription } = createPushSubscription(`${push.url}/push/phone`);
  await added({ type: 'webpush', subscription }, phone);
  await added({ type: 'webhook', url: `${hooks.url}/stays` }, phone);
  await running.call('POST', '/auth/logout', { token: phone });
  const channels = await within(SOON_MS, async () => {
    const left = (await channelsOf()).channels;
    return left.length < 2 && left;
  });
  expect(channels).toMatchObject([{ type: 'webhook' }]);
});

test('an alert and its end reach every channel of the owner once', async () => {
  const serverId = await newServer('srv_all');
  bot.members.set(`${GROUP} ${adaId}`, 'creator');
  const { subscription, open } = createPushSubscription(`${push.url}/push/abc`);
  await added({ type: 'telegram', chatId: String(GROUP) });
  await added({ type: 'webpush', subscription });
  await added({ type: 'webhook', url: `${hooks.url}/all` });
  const [hooksBefore, pushesBefore] = [hooks.taken.length, push.taken.length];

  await see(serverId, [down]);
  await within(SOON_MS, async () => hooks.taken.length > hooksBefore && push.taken.length > pushesBefore);
  const firing = webhookBody.parse(JSON.parse(hooks.taken.at(-1)?.body.toString() ?? ''));
  expect(firing).toMatchObject({
    type: 'alert.firing',
    data: {
      alert: { type: 'gateway_down', status: 'firing', cause: down.cause },
      server: { id: serverId, name: 'srv_all of Ada' },
      url: `https://buoy.example.org/servers/${serverId}`,
    },
  });
  const notice = JSON.parse(open(push.taken.at(-1)?.body ?? Buffer.alloc(0)));
  expect(notice).toMatchObject({
    title: '🔴 srv_all of Ada: Gateway is down',
    tag: firing.data.alert?.id,
    path: `/servers/${serverId}`,
    isCritical: true,
  });
  const [sent] = bot.calls.filter(({ method }) => method === 'sendMessage').slice(-1);
  expect(sent?.params).toMatchObject({ parse_mode: 'HTML', chat_id: String(GROUP) });
  expect(sent?.params.text).toContain('The gateway was killed: &lt;oom&gt; &amp; more.');

  await see(serverId, []);
  await within(SOON_MS, async () => hooks.taken.length > hooksBefore + 1);
  await within(SOON_MS, async () => bot.calls.some(({ method }) => method === 'editMessageText'));
  await within(SOON_MS, async () => push.taken.length > pushesBefore + 1);
  expect(JSON.parse(hooks.taken.at(-1)?.body.toString() ?? '').type).toBe('alert.resolved');
  expect(bot.textsTo(BOT_TOKEN, GROUP).at(-1)).toContain('Resolved. It lasted');
  expect([hooks.taken.length, push.taken.length]).toEqual([hooksBefore + 2, pushesBefore + 2]);
  // Nothing of a resolved alert stays.
  expect(await database.db.selectFrom('notificationDeliveries').selectAll().execute()).toEqual([]);
}, 60_000);
