import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, createClient } from '@buoy/contract/client';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { addServer, signInByLink, untilUp } from '../../testbed/buoy-client.ts';
import { startFakeHttpReceiver } from '../../testbed/fake-http-receiver.ts';
import { acquireHost, currentOpenclawLayer, type Host } from '../../testbed/hosts.ts';
import { contentOf, makeCertificate } from '../../testbed/make-certificate.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { createPushSubscription } from '../../testbed/push-subscription.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { until } from '../../testbed/until.ts';
import { browserMissing, type PageOptions, phone } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';
import { notificationWorker, pressNotification, pushDelivery, withPush } from './support/web-push.ts';

/** Milliseconds: a gateway starts in half a minute on two free cores, and in two on busy ones. */
const REPAIR_TIMEOUT_MS = 240_000;
/** Milliseconds from a problem, or from its end, to its message. */
const TOLD_MS = 15_000;

const folder = mkdtempSync(path.join(tmpdir(), 'buoy-push-'));
const certificate = makeCertificate(folder, 'push.test');
const push = await startFakeHttpReceiver(contentOf(certificate));
const missing = browserMissing || inject('hostsMissing');

describe.skipIf(missing !== '')(`a gateway that is down${missing && ` (skipped: ${missing})`}`, () => {
  const { buoy, visit } = useWatchedPages({
    APP_DOMAIN: 'buoy.example.org',
    NODE_EXTRA_CA_CERTS: certificate.cert,
  });
  let host: Host;
  let api: Client;
  let id: string;

  beforeAll(async () => {
    host = await acquireHost({ name: testHost('gateway'), layer: currentOpenclawLayer });
    const token = await signInByLink(buoy());
    api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
    const server = await addServer(api, {
      name: 'sunken pot',
      host: host.host,
      username: host.user,
      authType: 'key',
      privateKey: await readFile(host.key, 'utf8'),
    });
    id = server.id;
    await untilUp(api, id, REPAIR_TIMEOUT_MS);
  });
  afterEach(() => host.fault('none'));
  afterAll(async () => {
    await push.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const home = async (options: PageOptions = {}): Promise<Page> => {
    const page = await visit({ ...phone, ...options });
    page.setDefaultTimeout(REPAIR_TIMEOUT_MS / 2);
    await openSignInLink(page, await buoy().newSignInLink());
    return page;
  };
  const untilGateway = (state: string) =>
    until(60_000, async () => {
      const { status } = await api('GET /servers/:id/openclaw/status', { params: { id } });
      return status.gateway.state === state;
    });

  it('restarts from the server list in three taps, showing the cause before the second', {
    timeout: REPAIR_TIMEOUT_MS,
  }, async () => {
    await host.fault('gateway-stop');
    await untilGateway('stopped');

    const page = await home();
    let taps = 0;
    const tap = async (target: Locator) => {
      await target.tap();
      taps += 1;
    };
    const down = page.getByRole('list', { name: 'Down' }).getByRole('listitem');
    await down.getByText('The gateway is stopped.').waitFor();
    await tap(down);
    const problem = page.getByRole('region', { name: 'The gateway is stopped' });
    await problem.getByText('does not start by itself').waitFor();
    await tap(problem.getByRole('button', { name: 'Start gateway' }));
    const question = page.getByRole('dialog', { name: 'Start the gateway on sunken pot?' });
    await question.getByText(`${host.user}@${host.host}`).waitFor();
    // The diagnosis changes while the person reads the question, as it does when a unit gives up.
    const isStatus = (url: URL) => url.pathname.endsWith('/openclaw/status');
    await page.route(isStatus, async (route) => {
      const response = await route.fetch();
      const answer = await response.json();
      await route.fulfill({
        response,
        json: {
          ...answer,
          status: { ...answer.status, gateway: { ...answer.status.gateway, state: 'failed' } },
        },
      });
    });
    await page.getByRole('region', { name: 'The gateway failed', includeHidden: true }).waitFor();
    await page.unroute(isStatus);
    expect(await question.isVisible()).toBe(true);
    await tap(question.getByRole('button', { name: 'Start now' }));

    await page.getByText('Running and ready').waitFor();
    await problem.waitFor({ state: 'hidden' });
    await page
      .getByRole('region', { name: 'Gateway start' })
      .getByRole('button', { name: 'Close' })
      .waitFor();
    const { tasks } = await api('GET /tasks', { query: { serverId: id } });
    expect(tasks).toMatchObject([{ type: 'openclaw.start', status: 'succeeded' }]);
    expect(taps).toBeLessThanOrEqual(3);
  });

  it('starts in two taps after a press on the notification that the browser got', {
    timeout: REPAIR_TIMEOUT_MS,
  }, async () => {
    await untilUp(api, id, REPAIR_TIMEOUT_MS);
    const { subscription, open } = createPushSubscription(`${push.url}/push/phone`);
    const page = await home(withPush({ subscription, permission: 'granted' }));
    await page.goto(`${buoy().url}/account/notifications`);
    await page.getByRole('button', { name: 'Add this browser' }).tap();
    await page.getByText('This browser is in the list above.').waitFor();
    const worker = await notificationWorker(page);
    const { deliver } = await pushDelivery(page);

    await host.fault('gateway-stop');
    await until(TOLD_MS, async () => push.taken.length > 0);
    await deliver(open(push.taken[0]?.body ?? expect.unreachable()));
    await expect.poll(() => worker.evaluate(() => globalThis.shown?.length)).toBe(1);
    await pressNotification(worker);
    await page.getByRole('button', { name: 'Start gateway' }).tap();
    await page.getByRole('dialog').getByRole('button', { name: 'Start now' }).tap();
    await page.getByText('Running and ready').waitFor();
    // The end of the problem is told as well.
    await until(TOLD_MS, async () => push.taken.length > 1);
    expect(JSON.parse(open(push.taken[1]?.body ?? expect.unreachable())).title).toContain('sunken pot');
  });

  it('is stopped by a person after a warning, and restarts from its alert in three taps, which resolves at the next check', {
    timeout: REPAIR_TIMEOUT_MS,
  }, async () => {
    await untilUp(api, id, REPAIR_TIMEOUT_MS);
    const page = await home();
    await page.getByText('sunken pot').tap();
    await page.getByRole('button', { name: 'Test the model' }).tap();
    const check = page.getByRole('region', { name: 'Model test' });
    await check.getByText('The model answers.').waitFor();
    expect(await check.textContent()).toMatch(/Provider\s*fake/);

    await page.getByRole('button', { name: 'Stop gateway' }).tap();
    const question = page.getByRole('dialog', { name: 'Stop the gateway on sunken pot?' });
    await question.getByText('Messages get no answer until the gateway is started again.').waitFor();
    await question.getByRole('button', { name: 'Stop now' }).tap();
    await page.getByRole('region', { name: 'The gateway is stopped' }).waitFor();
    await page.getByRole('button', { name: 'Start gateway' }).waitFor();
    expect(await page.getByRole('button', { name: 'Stop gateway' }).count()).toBe(0);

    await untilGateway('stopped');
    await api('POST /servers/:id/check', { params: { id } });
    // An open page asks for the number of new alerts once a minute.
    await page.reload();
    await page.getByRole('link', { name: 'Alerts, 1 new' }).tap();
    const alert = page.getByRole('listitem', { name: 'Gateway is down' });
    await alert.getByText('The gateway is stopped.').waitFor();
    let taps = 0;
    const tap = async (target: Locator) => {
      await target.tap();
      taps += 1;
    };
    await tap(alert.getByRole('link', { name: 'Open server sunken pot' }));
    await tap(page.getByRole('button', { name: 'Start gateway' }));
    await tap(page.getByRole('dialog').getByRole('button', { name: 'Start now' }));
    await page.getByText('Running and ready').waitFor();
    expect(taps).toBeLessThanOrEqual(3);

    await untilUp(api, id, REPAIR_TIMEOUT_MS);
    await api('POST /servers/:id/check', { params: { id } });
    await page.reload();
    await page.getByRole('link', { name: 'Alerts', exact: true }).tap();
    await page
      .getByRole('list', { name: 'Resolved' })
      .getByRole('listitem', { name: 'Gateway is down' })
      .waitFor();
  });

  it('whose config keeps it from starting is repaired by OpenClaw itself after a person has read what that does', {
    timeout: 2 * REPAIR_TIMEOUT_MS,
  }, async () => {
    await untilUp(api, id, REPAIR_TIMEOUT_MS);
    // OpenClaw 2026.9.6 does not start with a key that it does not know.
    const words = [
      'sh',
      '-c',
      `sed -i 's/"gateway": {/"gateway": { "nonsense": 1,/' .openclaw/openclaw.json`,
    ];
    await host.exec(words, { user: 'deploy' });
    await host.exec(['systemctl', '--user', 'restart', 'openclaw-gateway'], { user: 'deploy' });
    await untilGateway('failed');
    const page = await home();
    await page.getByText('sunken pot').tap();
    await page.getByRole('button', { name: 'Repair OpenClaw' }).tap();
    const question = page.getByRole('dialog', { name: 'Repair OpenClaw on sunken pot?' });
    await question.getByText('openclaw doctor --fix').waitFor();
    await question.getByText('It may switch off skills that cannot run on this server.').waitFor();
    await question.getByRole('button', { name: 'Repair now' }).tap();
    // OpenClaw's own repair takes half a minute on two free cores.
    await page.getByText('Running and ready').waitFor({ timeout: REPAIR_TIMEOUT_MS });
    await page
      .getByRole('region', { name: 'Gateway repair' })
      .getByRole('button', { name: 'Close' })
      .waitFor();
  });

  it('goes back to the config that worked by the repair steps, after a person has read what changes', {
    timeout: 2 * REPAIR_TIMEOUT_MS,
  }, async () => {
    await untilUp(api, id, REPAIR_TIMEOUT_MS);
    const words = [
      'sh',
      '-c',
      `sed -i 's/"gateway": {/"gateway": { "nonsense": 1,/' .openclaw/openclaw.json`,
    ];
    await host.exec(words, { user: 'deploy' });
    await host.exec(['systemctl', '--user', 'restart', 'openclaw-gateway'], { user: 'deploy' });
    await untilGateway('failed');
    const page = await home();
    await page.getByText('sunken pot').tap();
    const steps = page.getByRole('list', { name: 'Repair steps' });
    const step = steps.getByRole('listitem').filter({ hasText: 'Go back to the last config that worked' });
    await step.getByText('Next').waitFor();
    await step.getByRole('button', { name: 'Run: Go back to the last config that worked' }).tap();
    const question = page.getByRole('dialog', {
      name: 'Go back to the last config that worked on sunken pot?',
    });
    await question.getByText('gateway.nonsense').waitFor();
    await question.getByText('openclaw.json.before-rollback').first().waitFor();
    await question.getByRole('button', { name: 'Run now' }).tap();
    await page.getByText('Running and ready').waitFor({ timeout: REPAIR_TIMEOUT_MS });
    await page
      .getByRole('region', { name: 'Config rollback' })
      .getByRole('button', { name: 'Close' })
      .waitFor();
  });
});
