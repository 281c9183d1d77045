// Every page in both sizes, both themes and each language: axe (for a viewer in the long run only), overflow, and in the long run a screenshot.
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { addServer } from '../../testbed/buoy-client.ts';
import { BOT_TOKEN } from '../../testbed/forge-init-data.ts';
import { isLongRun } from '../../testbed/long-run.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { until } from '../../testbed/until.ts';
import { browserMissing, type PageOptions, phone, screens } from './support/browser.ts';
import { addLiveGateway } from './support/live-gateway.ts';
import { findIssues, goWithin, noIssues, overflowOf, settled } from './support/page-checks.ts';
import { acceptAsBerta } from './support/telegram-in-browser.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');
const pictures = path.resolve(import.meta.dirname, '../../.cache/screenshots');
const SESSION = 'agent:main:every-page';

/** Every place of the app, with a name for its picture. */
function placesOf(serverId: string, taskId: string, statusPageId: string): Record<string, string> {
  const server = `/servers/${serverId}`;
  const sections = {
    history: [''],
    agents: [
      '',
      '/~new',
      '/main',
      '/main/files',
      '/main/files/AGENTS.md',
      '/main/skills',
      '/main/bindings',
      '/main/keys',
    ],
    sessions: ['', `/${encodeURIComponent(SESSION)}`],
    channels: ['', '/security'],
    skills: ['', '/clawhub', '/upload'],
    cron: ['', '/new'],
    config: ['', '/json', '/exec-policy', '/history', '/history/1'],
    logs: [''],
    usage: [''],
    terminal: [''],
    access: [''],
    tasks: [''],
    settings: [''],
  };
  return {
    home: '/',
    'add-server': '/servers/new',
    'bulk-setup': '/servers/new/several',
    overview: server,
    ...Object.fromEntries(
      Object.entries(sections).flatMap(([section, rests]) =>
        rests.map((rest) => [
          `${section}${decodeURIComponent(rest).replaceAll(/[^A-Za-z0-9]+/g, '-')}`,
          `${server}/${section}${rest}`,
        ]),
      ),
    ),
    alerts: '/alerts',
    inbox: '/inbox',
    tasks: '/tasks',
    task: `/tasks/${taskId}`,
    rollouts: '/rollouts',
    'rollouts-new': '/rollouts/new',
    'update-policies': '/update-policies',
    'update-policies-new': '/update-policies/~new',
    'status-pages': '/status-pages',
    'status-pages-new': '/status-pages/new',
    'status-page': `/status-pages/${statusPageId}`,
    account: '/account',
    'account-notifications': '/account/notifications',
    'account-sessions': '/account/sessions',
    'account-tokens': '/account/tokens',
    'admin-health': '/admin/health',
    'admin-backups': '/admin/backups',
    'admin-audit': '/admin/audit',
    'admin-users': '/admin/users',
    device: '/device',
    invite: '/invite',
    'not-found': '/nowhere',
  };
}

/** In the long run: each theme at each size. Else the smallest screen in the language with the longest words; a viewer reads English. */
const views: Array<[...(typeof screens)[number], locale: string]> = isLongRun
  ? screens.map((screen) => [...screen, 'en-US'])
  : [['light', 'phone', phone, 'de-DE']];

describe.skipIf(missing !== '')(`every page${missing && ` (skipped: ${missing})`}`, () => {
  const { buoy, visit } = useWatchedPages({ RATE_LIMIT_EXEC: '100000', TELEGRAM_BOT_TOKEN: BOT_TOKEN });
  let api: Client;
  let serverId: string;
  let items: Record<string, string>;
  /** What a visitor opens without the app around it. */
  let publicPage: string;

  beforeAll(async () => {
    const live = await addLiveGateway(buoy(), ['berlin', 'production']);
    api = live.api;
    const { id } = live.server;
    serverId = id;
    // Nothing listens there: the pages also show unreachable servers.
    const lost = await addServer(api, {
      name: 'lost at sea',
      host: '127.0.0.1',
      port: 9,
      username: 'deploy',
      authType: 'password',
      password: 'none',
      tags: ['lisbon'],
    });
    await api('POST /servers/:id/check', { params: { id: lost.id } });
    await api('POST /servers/:id/openclaw/sessions/:key/messages', {
      params: { id, key: SESSION },
      body: { text: 'Hello, with a list:\n\n1. one\n2. two' },
    });
    await until(60_000, async () => {
      // It is made by its first turn, which may not have begun yet.
      const transcript = await api('GET /servers/:id/openclaw/sessions/:key/messages', {
        params: { id, key: SESSION },
      }).catch(() => null);
      return transcript?.messages.some(({ role }) => role === 'assistant') ?? false;
    });
    const { task } = await api('POST /servers/:id/openclaw/start', { params: { id } });
    const { statusPage, url } = await api('POST /status-pages', {
      body: { title: 'Ours', tag: 'production' },
    });
    publicPage = url;
    items = placesOf(id, task.id, statusPage.id);
    await until(60_000, async () => {
      const { status } = (await api('GET /tasks/:id', { params: { id: task.id } })).task;
      return status === 'succeeded';
    });
    // A gateway that has just started counts the usage for the first time; the pages are to show it.
    await until(60_000, () => api('GET /servers/:id/openclaw/usage', { params: { id } }).catch(() => null));
    await rm(pictures, { recursive: true, force: true });
    await mkdir(pictures, { recursive: true });
  });

  /** For people to look at; in the long run only. */
  async function takePicture(page: Page, name: string): Promise<void> {
    if (isLongRun) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  }

  async function signedIn(options: PageOptions & { locale: string }): Promise<Page> {
    const page = await visit(options);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText('web server').first().waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe(options.locale.slice(0, 2));
    return page;
  }

  it.each(views)(
    'is flawless on a %s %s screen',
    async (colorScheme, size, options, locale) => {
      const page = await signedIn({ ...options, locale, colorScheme, reducedMotion: 'reduce' });
      const found: Record<string, unknown> = {};
      for (const [name, place] of Object.entries(items)) {
        await goWithin(page, place);
        await settled(page);
        await takePicture(page, `${name}-${size}-${colorScheme}`);
        const issues = await findIssues(page);
        if (JSON.stringify(issues) !== JSON.stringify(noIssues)) found[name] = issues;
      }
      await page.goto(publicPage);
      await settled(page);
      await takePicture(page, `public-status-${size}-${colorScheme}`);
      const issues = await findIssues(page);
      if (JSON.stringify(issues) !== JSON.stringify(noIssues)) found['public-status'] = issues;
      expect(found).toEqual({});
    },
    240_000,
  );

  it.each(isLongRun ? ['ru-RU', 'de-DE'] : [])('fits a phone in %s', async (locale) => {
    const page = await signedIn({ ...phone, locale });
    const found: Record<string, unknown> = {};
    for (const [name, place] of Object.entries(items)) {
      await goWithin(page, place);
      await settled(page);
      await takePicture(page, `${name}-phone-${locale}`);
      const overflow = await overflowOf(page);
      if (overflow > 0) found[name] = overflow;
    }
    expect(found).toEqual({});
  });

  it('fits a phone for a viewer, and requests nothing forbidden to viewers', async () => {
    // A try before this one may have let her in.
    const { members } = await api('GET /servers/:id/access', { params: { id: serverId } });
    for (const { userId, role } of members)
      if (role === 'viewer')
        await api('DELETE /servers/:id/access/:userId', { params: { id: serverId, userId } });
    const { invite } = await api('POST /servers/:id/invites', {
      params: { id: serverId },
      body: { role: 'viewer' },
    });
    const page = await visit({ ...phone, colorScheme: 'light', reducedMotion: 'reduce' });
    await acceptAsBerta(page, invite.url);
    await page.getByText('your role: viewer').waitFor();
    const found: Record<string, unknown> = {};
    for (const [name, place] of Object.entries(items)) {
      await goWithin(page, place);
      await settled(page);
      await takePicture(page, `${name}-phone-viewer`);
      const issues = isLongRun ? await findIssues(page) : { ...noIssues, overflow: await overflowOf(page) };
      if (JSON.stringify(issues) !== JSON.stringify(noIssues)) found[name] = issues;
    }
    expect(found).toEqual({});
    // Names are for admins, and an id tells a viewer nothing.
    await goWithin(page, items.task ?? '');
    await page.getByText('someone else').waitFor();
  }, 240_000);
});
