import { readFile } from 'node:fs/promises';
import { createClient } from '@buoy/contract/client';
import { expect, it } from 'vitest';
import { addServer, signInByLink, untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, currentOpenclawLayer } from '../../testbed/hosts.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { botToken, telegramGround } from '../../backend/test/support/openclaw-telegram.ts';
import { phone } from './support/browser.ts';
import { flawless, flawsOf } from './support/look-at-page.ts';
import { useWatchedPages } from './support/watched-pages.ts';
const { buoy, visit } = useWatchedPages();
it('tmp', { timeout: 500_000 }, async () => {
  const host = await acquireHost({ name: testHost('gateway'), layer: currentOpenclawLayer, waitGateway: true });
  const token = await signInByLink(buoy());
  const api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
  const { id } = await addServer(api, { name: 'lobster pot', host: host.host, username: host.user, authType: 'key', privateKey: await readFile(host.key, 'utf8') });
  await untilUp(api, id);
  const ground: any = { host, live: { api }, serverId: id, async cli(words: string[], schema: any) {
    const r = await host.exec(['env', 'PATH=/opt/node24/bin:/usr/bin:/bin', 'openclaw', '--no-color', ...words], { user: 'deploy' });
    return schema.parse(JSON.parse(r.stdout));
  } };
  const telegram = await telegramGround(ground);
  try {
    const page = await visit(phone);
    page.setDefaultTimeout(60_000);
    await page.goto(await buoy().newSignInLink());
    await page.getByText('lobster pot').first().waitFor();
    await page.goto(`${buoy().url}/servers/${id}/channels`);
    await page.getByText('Connected', { exact: true }).waitFor();
    telegram.bots.say(botToken, { id: 55512345, firstName: 'Anna', username: 'anna_k' }, 'hello');
    await page.getByText('Anna @anna_k wants to write to telegram').waitFor();
    await page.screenshot({ path: '/tmp/w/ops/t-1.png', fullPage: true });
    expect(await flawsOf(page)).toEqual(flawless);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText(/^Approved\./).waitFor();
    await page.getByRole('button', { name: 'Stop telegram' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped', { exact: true }).waitFor();
    await page.screenshot({ path: '/tmp/w/ops/t-2.png', fullPage: true });
    await page.getByRole('button', { name: 'Start telegram' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
    await page.getByText('Connected', { exact: true }).waitFor();
    await page.screenshot({ path: '/tmp/w/ops/t-3.png', fullPage: true });
  } finally { await telegram.close(); }
});
