import { ApiError, type Client } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { isLongRun } from '../../testbed/long-run.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { until } from '../../testbed/until.ts';
import { browserMissing, desktop, type PageOptions, phone } from './support/browser.ts';
import { addLiveGateway } from './support/live-gateway.ts';
import { findIssues, noIssues } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');
/** Milliseconds: the first turn of a fresh gateway takes 15 s, more beside other work. */
const TURN_MS = 90_000;

describe.skipIf(missing !== '')(
  `conversations in a browser${missing && ` (skipped: ${missing})`}`,
  { timeout: 240_000 },
  () => {
    const { buoy, visit } = useWatchedPages();
    const made = new Set<string>();
    let api: Client;
    let server: { id: string };

    const session = (key: string) => ({ params: { id: server.id, key } });
    const open = async (options: PageOptions, path: string): Promise<Page> => {
      const page = await visit(options);
      page.setDefaultTimeout(60_000);
      await openSignInLink(page, await buoy().newSignInLink());
      await page.getByText('web server').first().waitFor();
      await page.goto(`${buoy().url}/servers/${server.id}${path}`);
      return page;
    };
    const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();
    const said = (page: Page) => page.getByRole('list', { name: 'Conversation' });
    const newChat = async (page: Page): Promise<string> => {
      await press(page, 'New chat');
      await page.getByRole('dialog').getByRole('link').first().click();
      await page.getByText('Session not found').waitFor();
      const key = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1) ?? '');
      made.add(key);
      return key;
    };
    const statusOf = async (key: string) =>
      (await api('GET /servers/:id/openclaw/sessions/:key', session(key))).session.status;

    beforeAll(async () => {
      ({ api, server } = await addLiveGateway(buoy()));
    });
    afterAll(async () => {
      for (const key of made)
        await api('DELETE /servers/:id/openclaw/sessions/:key', session(key)).catch(() => undefined);
    });

    it.runIf(isLongRun)(
      'starts a session on a phone, shows the answer live and after a reload, then stops, renames and deletes it',
      async () => {
        const page = await open(phone, '/sessions');
        const name = `rigging questions ${Date.now().toString(36)}`;
        const key = await newChat(page);
        const box = page.getByLabel('Message to the agent');
        await box.fill('hello **there**');
        await press(page, 'Send');
        await said(page).getByText('hello **there**').waitFor();
        await page.getByRole('button', { name: 'Stop' }).waitFor();
        await said(page)
          .getByText(/FAKE-REPLY to: .*hello/)
          .waitFor({ timeout: TURN_MS });
        await said(page).getByText('there', { exact: true }).waitFor();
        await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' });
        expect(await said(page).getByRole('listitem').count()).toBe(2);
        await page.getByText(/of 128,000 tokens/).waitFor();
        expect(await findIssues(page)).toEqual(noIssues);

        const before = await said(page).textContent();
        await page.reload();
        await said(page)
          .getByText(/FAKE-REPLY to:/)
          .waitFor();
        await said(page).getByText('there', { exact: true }).waitFor();
        expect(await said(page).textContent()).toBe(before);

        await box.fill('slow please');
        await press(page, 'Send');
        await until(TURN_MS, async () => (await statusOf(key)) === 'running');
        await press(page, 'Stop');
        await page.getByText('The last turn was stopped.').waitFor();
        await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' });
        await until(20_000, async () => (await statusOf(key)) === 'killed');

        await press(page, 'Actions');
        await press(page, /^Settings/);
        await page.getByRole('dialog').getByLabel('Name').fill(name);
        await press(page, 'Save');
        await page.getByText('Saved.').waitFor();
        await page.getByRole('link', { name: 'All sessions' }).click();
        await page.getByRole('link', { name }).click();

        await press(page, 'Actions');
        await press(page, /^Delete/);
        await page.getByText('OpenClaw keeps an archive').waitFor();
        await press(page, 'Delete now');
        await page.getByRole('heading', { name: 'Sessions', exact: true }).waitFor();
        await page.getByRole('main').getByText(name).waitFor({ state: 'hidden' });
        const gone: unknown = await statusOf(key).catch((error: unknown) => error);
        expect(gone).toBeInstanceOf(ApiError);
        expect(gone).toMatchObject({ status: 404 });
      },
    );

    it('shows tool calls on a desktop, and messages of others live', async () => {
      const page = await open(desktop, '/sessions');
      const key = await newChat(page);
      await page.getByLabel('Message to the agent').fill('run: uname -s');
      await page.keyboard.press('Enter');
      await said(page)
        .getByText(/FAKE-REPLY to:/)
        .waitFor({ timeout: TURN_MS });
      await said(page).locator('summary', { hasText: 'uname -s' }).click();
      await said(page).getByText('Linux', { exact: true }).waitFor();

      await api('POST /servers/:id/openclaw/sessions/:key/messages', {
        ...session(key),
        body: { text: 'said somewhere else' },
      });
      await said(page).getByText('said somewhere else', { exact: true }).waitFor();
      await said(page)
        .getByText(/FAKE-REPLY to: .*said somewhere else/)
        .waitFor({ timeout: TURN_MS });
      await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' });
      expect(await findIssues(page)).toEqual(noIssues);
    });

    it.runIf(isLongRun)('adds its tokens to the usage chart and table', async () => {
      const page = await open(phone, '/usage');
      const days = page.getByRole('table', { name: 'By day' });
      await days.getByRole('row').nth(1).waitFor();
      // OpenClaw counts anew now and then: what is shown together must fit together at any time.
      await expect
        .poll(async () => {
          const figures = await days.locator('tbody tr td:nth-of-type(1)').allTextContents();
          const sum = figures.reduce((total, figure) => total + Number(figure.replaceAll(',', '')), 0);
          return page.locator('dd').getByText(sum.toLocaleString('en'), { exact: true }).count();
        })
        .toBe(1);
      await page
        .getByRole('img', { name: /^Tokens by day/ })
        .locator('canvas')
        .waitFor();
      await page.getByRole('radio', { name: 'Last 7 days' }).check();
      await page.waitForURL(/days=7/);
      await page.getByRole('img', { name: /^Tokens by day/ }).waitFor();
      expect(await findIssues(page)).toEqual(noIssues);
    });
  },
);
