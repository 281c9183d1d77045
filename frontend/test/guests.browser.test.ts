// Guests without Telegram: open an invite, give a name, add a passkey and sign in with it again.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

/** Passkeys need a host name; this one is this machine everywhere. */
const byName = (address: string) => address.replace('127.0.0.1', 'localhost');

/** An authenticator inside the browser that recognises its person at once. */
async function withAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

describe.skipIf(browserMissing !== '')('a guest without Telegram', () => {
  const pages = useWatchedPages({}, { buoyFor: 'test' });

  const api = async <T>(path: string, body: object, token?: string): Promise<T> => {
    const answer = await fetch(`${byName(pages.buoy().url)}/api${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json() as Promise<T>;
  };
  const inviteLink = async (): Promise<string> => {
    const code = (await pages.buoy().newSignInLink()).split('#code=')[1];
    const { token } = await api<{ token: string }>('/auth/link', { code });
    const machine = { name: 'harbour', host: '127.0.0.1', port: 1, username: 'root' };
    const { server } = await api<{ server: { id: string } }>(
      '/servers',
      { ...machine, authType: 'password', password: 'x' },
      token,
    );
    const { invite } = await api<{ invite: { url: string } }>(
      `/servers/${server.id}/invites`,
      { role: 'viewer' },
      token,
    );
    return invite.url;
  };

  it('joins with a name, adds a passkey, and signs in with it again', async () => {
    const page = await pages.visit({ ...phone, alsoTo: byName(pages.buoy().url) });
    await withAuthenticator(page);
    await page.goto(byName(await inviteLink()));
    await page.getByText('invites you to harbour with view access.').waitFor();
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
    await page.getByLabel('Your name').fill('Grace Hopper');
    await page.getByRole('button', { name: 'Join' }).click();

    await page.getByText('No passkeys yet').waitFor();
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
    await page.getByLabel('Name').fill('phone');
    await page.getByRole('button', { name: 'Add passkey' }).click();
    await page.getByText('for localhost · never used').waitFor();

    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText(/for localhost · last used/).waitFor();
    await page.goto(byName(pages.buoy().url));
    await page.getByText('harbour').first().waitFor();
  });

  it('sees why an invite does not work, and creates a backup link where passkeys are unavailable', async () => {
    const page = await pages.visit();
    await page.goto(`${pages.buoy().url}/invite#code=made-up`);
    await page.getByText('This invite is not valid').waitFor();
    // At an address without a name.
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0);
    await page.goto(await inviteLink().then((link) => link.replace('localhost', '127.0.0.1')));
    await page.getByLabel('Your name').fill('Ada');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByText('Passkeys do not work at this address.').waitFor();
    await page.getByRole('button', { name: 'Create link' }).click();
    const link = (await page.getByText(/\/sign-in#code=/).textContent()) ?? '';
    await page.context().clearCookies();
    await openSignInLink(page, link);
    await page.getByText('harbour').first().waitFor();
  });

  it('signs in by a super-admin’s link without a server, and again by a new link', async () => {
    const admin = await pages.visit();
    await openSignInLink(admin, await pages.buoy().newSignInLink());
    await admin.goto(`${pages.buoy().url}/admin/users`);
    await admin.getByRole('button', { name: 'Invite a person' }).click();
    await admin.getByLabel('Name of the person').fill('Grace Hopper');
    await settled(admin);
    expect(await findIssues(admin)).toEqual(noIssues);
    await admin.getByRole('button', { name: 'Create sign-in link' }).click();
    const made = admin.getByRole('region', { name: 'Grace Hopper can sign in' });
    const first = (await made.getByText(/\/sign-in#code=/).textContent()) ?? '';
    await made.getByRole('button', { name: 'Done' }).click();
    expect(await admin.content()).not.toContain(first);

    const guest = await pages.visit(phone);
    await openSignInLink(guest, first);
    await guest.getByText('No servers yet').waitFor();

    await admin.getByRole('button', { name: /^Change *: Grace Hopper$/ }).click();
    const dialog = admin.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create sign-in link' }).click();
    const again = dialog.getByRole('region', { name: 'Sign-in link for Grace Hopper' });
    const second = (await again.getByText(/\/sign-in#code=/).textContent()) ?? '';
    await guest.context().clearCookies();
    await openSignInLink(guest, second);
    await guest.getByText('No servers yet').waitFor();
  });

  it('is renamed by a super-admin, who then restores the name from sign-in', async () => {
    const admin = await pages.visit(phone);
    await openSignInLink(admin, await pages.buoy().newSignInLink());
    await admin.goto(`${pages.buoy().url}/admin/users`);
    await admin.getByRole('button', { name: 'Invite a person' }).click();
    await admin.getByLabel('Name of the person').fill('Grace Hopper');
    await admin.getByRole('button', { name: 'Create sign-in link' }).click();
    await admin.getByRole('button', { name: 'Done' }).click();
    await admin.getByRole('button', { name: /^Change *: Grace Hopper$/ }).click();

    const dialog = admin.getByRole('dialog');
    await dialog.getByLabel('Display name').fill(' Grace from logistics ');
    await settled(admin);
    expect(await findIssues(admin)).toEqual(noIssues);
    await dialog.getByRole('button', { name: 'Save name' }).click();
    await dialog.getByRole('heading', { name: 'Change Grace from logistics' }).waitFor();
    expect(await dialog.getByLabel('Display name').inputValue()).toBe('Grace from logistics');

    await dialog.getByRole('button', { name: 'Use the name from sign-in' }).click();
    await dialog.getByRole('heading', { name: 'Change Grace Hopper' }).waitFor();
    expect(await dialog.getByLabel('Display name').inputValue()).toBe('Grace Hopper');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await admin.getByRole('button', { name: /^Change *: Grace Hopper$/ }).waitFor();
  });
});
