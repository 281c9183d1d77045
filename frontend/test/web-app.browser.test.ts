import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { signInByNewLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, type PageOptions, phone, screens } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

/** A port on loopback where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe.skipIf(browserMissing !== '')(`the web app in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({}, { buoyFor: 'test' });

  const signedIn = async (options: PageOptions = {}) => {
    const page = await visit(options);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    return page;
  };

  it('shows how to sign in to a visitor without a session', async () => {
    const page = await visit();
    await page.goto(`${buoy().url}/servers/srv_some`);
    await page.getByRole('heading', { level: 1, name: 'Sign in to Buoy' }).waitFor();
    await page.getByText('npm run sign-in-link', { exact: true }).waitFor();
  });

  it('signs in by the printed link, removes the code from the address bar, and stays signed in', async () => {
    const link = buoy().signInLink ?? '';
    const code = new URL(link).hash.replace('#code=', '');
    const page = await visit();
    await openSignInLink(page, link);
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    expect(page.url()).toBe(`${buoy().url}/`);
    expect(await page.evaluate(() => Object.keys({ ...localStorage, ...sessionStorage }).sort())).toEqual([
      'buoy.attempt',
      'buoy.last-person',
    ]);

    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();

    const other = await visit();
    await openSignInLink(other, link);
    await other.getByText('This sign-in link is not valid').waitFor();
    await other.getByRole('button', { name: 'Copy request id' }).waitFor();
    expect(other.url()).not.toContain(code);
  });

  it('explains the first steps while no server exists', async () => {
    const page = await signedIn();
    await page.getByRole('heading', { name: 'No servers yet' }).waitFor();
    await page.getByRole('link', { name: 'Add server' }).click();
    await page.getByLabel('Paste an address or an ssh command').waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'No servers yet' }).waitFor();
  });

  it('signs this browser out permanently', async () => {
    const page = await signedIn();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Buoy' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to Buoy' }).waitFor();
  });

  it.each(screens)(
    'fits a %s %s screen without scrolling sideways, with targets that a thumb hits',
    async (colorScheme, _name, size) => {
      const page = await signedIn({ ...size, colorScheme });
      await page.goto(`${buoy().url}/servers/new`);
      await page.getByLabel('Paste an address or an ssh command').fill(`ssh ${'x'.repeat(150)}.example.com`);
      const measured = await page.evaluate(() => ({
        overflow: document.documentElement.scrollWidth - window.innerWidth,
        small: [
          ...document.querySelectorAll<HTMLElement>('a, button, input:not([type=radio]), select, textarea'),
        ]
          .filter((element) => element.getClientRects().length > 0 && element.offsetHeight < 44)
          .map((element) => element.outerHTML.slice(0, 120)),
      }));
      expect(measured).toEqual({ overflow: 0, small: [] });
    },
  );

  it('adds a server that does not answer, and says so', async () => {
    const port = await closedPort();
    const page = await signedIn(phone);
    await page.getByRole('link', { name: 'Add server' }).click();
    await page
      .getByLabel('Paste an address or an ssh command')
      .fill(`ssh -p ${port} -i ~/.ssh/id deploy@127.0.0.1`);
    await page.getByText('Paste its contents below').waitFor();
    expect(await page.getByLabel('Port').inputValue()).toBe(String(port));
    await page.getByLabel('Name in Buoy').fill('Silent box');
    await page.getByRole('radio', { name: 'Password' }).check();
    await page.getByLabel('Password', { exact: true }).last().fill('never right');
    await page.getByText('The host key could not be read').waitFor();
    await page.getByRole('button', { name: 'Save anyway' }).click();

    await page.getByRole('heading', { level: 1, name: 'Silent box' }).waitFor();
    const result = page.getByRole('region', { name: 'Connection test' });
    await result.waitFor();
    expect(await result.textContent()).toMatch(/refused|listens/i);
    await page
      .getByText(/^Unreachable/)
      .first()
      .waitFor();

    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Silent box' }).waitFor();
    await page.getByRole('link', { name: 'All servers' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'Silent box' }).first();
    await row.getByText(/^Unreachable/).waitFor();
    expect(await row.textContent()).toContain(`127.0.0.1:${port}`);
  });

  it('marks the field that the API rejects, and keeps the input', async () => {
    const page = await signedIn();
    await page.goto(`${buoy().url}/servers/new`);
    await page.getByLabel('Host', { exact: true }).fill('not_a_host!');
    await page.getByLabel('Login name').fill('deploy');
    await page.getByLabel('Name in Buoy').fill('Wrong');
    await page.getByRole('radio', { name: 'Password' }).check();
    await page.getByLabel('Password', { exact: true }).last().fill('secret');
    const refusal = page.waitForResponse(
      (response) => response.url().endsWith('/api/servers') && response.status() === 400,
    );
    await page.getByRole('button', { name: 'Save and test' }).click();
    await refusal;
    const host = page.getByLabel('Host', { exact: true });
    await page.getByText('must be a host name').first().waitFor();
    expect(await host.getAttribute('aria-invalid')).toBe('true');
    expect(await host.inputValue()).toBe('not_a_host!');
  });

  it('asks to sign in again with the reason when the device was signed out elsewhere', async () => {
    const page = await signedIn();
    const token = await signInByNewLink(buoy());
    const ask = async (method: string, path: string, init: RequestInit = {}) => {
      const answer = await fetch(`${buoy().url}/api${path}`, { method, ...init });
      return answer.status === 204 ? null : answer.json();
    };
    const headers = { authorization: `Bearer ${token}` };
    const { sessions } = await ask('GET', '/me/sessions', { headers });
    for (const session of sessions as { id: string; current: boolean }[])
      if (!session.current) await ask('DELETE', `/me/sessions/${session.id}`, { headers });

    await page.getByText('This device was signed out.').waitFor();
    expect(await page.getByRole('heading', { name: 'Sign in to Buoy' }).isVisible()).toBe(true);
  });
});

describe.skipIf(browserMissing !== '')(`the web app of an installed Buoy${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({ BUOY_COMMANDS: 'buoy-server' });

  it('names the installed commands on the sign-in and backups pages', async () => {
    const page = await visit();
    await page.goto(buoy().url);
    await page.getByText('sudo buoy-server sign-in-link', { exact: true }).waitFor();
    expect(await page.getByText('npm').count()).toBe(0);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    await page.goto(`${buoy().url}/admin/backups`);
    await page.getByText('sudo buoy-server restore FILE', { exact: true }).waitFor();
  });
});
