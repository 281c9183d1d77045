import { readFile } from 'node:fs/promises';
import { createClient } from '@buoy/contract/client';
import { describe, expect, inject, it } from 'vitest';
import { addServer, signInByLink, untilUp } from '../../testbed/buoy-client.ts';
import { acquireHost, currentOpenclawLayer } from '../../testbed/hosts.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { browserMissing, phone } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');

describe.skipIf(missing !== '')(`a live server in the browser${missing && ` (skipped: ${missing})`}`, () => {
  const { buoy, visit } = useWatchedPages();

  it('is up, with its gateway, agents and sessions, and restarts before the eyes of who closes the page and comes back', async () => {
    const host = await acquireHost({ name: testHost('gateway'), layer: currentOpenclawLayer });
    const token = await signInByLink(buoy());
    const api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
    const { id } = await addServer(api, {
      name: 'lobster pot',
      host: host.host,
      username: host.user,
      authType: 'key',
      privateKey: await readFile(host.key, 'utf8'),
    });
    await untilUp(api, id);

    const page = await visit(phone);
    await page.goto(await buoy().newSignInLink());
    await page.getByText('lobster pot').click();
    await page.getByText('Running and ready').waitFor();
    // While the browser starts on a small machine, a look may have come from the host instead.
    await page.getByText('From the gateway').waitFor();
    const panel = await page.locator('main').textContent();
    expect(panel).toMatch(/Version\s*2026\.9\.6/);
    expect(panel).toMatch(/Agents\s*1/);
    expect(panel).toMatch(/Sessions\s*\d/);

    await page.getByRole('button', { name: 'Restart gateway' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /restart/i })
      .click();
    await page.getByText('Wait until it is ready').waitFor();
    await page.reload();
    await page.getByText('Restarting…').waitFor();
    const { task } = await api('GET /tasks/active', { query: { serverId: id } });
    expect(task?.type).toBe('openclaw.restart');
    await page.getByRole('button', { name: 'Restart gateway' }).waitFor({ timeout: 100_000 });
    await page.getByText('Running and ready').waitFor();
    const after = await api('GET /tasks/:id', { params: { id: task?.id ?? '' } });
    expect(after.task.status).toBe('succeeded');
  });
});
