// A full day of one person, from the first sign-in to revoking access: on a phone in Telegram and in a desktop browser.
import { createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { signInByNewLink, untilUp } from '../../testbed/buoy-client.ts';
import { BOT_TOKEN, forgeInitData } from '../../testbed/forge-init-data.ts';
import { acquireHost, currentOpenclawLayer } from '../../testbed/hosts.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { testHost } from '../../testbed/test-hosts.ts';
import { browserMissing, desktop, phone } from './support/browser.ts';
import { goWithin } from './support/page-checks.ts';
import { createTelegramBridge, launchFragment } from './support/telegram-bridge.ts';
import { acceptAsBerta } from './support/telegram-in-browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');
const OWNER = 42;
/** Milliseconds for pages that wait for a busy gateway. */
const STEP_TIMEOUT_MS = 90_000;

const isTelegram = { phone: true, desktop: false };

const devices = [
  ['on a phone inside Telegram', 'phone'],
  ['on a desktop in a browser', 'desktop'],
] as const;

describe.skipIf(missing !== '').for(devices)(
  `a day %s${missing && ` (skipped: ${missing})`}`,
  ([, device]) => {
    const { buoy, visit } = useWatchedPages(
      {
        TELEGRAM_BOT_TOKEN: BOT_TOKEN,
        ...(isTelegram[device] ? { ADMIN_USER_IDS: String(OWNER) } : {}),
        RATE_LIMIT_EXEC: '100000',
      },
      { buoyFor: 'test' },
    );
    const bridge = createTelegramBridge({ web_app_open_popup: () => ['popup_closed', { button_id: 'act' }] });
    let launches = 0;
    /** New each time: Telegram never signs two launches alike. */
    const initData = () => {
      launches += 1;
      return forgeInitData({ id: OWNER, first_name: 'Anna', username: `anna_${launches}` }, BOT_TOKEN);
    };
    const press = (page: Page, name: string | RegExp) =>
      page
        .getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
        .first()
        .click();

    const newToken = async () => {
      if (!isTelegram[device]) return signInByNewLink(buoy());
      const signIn = createClient({ baseUrl: `${buoy().url}/api`, token: () => null });
      return (await signIn('POST /auth/telegram', { body: { initData: initData() } })).token;
    };

    /** Opens the app, or opens it again where it was. */
    async function open(page: Page, path = '/'): Promise<void> {
      await page.goto('about:blank');
      await page.goto(`${buoy().url}${path}${isTelegram[device] ? launchFragment(initData()) : ''}`);
    }
    /** Sends a full-page form: by Telegram's main button where there is one. */
    async function submit(page: Page, text: string): Promise<void> {
      if (!isTelegram[device]) return press(page, text);
      await bridge.waitForEvent<{ text?: string; is_active?: boolean }>(
        'web_app_setup_main_button',
        (button) => button.text === text && button.is_active !== false,
      );
      await bridge.say(page, 'main_button_pressed');
    }

    it('signs in, adds a server, restarts, edits, chats, approves, uses the terminal, invites and revokes', async () => {
      const host = await acquireHost({
        name: testHost('gateway'),
        layer: currentOpenclawLayer,
        waitGateway: true,
      });
      const token = await newToken();
      const api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });

      const page = await visit(isTelegram[device] ? { ...phone, prepare: bridge.prepare } : desktop);
      page.setDefaultTimeout(STEP_TIMEOUT_MS);
      if (isTelegram[device]) await open(page);
      else await openSignInLink(page, await buoy().newSignInLink());

      // A server, by a key that the browser makes.
      await page.getByLabel('Paste an address or an ssh command').fill(`ssh ${host.user}@${host.host}`);
      await page.getByLabel('Name in Buoy').fill('web server');
      const command = await page.getByText(/^mkdir -p ~\/\.ssh/).textContent();
      expect(await host.exec(command ?? '', { user: 'deploy' })).toMatchObject({ code: 0 });
      await submit(page, 'Trust this key and save');
      await page.waitForURL(({ pathname }) => /^\/servers\/srv_/.test(pathname));
      await page.getByText('Connection works').waitFor();
      const [server] = (await api('GET /servers')).servers;
      const id = server?.id ?? '';
      const params = { id };
      await untilUp(api, id);

      // A restart, left in the middle and found again.
      await goWithin(page, `/servers/${id}`);
      await page.getByText('Running and ready').waitFor();
      await press(page, 'Restart gateway');
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /restart/i })
        .click();
      await page.getByText('Wait until it is ready').waitFor();
      await open(page, `/servers/${id}`);
      await page.getByText('Restarting…').waitFor();
      const { task } = await api('GET /tasks/active', { query: { serverId: id } });
      await page.getByRole('button', { name: 'Restart gateway' }).waitFor();
      expect((await api('GET /tasks/:id', { params: { id: task?.id ?? '' } })).task.status).toBe('succeeded');
      await page.getByText('Running and ready').waitFor();

      // A file of an agent.
      const soul = { params: { ...params, agentId: 'main', name: 'SOUL.md' } };
      const readSoul = async () =>
        (await api('GET /servers/:id/openclaw/agents/:agentId/files/:name', soul)).file;
      const { content: before } = await readSoul();
      await goWithin(page, `/servers/${id}/agents/main/files/SOUL.md`);
      await page.getByRole('textbox', { name: 'Contents of SOUL.md' }).click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.insertText('# Soul\n\nWe sell fish.\n');
      await submit(page, 'Save');
      await page.getByText('Saved.').waitFor();
      const written = await readSoul();
      expect(written.content).toBe('# Soul\n\nWe sell fish.\n');
      await api('PUT /servers/:id/openclaw/agents/:agentId/files/:name', {
        ...soul,
        body: { content: before, hash: written.hash },
      });

      // A setting, shown before it is made, and put back.
      await goWithin(page, `/servers/${id}/config`);
      await page.getByLabel('Log level').selectOption('debug');
      await submit(page, 'Review changes');
      await page.getByRole('list', { name: 'What changes' }).getByText('"level": "debug"').waitFor();
      await press(page, 'Apply');
      await page.getByText('The gateway has applied it.').waitFor();
      const { revisions } = await api('GET /servers/:id/openclaw/config/history', { params, query: {} });
      const parts = page.getByRole('navigation', { name: 'Config sections' });
      await parts.getByRole('link', { name: 'History' }).click();
      await page.getByRole('link', { name: new RegExp(`^Revision ${revisions[1]?.rev} `) }).click();
      await press(page, 'Restore this revision');
      await page.getByRole('list', { name: 'What changes' }).getByText('removed').waitFor();
      await press(page, 'Restore');
      await page.getByText(/^Restored as revision \d+\.$/).waitFor();
      const { config } = await api('GET /servers/:id/openclaw/config', { params });
      expect(config).not.toHaveProperty('logging.level');

      // A conversation, and a command in it that a person must allow.
      const policy = (defaults: { security: 'allowlist' | null; ask: 'always' | null }) =>
        api('PUT /servers/:id/openclaw/exec-policy', { params, body: { defaults } });
      await policy({ security: 'allowlist', ask: 'always' });
      try {
        await goWithin(page, `/servers/${id}/sessions`);
        await press(page, 'New chat');
        await page.getByRole('dialog').getByRole('link').first().click();
        await page.getByText('Session not found').waitFor();
        const said = page.getByRole('list', { name: 'Conversation' });
        const say = async (text: string) => {
          await page.getByLabel('Message to the agent').fill(text);
          await press(page, 'Send');
        };
        await say('hello there');
        await said.getByText(/FAKE-REPLY to: .*hello there/).waitFor();
        await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' });
        const chat = new URL(page.url()).pathname;
        await say('run: expr 40111 + 2');
        await page.getByRole('link', { name: /^Inbox, 1 / }).click();
        const card = page.getByRole('listitem').filter({ hasText: 'expr 40111 + 2' });
        await card.getByRole('button', { name: 'Allow once' }).click();
        await card.getByText('Allowed once.').waitFor();
        await goWithin(page, chat);
        await said
          .getByText(/FAKE-REPLY to: /)
          .nth(1)
          .waitFor();
        await api('DELETE /servers/:id/openclaw/sessions/:key', {
          params: { ...params, key: decodeURIComponent(chat.split('/').at(-1) ?? '') },
        });
      } finally {
        await policy({ security: null, ask: null });
      }

      // A terminal.
      await goWithin(page, `/servers/${id}/terminal`);
      await press(page, 'Open terminal');
      await page.getByText('Connected').waitFor();
      await page.keyboard.type('echo $((6 * 7)) waves');
      await page.keyboard.press('Enter');
      await page.locator('.xterm-rows > div', { hasText: '42 waves' }).first().waitFor();

      // A guest joins, and loses access while their page is open.
      await goWithin(page, `/servers/${id}/access`);
      await press(page, 'Create invite link');
      const link = await page.getByRole('region', { name: 'Invite link' }).locator('code').textContent();
      await press(page, 'Done');
      const guest = await visit({ ...phone, losesRole: true });
      await acceptAsBerta(guest, link ?? '');
      await guest.getByText('your role: viewer').waitFor();
      await press(page, 'Revoke access of Berta');
      if (!isTelegram[device]) await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
      await guest.getByText('you have no access to it').waitFor();
    }, 300_000);
  },
);
