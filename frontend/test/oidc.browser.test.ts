import { createServer } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { listenOnLoopback } from '../../testbed/listen-on-loopback.ts';
import { startOidcProvider } from '../../testbed/oidc-provider.ts';
import { browserMissing, phone } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;
// The provider knows the address of Buoy before Buoy is there.
const holder = createServer();
const { port } = await listenOnLoopback(holder);
await new Promise((resolve) => holder.close(resolve));
const provider = await startOidcProvider([`http://127.0.0.1:${port}/sign-in/oidc`]);
afterAll(() => provider.stop());

describe.skipIf(browserMissing !== '')(`single sign-on in a browser${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages({
    PORT: String(port),
    SIGN_UP: 'open',
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: provider.clientId,
    OIDC_CLIENT_SECRET: provider.clientSecret,
  });
  const button = { name: 'Sign in with your company account' };

  it('signs in with one press, clears the address bar, and stays signed in after a reload', async () => {
    const page = await visit({ ...phone, alsoTo: provider.issuer });
    await page.goto(buoy().url);
    await page.getByRole('button', button).click();
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
    expect(page.url()).toBe(`${buoy().url}/`);
    await page.getByText('Ada Lovelace').first().waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
  });

  it('shows a refusal of the provider in the reader’s language, without its text, and offers a retry', async () => {
    provider.mode = 'refused';
    const page = await visit({ alsoTo: provider.issuer });
    await page.goto(buoy().url);
    await page.getByRole('button', button).click();
    const alert = page.getByRole('alert');
    await alert.getByText("Your company's sign-in page refused the sign-in.").waitFor();
    expect(page.url()).toBe(`${buoy().url}/sign-in`);
    expect(await page.content()).not.toContain('555-0100');
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
    await alert.getByText('Die Anmeldeseite Ihrer Firma hat die Anmeldung abgelehnt.').waitFor();
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('en');

    provider.mode = 'ready';
    await page.getByRole('button', button).click();
    await page.getByRole('heading', { level: 1, name: 'Servers' }).waitFor();
  });

  it('distinguishes an unavailable provider from a rejected request', async () => {
    const page = await visit();
    await page.goto(`${buoy().url}/sign-in/oidc?error=temporarily_unavailable&state=s`);
    await page.getByText("Your company's sign-in page is unavailable.").waitFor();
    await page.goto(`${buoy().url}/sign-in/oidc?error=invalid_scope&state=s`);
    await page.getByText("Your company's sign-in page rejected Buoy's request.").waitFor();
  });
});
