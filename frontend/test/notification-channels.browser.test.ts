// Notification channels in a browser: added, confirmed, tested, switched off and removed, and this browser as one of them.
import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { signInByNewLink } from '../../testbed/buoy-client.ts';
import { startFakeHttpReceiver } from '../../testbed/fake-http-receiver.ts';
import { startFakeSmtpServer } from '../../testbed/fake-smtp-server.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { createPushSubscription } from '../../testbed/push-subscription.ts';
import { browserMissing, phone } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';
import { notificationWorker, pushDelivery, withPush } from './support/web-push.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;
const [smtp, hooks] = await Promise.all([startFakeSmtpServer(), startFakeHttpReceiver()]);
afterAll(() => Promise.all([smtp.stop(), hooks.stop()]));

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const list = (page: Page) => page.getByRole('list', { name: 'Where alerts go' });

const { subscription } = createPushSubscription('https://push.example.org/this-browser');

describe.skipIf(browserMissing !== '')(`notification channels in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages(
    { SMTP_URL: smtp.url, SMTP_FROM: 'Buoy <buoy@example.org>' },
    { buoyFor: 'test' },
  );
  let api: Client;

  beforeEach(async () => {
    const token = await signInByNewLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
  });

  const open = async (options: Parameters<typeof visit>[0]): Promise<Page> => {
    const page = await visit(options);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    await page.goto(`${buoy().url}/account/notifications`);
    await page.getByRole('heading', { level: 2, name: 'Where alerts go' }).waitFor();
    return page;
  };
  const addWebhook = () =>
    api('POST /me/notification-channels', {
      body: { type: 'webhook', url: `${hooks.url}/hook`, label: 'on call' },
    });
  it('adds a webhook, shows its secret once, and says whether tests were delivered', async () => {
    const page = await open(phone);
    await page.getByText('you have no notification channel yet').waitFor();
    await press(page, 'Webhook');
    await page.getByLabel('URL', { exact: true }).fill(`${hooks.url}/hook`);
    await page.getByLabel('Name (optional)').fill('on call');
    await press(page, 'Add webhook');
    const shown = page.getByRole('region', { name: 'Secret of the webhook “on call”' });
    const secret = (await shown.locator('code').textContent()) ?? '';
    expect(secret).toMatch(/^whsec_/);
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
    await press(page, 'Done');
    await shown.waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(secret);
    await list(page).getByText('Active', { exact: true }).waitFor();
    expect(await list(page).textContent()).toMatch(/on call.*Webhook.*127\.0\.0\.1.*no messages yet/s);
    expect(await page.getByText('No alert would reach you').count()).toBe(0);

    await press(page, 'Send a test: on call');
    await list(page).getByText('Test sent. Check that it has arrived.').waitFor();
    expect(hooks.taken.map(({ body }) => JSON.parse(body.toString()).type)).toEqual(['test']);
    hooks.misbehave({ status: 500 });
    await press(page, 'Send me a test');
    await list(page).getByText('The test was not delivered.').waitFor();
    await list(page).getByText('answered with the status 500').first().waitFor();
    await list(page).getByText('The last message failed. Buoy keeps trying.').waitFor();
  });

  it('confirms an e-mail address by the code that was mailed to it', async () => {
    const page = await open(phone);
    await press(page, 'E-mail');
    await page.getByLabel('E-mail address').fill('ada@example.org');
    await press(page, 'Mail the code');
    await list(page).getByText('Not confirmed').waitFor();
    await page.getByText('No alert would reach you: each channel is off').waitFor();
    const [, text = ''] = smtp.mails.at(-1)?.source.split('\r\n\r\n') ?? [];
    const code = /\b(\d{6})\b/.exec(text)?.[1] ?? '';
    await page.getByLabel('Code from the e-mail').fill(code === '000000' ? '000001' : '000000');
    await press(page, 'Confirm address');
    await page.getByRole('alert').getByText('This is not the code that was mailed.').waitFor();
    await page.getByLabel('Code from the e-mail').fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await press(page, 'Confirm address');
    await list(page).getByText('Active', { exact: true }).waitFor();
    expect((await api('GET /me/notification-channels')).reachable).toBe(true);
  });

  it('switches a channel off, limits its alerts, and removes it', async () => {
    await addWebhook();
    const page = await open(phone);
    await page.getByRole('switch', { name: 'Send alerts to on call' }).click();
    await list(page).getByText('Off: no alerts are sent here.').waitFor();
    await page.getByText('No alert would reach you: each channel is off').waitFor();
    await list(page).getByText('Which alerts').click();
    await list(page).getByRole('switch', { name: 'Disk is nearly full' }).click();
    await list(page).getByLabel('Send alerts from').selectOption({ label: 'Critical: only urgent alerts' });
    await expect
      .poll(async () => (await api('GET /me/notification-channels')).channels)
      .toMatchObject([{ enabled: false, minSeverity: 'critical', mutedTypes: ['disk_full'] }]);
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);

    await press(page, 'Remove: on call');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('you have no notification channel yet').waitFor();
    expect((await api('GET /me/notification-channels')).channels).toEqual([]);
  });

  it('adds this browser, which shows what is pushed to it, and does not offer it twice', async () => {
    const page = await open(withPush({ subscription, permission: 'granted' }));
    await press(page, 'Add this browser');
    await page.getByText('This browser is in the list above.').waitFor();
    await list(page).getByText('push.example.org').waitFor();
    await page.reload();
    await page.getByText('This browser is in the list above.').waitFor();

    const worker = await notificationWorker(page);
    expect(new URL(worker.url()).pathname).toBe('/assets/notification-worker.js');
    const { scopeURL, deliver } = await pushDelivery(page);
    expect(scopeURL).toBe(`${buoy().url}/`);
    const sent = { title: 'web: Gateway is down', body: 'out of memory', tag: 'alt_1', path: '/alerts' };
    for (const data of [JSON.stringify({ ...sent, isCritical: true }), 'not JSON']) await deliver(data);
    await expect
      .poll(() => worker.evaluate(() => globalThis.shown))
      .toEqual([
        expect.objectContaining({ title: sent.title, tag: 'alt_1', requireInteraction: true }),
        expect.objectContaining({ body: 'Open Buoy to see what happened on your servers.' }),
      ]);

    await page.getByRole('button', { name: /^Remove: / }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('button', { name: 'Add this browser' }).waitFor();
  });

  it('says what to do in a browser that blocks notifications', async () => {
    const page = await open({ ...phone, ...withPush({ subscription, permission: 'denied' }) });
    await page.getByText('Allow them in the site settings of the browser').waitFor();
    expect(await page.getByRole('button', { name: 'Add this browser' }).count()).toBe(0);
  });
});
