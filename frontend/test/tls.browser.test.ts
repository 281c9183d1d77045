// Buoy with its own https at a network name, where browsers keep the secure cookie.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../testbed/make-certificate.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, LAN_NAME } from './support/browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'buoy-browser-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(browserMissing !== '')('a page by https of Buoy itself', () => {
  const { cert, key } = makeCertificate(folder, 'own');
  const pages = useWatchedPages({ TLS_CERT: cert, TLS_KEY: key, ALLOW_INSECURE_HTTP: '1' });

  it('stays signed in after a reload, without a plain-http warning', async () => {
    const onLan = (address: string) => address.replace('127.0.0.1', LAN_NAME);
    const page = await pages.visit({ ignoreHTTPSErrors: true, alsoTo: onLan(pages.buoy().url) });
    await openSignInLink(page, onLan(await pages.buoy().newSignInLink()));
    for (let load = 0; load < 2; load += 1) {
      await page.getByRole('heading', { name: 'Servers', exact: true }).waitFor();
      await page.reload();
    }
    expect(await page.getByText('not encrypted').count()).toBe(0);
    const cookies = await page.context().cookies();
    expect(cookies.map(({ name, secure, httpOnly }) => ({ name, secure, httpOnly }))).toEqual([
      { name: '__Host-Http-buoy_refresh', secure: true, httpOnly: true },
    ]);
  });
});
