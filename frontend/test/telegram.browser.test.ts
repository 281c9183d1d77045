import { type Client, createClient } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { addServer } from '../../testbed/buoy-client.ts';
import { forgeInitData } from '../../testbed/forge-init-data.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { createTelegramBridge, launchFragment, type TelegramBridge } from './support/telegram-bridge.ts';
import { signInByTelegram } from './support/telegram-in-browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
const pathOf = (page: Page) => new URL(page.url()).pathname;

describe.skipIf(browserMissing !== '')(`the app inside Telegram${skipReason}`, () => {
  const botToken = '123456789:AAFakeTokenForTests_0123456789abcdefghi';
  const { buoy, visit } = useWatchedPages({ TELEGRAM_BOT_TOKEN: botToken, ADMIN_USER_IDS: '42' });
  let launches = 0;
  /** Another one each time, also within the same second: Telegram never signs two launches alike. */
  const anna = () => {
    launches += 1;
    return forgeInitData({ id: 42, first_name: 'Anna', username: `anna_${launches}` }, botToken);
  };
  let api: Client;
  let serverId: string;

  beforeAll(async () => {
    const baseUrl = `${buoy().url}/api`;
    const signIn = createClient({ baseUrl, token: () => null });
    const { token } = await signIn('POST /auth/telegram', { body: { initData: anna() } });
    api = createClient({ baseUrl, token: () => token });
    const server = await addServer(api, {
      name: 'web server',
      host: '127.0.0.1',
      port: 1,
      username: 'deploy',
      authType: 'password',
      password: 'never right',
    });
    serverId = server.id;
  });

  /** A launch as Telegram's clients make it: a native bridge on the page, and parameters in the fragment. */
  const launch = async (
    bridge: TelegramBridge,
    {
      initData = anna(),
      path = '/',
      ...parameters
    }: { initData?: string; path?: string } & Parameters<typeof launchFragment>[1] = {},
  ): Promise<Page> => {
    const page = await visit({ ...phone, prepare: bridge.prepare });
    await page.goto(`${buoy().url}${path}${launchFragment(initData, parameters)}`);
    return page;
  };

  it('signs in, uses Telegram’s colours, and signs in again after a reload', async () => {
    const bridge = createTelegramBridge();
    const initData = anna();
    const page = await launch(bridge, { initData });
    await heading(page, 'Servers').waitFor();
    expect(await page.getByText('Anna').isVisible()).toBe(true);
    expect(bridge.eventsOf('web_app_ready')).toEqual([{}]);
    expect(bridge.eventsOf('web_app_expand')).toEqual([{}]);
    expect(bridge.eventsOf('web_app_set_header_color')).toEqual([{ color: '#17212b' }]);
    expect(bridge.eventsOf('web_app_set_bottom_bar_color')).toEqual([{ color: '#0e1621' }]);
    const color = () => page.evaluate(() => getComputedStyle(document.documentElement).color);
    expect(await color()).toBe('rgb(245, 245, 245)');
    await bridge.say(page, 'theme_changed', { theme_params: { bg_color: '#ffffff', text_color: '#000000' } });
    expect(await color()).toBe('rgb(0, 0, 0)');
    expect(bridge.eventsOf('web_app_set_header_color').at(-1)).toEqual({ color: '#ffffff' });

    await page.getByRole('link', { name: 'Add server' }).first().click();
    await heading(page, 'Add server').waitFor();
    await page.reload();
    await heading(page, 'Add server').waitFor();

    const attacker = await launch(createTelegramBridge(), { initData });
    await attacker.getByText('This sign-in was used already.').waitFor();
  });

  it('refuses launch data that Telegram did not sign, and says so', async () => {
    const initData = forgeInitData(
      { id: 42, first_name: 'Mallory' },
      '123456789:AAAnotherTokenAltogether_0123456789abc',
    );
    const page = await launch(createTelegramBridge(), { initData });
    await page.getByText('Telegram did not sign this sign-in').waitFor();
  });

  it('respects the safe areas of the phone and Telegram', async () => {
    const bridge = createTelegramBridge({
      web_app_request_safe_area: () => ['safe_area_changed', { top: 47, right: 0, bottom: 34, left: 0 }],
      web_app_request_content_safe_area: () => [
        'content_safe_area_changed',
        { top: 46, right: 0, bottom: 0, left: 0 },
      ],
    });
    const page = await launch(bridge);
    await heading(page, 'Servers').waitFor();
    const padding = () =>
      page.evaluate(() => getComputedStyle(document.querySelector('header') as Element).paddingTop);
    expect(await padding()).toBe('93px');
    await bridge.say(page, 'safe_area_changed', { top: 0, right: 47, bottom: 21, left: 47 });
    expect(await padding()).toBe('46px');
  });

  it('opens the page of a link once, and the back button goes up one level at a time', async () => {
    const bridge = createTelegramBridge();
    const page = await launch(bridge, { startParam: `s_${serverId}_sessions_some` });
    await heading(page, 'web server').waitFor();
    expect(pathOf(page)).toBe(`/servers/${serverId}/sessions/some`);
    expect(bridge.eventsOf('web_app_setup_back_button').at(-1)).toEqual({ is_visible: true });
    for (const above of [`/servers/${serverId}/sessions`, `/servers/${serverId}`, '/']) {
      await bridge.say(page, 'back_button_pressed');
      await page.waitForURL((url) => url.pathname === above);
    }
    await heading(page, 'Servers').waitFor();
    await bridge.waitForEvent<{ is_visible: boolean }>(
      'web_app_setup_back_button',
      (data) => !data.is_visible,
    );

    await page.reload();
    await heading(page, 'Servers').waitFor();
    expect(pathOf(page)).toBe('/');

    await bridge.say(page, 'settings_button_pressed');
    await page.waitForURL((url) => url.pathname === '/account');
    expect(bridge.eventsOf('web_app_setup_settings_button')).toContainEqual({ is_visible: true });
  });

  it('reads the invite code from the link', async () => {
    const bridge = createTelegramBridge();
    const page = await launch(bridge, { startParam: 'i_nobody-has-made-this-invite' });
    await heading(page, 'You were invited').waitFor();
    expect(page.url()).not.toContain('#code=');
    await bridge.waitForEvent<{ text?: string }>(
      'web_app_setup_main_button',
      ({ text }) => text === 'Accept',
    );
    expect(await page.getByRole('button', { name: 'Accept' }).count()).toBe(0);
    await bridge.say(page, 'main_button_pressed');
    await page.getByRole('alert').waitFor();
  });

  it('submits a form by the main button, and asks before discarding input', async () => {
    const bridge = createTelegramBridge();
    const page = await launch(bridge, { path: '/servers/new' });
    await heading(page, 'Add server').waitFor();
    type MainButton = { is_visible: boolean; text?: string; is_active?: boolean };
    const shown = await bridge.waitForEvent<MainButton>(
      'web_app_setup_main_button',
      (data) => data.is_visible,
    );
    expect(shown).toMatchObject({ text: 'Save and test' });
    expect(await page.getByRole('button', { name: 'Save and test' }).count()).toBe(0);

    // What the browser checks of a form holds for Telegram's button too.
    await bridge.say(page, 'main_button_pressed');
    await page.getByLabel('Paste an address or an ssh command').fill('deploy@203.0.113.7');
    await bridge.waitForEvent<{ need_confirmation: boolean }>(
      'web_app_setup_closing_behavior',
      (data) => data.need_confirmation,
    );
    expect(bridge.eventsOf('web_app_setup_swipe_behavior').at(-1)).toEqual({ allow_vertical_swipe: false });

    const leave = async (buttonId: string | undefined, count: number) => {
      await bridge.say(page, 'back_button_pressed');
      await expect.poll(() => bridge.eventsOf('web_app_open_popup').length).toBe(count);
      expect(await page.getByRole('dialog').count()).toBe(0);
      await bridge.say(page, 'popup_closed', buttonId === undefined ? {} : { button_id: buttonId });
    };
    await leave(undefined, 1);
    expect(pathOf(page)).toBe('/servers/new');
    expect(await page.getByLabel('Host', { exact: true }).inputValue()).toBe('203.0.113.7');
    await leave('act', 2);
    await page.waitForURL((url) => url.pathname === '/');
    await expect
      .poll(() => bridge.eventsOf('web_app_setup_closing_behavior').at(-1))
      .toEqual({ need_confirmation: false });
    expect(bridge.eventsOf('web_app_setup_main_button').at(-1)).toEqual({ is_visible: false });
    expect(bridge.eventsOf('web_app_trigger_haptic_feedback')).toContainEqual({ type: 'selection_change' });
  });

  /** Removes what a try before this one has left. */
  const revokeTokens = async () => {
    for (const { id } of (await api('GET /me/tokens')).tokens)
      await api('DELETE /me/tokens/:id', { params: { id } });
  };

  it('confirms revoking a token in a Telegram popup, then by Face ID, and reports a failed check', async () => {
    await revokeTokens();
    const make = (name: string) => api('POST /me/tokens', { body: { name, scopes: ['read'] } });
    await make('laptop');
    const gone = await make('phone');
    const biometry = { available: true, access_requested: true, access_granted: true, token_saved: true };
    let isThem = false;
    const bridge = createTelegramBridge({
      web_app_biometry_get_info: () => ['biometry_info_received', { ...biometry, type: 'face' }],
      web_app_open_popup: () => ['popup_closed', { button_id: 'act' }],
      web_app_biometry_request_auth: () => [
        'biometry_auth_requested',
        { status: isThem ? 'authorized' : 'failed' },
      ],
    });
    const page = await launch(bridge, { path: '/account' });
    expect(
      await page.getByRole('switch', { name: 'Confirm with Face ID' }).getAttribute('aria-checked'),
    ).toBe('true');
    await page.getByRole('link', { name: 'API tokens' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'laptop' });
    await row.getByRole('button').click();
    const question = page.getByRole('dialog');
    await question.getByText('Your face or fingerprint was not confirmed').waitFor();
    expect(bridge.eventsOf('web_app_open_popup')).toMatchObject([
      { title: expect.stringContaining('laptop'), buttons: [{ type: 'destructive' }, { type: 'cancel' }] },
    ]);
    expect(await row.count()).toBe(1);

    isThem = true;
    await question.getByRole('button', { name: 'Revoke' }).click();
    await row.waitFor({ state: 'detached' });
    expect(bridge.eventsOf('web_app_biometry_request_auth')).toHaveLength(2);

    // Already revoked elsewhere: the page shows the error that the popup cannot.
    await api('DELETE /me/tokens/:id', { params: { id: gone.token.id } });
    await page.getByRole('listitem').filter({ hasText: 'phone' }).getByRole('button').click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    expect(bridge.eventsOf('web_app_trigger_haptic_feedback')).toContainEqual({
      type: 'notification',
      notification_type: 'error',
    });
  });

  it('saves and discards server settings by the two bottom buttons', async () => {
    await api('PUT /servers/:id', { params: { id: serverId }, body: { name: 'web server' } });
    const bridge = createTelegramBridge();
    const page = await launch(bridge, { path: `/servers/${serverId}/settings` });
    const name = page.getByLabel('Name in Buoy');
    await name.fill('another name');
    type Button = { is_visible: boolean; text?: string };
    const discard = await bridge.waitForEvent<Button>(
      'web_app_setup_secondary_button',
      (data) => data.is_visible,
    );
    const save = await bridge.waitForEvent<Button>('web_app_setup_main_button', (data) => data.is_visible);
    expect([discard.text, save.text]).toEqual(['Discard', 'Save']);
    expect(await page.getByRole('button', { name: /^(Discard|Save)$/ }).count()).toBe(0);

    await bridge.say(page, 'secondary_button_pressed');
    await expect.poll(() => name.inputValue()).toBe('web server');
    await expect
      .poll(() => bridge.eventsOf('web_app_setup_main_button').at(-1))
      .toEqual({ is_visible: false });

    await name.fill('web server 2');
    await expect
      .poll(() => bridge.eventsOf('web_app_setup_main_button').at(-1))
      .toMatchObject({ text: 'Save' });
    await bridge.say(page, 'main_button_pressed');
    await heading(page, 'web server 2').waitFor();
    await expect
      .poll(() => bridge.eventsOf('web_app_setup_closing_behavior').at(-1))
      .toEqual({ need_confirmation: false });
  });

  it('closes a dialog on back before leaving the page, and hides the page’s bottom buttons meanwhile', async () => {
    const bridge = createTelegramBridge();
    const path = `/servers/${serverId}/settings`;
    const page = await launch(bridge, { path });
    const mainButton = () => bridge.eventsOf('web_app_setup_main_button').at(-1);
    await page.getByLabel('Name in Buoy').fill('another name');
    await expect.poll(mainButton).toMatchObject({ text: 'Save' });
    await page.getByRole('button', { name: 'Remove server' }).click();
    await page.getByRole('dialog').waitFor();
    await expect.poll(mainButton).toEqual({ is_visible: false });
    expect(bridge.eventsOf('web_app_setup_secondary_button').at(-1)).toEqual({ is_visible: false });

    await bridge.say(page, 'back_button_pressed');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(pathOf(page)).toBe(path);
    await expect.poll(mainButton).toMatchObject({ is_visible: true, text: 'Save' });
    expect(bridge.eventsOf('web_app_setup_back_button').at(-1)).toEqual({ is_visible: true });
  });

  it('announces a finished action to screen readers and by haptic feedback', async () => {
    await revokeTokens();
    await api('POST /me/tokens', { body: { name: 'tablet', scopes: ['read'] } });
    const bridge = createTelegramBridge({
      web_app_open_popup: () => ['popup_closed', { button_id: 'act' }],
    });
    const page = await launch(bridge, { path: '/account/tokens' });
    await page.getByRole('listitem').filter({ hasText: 'tablet' }).getByRole('button').click();
    await page.getByRole('status').getByText('“tablet” is revoked.').waitFor();
    expect(bridge.eventsOf('web_app_trigger_haptic_feedback')).toContainEqual({
      type: 'notification',
      notification_type: 'success',
    });
  });

  it('works in a client of 2022, with the app’s own buttons and dialogs where Telegram has none', async () => {
    const bridge = createTelegramBridge();
    const page = await launch(bridge, { version: '6.0', path: '/servers/new' });
    await heading(page, 'Add server').waitFor();
    await page.getByLabel('Paste an address or an ssh command').fill('deploy@203.0.113.7');
    await page.getByRole('link', { name: 'Servers' }).first().click();
    const question = page.getByRole('dialog', { name: 'Leave without saving?' });
    await question.waitFor();
    await question.getByRole('button', { name: 'Leave' }).click();
    await heading(page, 'Servers').waitFor();
    for (const tooNew of [
      'web_app_open_popup',
      'web_app_setup_back_button',
      'web_app_setup_closing_behavior',
      'web_app_request_safe_area',
      'web_app_biometry_get_info',
      'web_app_trigger_haptic_feedback',
    ])
      expect(bridge.eventsOf(tooNew), tooNew).toEqual([]);
  });
});

describe.skipIf(browserMissing !== '')(
  `a link with somebody else’s launch data opened in an ordinary browser${skipReason}`,
  () => {
    const botToken = '123456789:AAFakeTokenForTests_0123456789abcdefghi';
    const { buoy, visit } = useWatchedPages({ TELEGRAM_BOT_TOKEN: botToken });
    const mallory = () => forgeInitData({ id: 666, first_name: 'Mal\u202elory' }, botToken);
    /** Paths of the calls that could sign the page in. */
    const signInsOf = (page: Page) => {
      const paths: string[] = [];
      page.on('request', (request) => {
        const { pathname } = new URL(request.url());
        if (pathname.startsWith('/api/auth/')) paths.push(pathname.replace('/api/auth/', ''));
      });
      return paths;
    };

    it('asks before it signs in, and sends nothing until then', async () => {
      const page = await visit();
      const signIns = signInsOf(page);
      await page.goto(`${buoy().url}/${launchFragment(mallory())}`);
      await heading(page, 'Sign in as Mallory?').waitFor();
      expect(signIns).toEqual(['refresh']);
      // Nor does the link choose the colours of the question.
      expect(await page.evaluate(() => document.documentElement.getAttribute('style') ?? '')).toBe('');
      await page.getByRole('button', { name: 'Do not sign in' }).click();
      await heading(page, 'Sign in to Buoy').waitFor();
      expect(page.url()).toBe(`${buoy().url}/`);
      await page.reload();
      await heading(page, 'Sign in to Buoy').waitFor();
      expect(signIns.filter((path) => path === 'telegram')).toEqual([]);
    });

    it('signs in once when the person confirms', async () => {
      const page = await visit();
      await page.goto(`${buoy().url}/${launchFragment(mallory())}`);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await heading(page, 'Servers').waitFor();
      expect(page.url()).toBe(`${buoy().url}/`);
    });

    it('asks while another session is active, also inside Telegram, and keeps that session after a refusal', async () => {
      for (const prepare of [undefined, createTelegramBridge().prepare]) {
        const page = await visit(prepare === undefined ? {} : { ...phone, prepare });
        await page.goto(buoy().url);
        await page.getByRole('button', { name: 'Try again', exact: true }).waitFor();
        await signInByTelegram(page, forgeInitData({ id: 42, first_name: 'Anna' }, botToken));
        await page.reload();
        await heading(page, 'Servers').waitFor();
        const signIns = signInsOf(page);
        await page.goto('about:blank');
        await page.goto(`${buoy().url}/${launchFragment(mallory())}`);
        await heading(page, 'Sign in as Mallory?').waitFor();
        await page.getByText('You are signed in as Anna.').waitFor();
        await page.getByRole('button', { name: 'Stay signed in as Anna' }).click();
        await heading(page, 'Servers').waitFor();
        await page.getByRole('button', { name: 'Anna, menu' }).waitFor();
        expect(signIns).not.toContain('telegram');
      }
    });
  },
);

describe.skipIf(browserMissing !== '')(`outside of Telegram${skipReason}`, () => {
  const { buoy, visit } = useWatchedPages();

  it('asks by keyboard-accessible dialog before discarding input', async () => {
    const page = await visit();
    await openSignInLink(page, await buoy().newSignInLink());
    await heading(page, 'Servers').waitFor();
    await page.getByRole('link', { name: 'Add server' }).first().click();
    await heading(page, 'Add server').waitFor();
    await page.getByLabel('Paste an address or an ssh command').fill('deploy@203.0.113.7');
    await page.getByRole('button', { name: 'Save and test' }).waitFor();
    const question = page.getByRole('dialog', { name: 'Leave without saving?' });

    await page.goBack();
    await question.waitFor();
    expect(pathOf(page)).toBe('/servers/new');
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'hidden' });
    expect(await page.getByLabel('Host', { exact: true }).inputValue()).toBe('203.0.113.7');

    await page.getByRole('link', { name: 'Buoy' }).press('Enter');
    await question.getByRole('button', { name: 'Leave' }).press('Enter');
    await heading(page, 'Servers').waitFor();
    expect(pathOf(page)).toBe('/');
  });

  it('asks before using a sign-in link, and keeps the current session after a refusal', async () => {
    const page = await visit();
    await openSignInLink(page, await buoy().newSignInLink());
    await heading(page, 'Servers').waitFor();
    const link = await buoy().newSignInLink();
    await page.goto(link);
    await heading(page, 'Sign in with this link?').waitFor();
    expect(page.url()).not.toContain('code=');
    await page.getByRole('button', { name: 'Stay signed in as Admin' }).click();
    await heading(page, 'Servers').waitFor();
    // It was not used: it still works.
    await openSignInLink(page, link);
    await heading(page, 'Servers').waitFor();
  });
});
