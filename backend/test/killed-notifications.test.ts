// Every transition of an alert reaches every channel, though the receivers fail and Buoy is killed again and again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type NotificationChannel, webhookBody } from '@buoy/contract';
import { createClient } from '@buoy/contract/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signInByLink } from '../../testbed/buoy-client.ts';
import { type BuoyProcess, startBuoy } from '../../testbed/buoy-process.ts';
import { type FakeHttpReceiver, startFakeHttpReceiver } from '../../testbed/fake-http-receiver.ts';
import { type FakeSmtpServer, startFakeSmtpServer } from '../../testbed/fake-smtp-server.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { contentOf, makeCertificate } from '../../testbed/make-certificate.ts';
import { createPushSubscription } from '../../testbed/push-subscription.ts';
import { within } from '../../testbed/until.ts';
import { createAlertStore } from '../src/alerts/alerts.store.ts';
import { restOf } from '../src/alerts/condition.ts';
import { openDatabase } from '../src/db/database.ts';
import { serverRow } from '../src/db/testing/server-row.ts';
import { createServerStore } from '../src/servers/servers.store.ts';

const KILLS = isLongRun ? 10 : 2;
/** Each may wait 20 s for what a receiver asks for. */
const DONE_MS = 120_000;
/** After many failures in a row, the next attempt comes 5 min later. */
const LAST_RETRY_MS = 300_000;

let folder: string;
let hooks: FakeHttpReceiver;
let push: FakeHttpReceiver;
let smtp: FakeSmtpServer;
let settings: Record<string, string>;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-killed-'));
  const files = makeCertificate(folder, 'push.test');
  [hooks, push, smtp] = await Promise.all([
    startFakeHttpReceiver(),
    startFakeHttpReceiver(contentOf(files)),
    startFakeSmtpServer(),
  ]);
  settings = {
    ...{ DATA_DIR: path.join(folder, 'data'), NODE_EXTRA_CA_CERTS: files.cert },
    ...{ SMTP_URL: smtp.url, SMTP_FROM: 'buoy@example.org' },
  };
});
afterAll(async () => {
  await Promise.all([hooks.stop(), push.stop(), smtp.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

test('a Buoy that is killed at random tells webhook, browser and mailbox each transition once', {
  timeout: 900_000,
}, async () => {
  let buoy: BuoyProcess = await startBuoy(settings);
  const token = await signInByLink(buoy);
  const api = createClient({ baseUrl: `${buoy.url}/api`, token: () => token });
  const { user } = await api('GET /me');
  const { subscription, open } = createPushSubscription(`${push.url}/push/1`);
  const add = (body: Parameters<typeof api<'POST /me/notification-channels'>>[1]['body']) =>
    api('POST /me/notification-channels', { body });
  await add({ type: 'webhook', url: `${hooks.url}/hook` });
  await add({ type: 'webpush', subscription });
  const { channel } = (await add({ type: 'email', address: 'ada@example.org' })) as {
    channel: NotificationChannel;
  };
  const code = /\b(\d{6})\b/.exec(smtp.mails[0]?.source.split('\r\n\r\n')[1] ?? '')?.[1] ?? '';
  await api('POST /me/notification-channels/:id/confirm', { params: { id: channel.id }, body: { code } });
  smtp.mails.length = 0;

  const database = await openDatabase({ engine: 'sqlite', file: path.join(folder, 'data', 'buoy.db') });
  const alerts = createAlertStore(database.db);
  const row = serverRow('srv_killed', { createdBy: user.id, enteredBy: user.id });
  await createServerStore(database.db).insert(row);
  const see = async (name: string | null) => {
    const active = name === null ? [] : [{ ...shape, subject: name, cause: `${name} is down.` }];
    await alerts.record(
      'srv_killed',
      { active, isOver: () => true, restOf, maxOpen: 200, maxResolved: 1_000 },
      new Date().toISOString(),
    );
  };
  const shape = { type: 'channel_down' as const, severity: 'critical' as const, evidence: '' };
  const faults = [{ status: 429, retryAfterS: 1 }, { status: 500 }, 'drop', 'take and drop'] as const;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const fault = faults[kill % faults.length] ?? 'drop';
    hooks.misbehave(fault);
    push.misbehave(fault);
    smtp.refuse(kill % 2 === 0 ? 'drop' : { at: 'data', code: 451, text: 'Try again later' });
    const before = hooks.requests + push.requests;
    await see(`c${kill}`);
    // It dies at another moment of a delivery each time: before, amid and after requests.
    await within(DONE_MS, async () => hooks.requests + push.requests >= before + (kill % 3));
    await buoy.kill();
    await see(null);
    buoy = await startBuoy(settings);
  }
  // Refusals that are left would each double the time to the next attempt.
  for (const receiver of [hooks, push, smtp]) receiver.recover();
  await within(LAST_RETRY_MS + DONE_MS, async () => {
    const left = await database.db.selectFrom('notificationDeliveries').select('id').execute();
    return (
      left.length === 0 && (await database.db.selectFrom('alertEvents').select('id').execute()).length === 0
    );
  });
  const messages = {
    webhook: hooks.taken.map(
      ({ headers, body }) => [headers['webhook-id'], wordsOf(body.toString())] as const,
    ),
    browser: push.taken.map(({ body }) => [open(body), JSON.parse(open(body)).body as string] as const),
    mailbox: smtp.mails.map(({ source }) => [/^Message-ID: (\S+)/im.exec(source)?.[1], source] as const),
  };
  for (const [channel, all] of Object.entries(messages)) {
    const texts = [...new Map(all).values()];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const about = texts.filter((text) => text.includes(`c${kill} is down.`));
      expect([1, 2], `${channel} of c${kill}`).toContain(about.length);
      expect(about.at(-1), `${channel} of c${kill}`).toMatch(/Resolved|✅|=E2=9C=85/);
    }
  }
  await database.close();
  await buoy.stop();
});

/** What a webhook says in words. */
function wordsOf(body: string): string {
  const { alerts } = webhookBody.parse(JSON.parse(body)).data;
  return alerts
    .map(({ cause, resolvedAt }) => `${resolvedAt === null ? 'Open' : 'Resolved'}: ${cause}`)
    .join('\n');
}
