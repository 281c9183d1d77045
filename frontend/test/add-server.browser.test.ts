import { describe, expect, inject, it } from 'vitest';
import { acquireHost, type Host } from '../../testbed/hosts.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { browserMissing, phone } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');
/** Milliseconds from the first page to a server that Buoy gets into. */
const GOAL_MS = 60_000;

describe.skipIf(missing !== '')(`a real server in the browser${missing && ` (skipped: ${missing})`}`, () => {
  const { buoy, visit } = useWatchedPages({}, { buoyFor: 'test' });

  it('connects within a minute with a key created in the browser, and again after a changed host key is accepted', async () => {
    await using host: Host = await acquireHost({ name: testHost('bare') });
    const page = await visit(phone);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByRole('heading', { name: 'No servers yet' }).waitFor();

    const startedAt = performance.now();
    await page.getByLabel('Paste an address or an ssh command').fill(`ssh ${host.user}@${host.host}`);
    await page.getByLabel('Name in Buoy').fill('new server');
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    ).toBeLessThanOrEqual(0);
    // The person copies the command and runs it on the server.
    const command = await page.getByText(/^mkdir -p ~\/\.ssh/).textContent();
    expect(await page.getByText(/^ssh .* "mkdir -p ~\/\.ssh/).textContent()).toContain(command);
    expect(await host.exec(command ?? '', { user: 'deploy' })).toMatchObject({ code: 0 });
    // The key is there before anything secret is sent.
    const shownKey = page.getByRole('status').filter({ hasText: 'Host key of the server' });
    await shownKey.waitFor();
    const offered = (await shownKey.textContent()) ?? '';
    expect(Object.values(host.hostKeys).some((key) => offered.includes(key))).toBe(true);
    await page.getByRole('button', { name: 'Trust this key and save' }).click();
    await page.getByRole('heading', { level: 1, name: 'new server' }).waitFor();
    await page.getByText('Connection works').waitFor();
    expect(performance.now() - startedAt).toBeLessThan(GOAL_MS);
    await page.getByRole('heading', { name: 'Set up OpenClaw' }).waitFor();

    await host.fault('new-host-key');
    await host.fault('kill-connections');
    const { hostKeys } = await host.info();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Test connection' }).click();
    const result = page.getByRole('region', { name: 'Connection test' });
    await result.getByText(/^The host key of .* changed/).waitFor();
    await page.reload();
    const warning = page.getByRole('alert').filter({ hasText: 'The server’s host key has changed' });
    await warning.getByRole('button', { name: 'Accept the new key' }).click();
    const question = page.getByRole('dialog', { name: 'Accept the new key of new server?' });
    const shown = (await question.textContent()) ?? '';
    for (const key of Object.values(host.hostKeys).filter((known) => shown.includes(known)))
      expect(shown.indexOf(key)).toBeLessThan(shown.indexOf('Current key'));
    expect(Object.values(hostKeys).some((key) => shown.includes(key))).toBe(true);
    await question.getByRole('button', { name: 'The keys match: accept' }).click();
    await page.getByText('Connection works').waitFor();
    await warning.waitFor({ state: 'hidden' });
  });
});
