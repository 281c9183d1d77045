import type { Client } from '@buoy/contract/client';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, desktop, type PageOptions, phone } from './support/browser.ts';
import { addLiveGateway } from './support/live-gateway.ts';
import { findIssues, noIssues } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');

describe.skipIf(missing !== '')(
  `agents and the config in a browser${missing && ` (skipped: ${missing})`}`,
  () => {
    const { buoy, visit } = useWatchedPages();
    let api: Client;
    let server: { id: string };
    /** New for each attempt: OpenClaw remembers agents and workspaces of aborted ones. */
    let agentId: string;

    const file = (name: string) => ({ params: { ...server, agentId, name } });
    const soul = async () =>
      (await api('GET /servers/:id/openclaw/agents/:agentId/files/:name', file('SOUL.md'))).file;
    const press = (page: Page, name: string) =>
      page.getByRole('button', { name, exact: true }).first().click();
    const open = async (page: Page, path: string) => {
      await openSignInLink(page, await buoy().newSignInLink());
      await page.getByText('web server').first().waitFor();
      await page.goto(`${buoy().url}/servers/${server.id}${path}`);
    };
    /** OpenClaw's dry run of a change alone takes up to 30 s on a busy machine. */
    const visitWithLongTimeout = async (options: PageOptions) => {
      const page = await visit(options);
      page.setDefaultTimeout(60_000);
      return page;
    };
    /** Puts a text in place of the one in an editor, as a person does. */
    const write = async (page: Page, label: string, text: string) => {
      await page.getByRole('textbox', { name: label }).click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.insertText(text);
    };

    beforeAll(async () => {
      ({ api, server } = await addLiveGateway(buoy()));
    });
    afterAll(async () => {
      if (api !== undefined)
        await api('DELETE /servers/:id/openclaw/agents/:agentId', {
          params: { id: server.id, agentId },
          query: { deleteFiles: 'true' },
        }).catch(() => undefined);
    });

    it('creates an agent, edits its file on a phone, and keeps both texts after a conflicting edit', async () => {
      agentId = `shop-${Date.now().toString(36)}`;
      const page = await visitWithLongTimeout(phone);
      await open(page, '/agents');
      await page.getByRole('link', { name: 'New agent' }).click();
      await page.getByLabel('Id').fill(agentId);
      await page.getByLabel('Name').fill('Fish shop');
      await press(page, 'Create agent');
      await page.getByRole('heading', { name: 'Fish shop' }).waitFor();
      await page.getByRole('link', { name: 'Files', exact: true }).click();
      await page.getByRole('link', { name: /^SOUL\.md/ }).click();

      await write(page, 'Contents of SOUL.md', '# Soul\n\nWe sell fish.\n');
      await page.getByText('Not saved yet').waitFor();
      // Switching pages keeps the draft.
      await page.goBack();
      await page.getByText('Not saved yet').waitFor();
      await page.goForward();
      await press(page, 'Save');
      await page.getByText('Saved.').waitFor();
      const mine = await soul();
      expect(mine.content).toBe('# Soul\n\nWe sell fish.\n');

      const theirs = '# Soul\n\nWe sell boats.\n';
      await api('PUT /servers/:id/openclaw/agents/:agentId/files/:name', {
        ...file('SOUL.md'),
        body: { content: theirs, hash: mine.hash },
      });
      await write(page, 'Contents of SOUL.md', '# Soul\n\nWe sell crabs.\n\nAlways fresh.\n');
      await press(page, 'Save');
      await page.getByText('Someone else changed this file while you were editing').waitFor();
      expect((await soul()).content).toBe(theirs);
      expect(await findIssues(page)).toEqual(noIssues);
      await page.getByText('We sell boats.').waitFor();
      await press(page, 'Use the file on the server');
      await page.getByText('Buoy keeps your text until you close it.').waitFor();
      await press(page, 'Restore my text');
      await press(page, 'Save');
      await page.getByText('Saved.').waitFor();
      expect((await soul()).content).toBe('# Soul\n\nWe sell crabs.\n\nAlways fresh.\n');
    });

    it('keeps the selection of the plain field when the editor has loaded, so that typing replaces it', async () => {
      const page = await visitWithLongTimeout(desktop);
      let giveEditor = () => {};
      const isAskedFor = new Promise<void>((resolve) => {
        void page.route('**/code-editor-view*', (route) => {
          giveEditor = () => void route.continue();
          resolve();
        });
      });
      await open(page, `/agents/${agentId}/files/SOUL.md`);
      const text = page.getByRole('textbox', { name: 'Contents of SOUL.md' });
      await text.click();
      await page.keyboard.press('ControlOrMeta+A');
      await isAskedFor;
      giveEditor();
      await page.locator('.cm-content').waitFor();
      await page.keyboard.insertText('# Soul\n\nWe sell nets.\n');
      await press(page, 'Save');
      await page.getByText('Saved.').waitFor();
      expect((await soul()).content).toBe('# Soul\n\nWe sell nets.\n');
    });

    it('offers no removal of the default agent, and says what happens to the files of a removed agent', async () => {
      const page = await visitWithLongTimeout(desktop);
      await open(page, '/agents/main');
      await page.getByText('The default agent cannot be removed.').waitFor();
      await page.goto(`${buoy().url}/servers/${server.id}/agents/${agentId}`);
      // What is typed into the middle of a field stays in the middle.
      await page.getByLabel('Name').press('Home');
      await page.keyboard.type('The ');
      expect(await page.getByLabel('Name').inputValue()).toBe('The Fish shop');
      await press(page, 'Discard changes');
      await press(page, 'Remove agent');
      await page.getByText('stays on the server.').waitFor();
      await page.getByLabel('Also delete its files').check();
      await page.getByText('to ~/.Trash on the server').waitFor();
      expect(await findIssues(page)).toEqual(noIssues);
      await page.getByRole('dialog').getByRole('button', { name: 'Remove agent' }).click();
      await page.getByRole('link', { name: 'New agent' }).waitFor();
      await expect(
        api('GET /servers/:id/openclaw/agents/:agentId', { params: { ...server, agentId } }),
      ).rejects.toMatchObject({ status: 404 });
    });

    it('shows the effect of a changed setting before applying it, lists it in the history, and rolls it back', async () => {
      const { hash: before } = await api('GET /servers/:id/openclaw/config', { params: server });
      const page = await visitWithLongTimeout(phone);
      await open(page, '/config');
      await page.getByLabel('Log level').selectOption('debug');
      await press(page, 'Review changes');
      const change = page.getByRole('list', { name: 'What changes' });
      await change.getByText('"level": "debug"').waitFor();
      expect((await api('GET /servers/:id/openclaw/config', { params: server })).hash).toBe(before);
      await page.getByLabel('Reason (optional)').fill('looking for a fault');
      expect(await findIssues(page)).toEqual(noIssues);
      await press(page, 'Apply');
      await page.getByText('The gateway has applied it.').waitFor();
      const { config } = await api('GET /servers/:id/openclaw/config', { params: server });
      expect(config).toMatchObject({ logging: { level: 'debug' } });

      const parts = page.getByRole('navigation', { name: 'Config sections' });
      await parts.getByRole('link', { name: 'History' }).click();
      await page.getByText('looking for a fault').waitFor();
      const [, earlier] = (
        await api('GET /servers/:id/openclaw/config/history', { params: server, query: {} })
      ).revisions;
      await page.getByRole('link', { name: new RegExp(`^Revision ${earlier?.rev} `) }).click();
      await press(page, 'Restore this revision');
      const back = page.getByRole('list', { name: 'What changes' });
      await back.getByText('removed').waitFor();
      expect(await findIssues(page)).toEqual(noIssues);
      await press(page, 'Restore');
      await page.getByText(/^Restored as revision \d+\.$/).waitFor();
      const restored = await api('GET /servers/:id/openclaw/config', { params: server });
      expect(restored.config).not.toHaveProperty('logging.level');
    });

    it('shows the line that OpenClaw rejects, and reapplies an edit over a concurrent change', async () => {
      const page = await visitWithLongTimeout(desktop);
      await open(page, '/config/json');
      const label = 'OpenClaw config as JSON';
      await page.getByRole('textbox', { name: label }).waitFor();
      const { config, hash } = await api('GET /servers/:id/openclaw/config', { params: server });
      const text = (changes: object) =>
        JSON.stringify({ ...config, meta: undefined, wizard: undefined, ...changes });
      await write(page, label, '{ "gateway": oops }');
      await press(page, 'Review changes');
      await page.getByText('Invalid JSON in line 1, column 14').waitFor();
      await write(
        page,
        label,
        `{"tools": {\n"profile": "everything"},\n${text({ tools: undefined }).slice(1)}`,
      );
      await press(page, 'Review changes');
      await page.getByText(/tools\.profile \(line 2\)/).waitFor();
      expect(await page.getByRole('button', { name: 'Apply' }).count()).toBe(0);
      await press(page, 'Close');

      await api('PUT /servers/:id/openclaw/config', {
        params: server,
        body: { patch: { agents: { defaults: { timeoutSeconds: 321 } } }, hash: hash ?? '' },
      });
      await write(page, label, text({ tools: { profile: 'minimal' } }));
      await press(page, 'Review changes');
      await page.getByRole('list', { name: 'Changes by someone else' }).waitFor();
      expect(await page.getByRole('dialog').textContent()).toContain('agents.defaults.timeoutSeconds');
      await press(page, 'Reapply my changes and check again');
      await press(page, 'Apply');
      await page.getByText('The gateway has applied it.').waitFor();
      const now = await api('GET /servers/:id/openclaw/config', { params: server });
      expect(now.config).toMatchObject({
        tools: { profile: 'minimal' },
        agents: { defaults: { timeoutSeconds: 321 } },
      });
      await api('PUT /servers/:id/openclaw/config', {
        params: server,
        body: {
          patch: { tools: config?.tools, agents: { defaults: { timeoutSeconds: null } } },
          hash: now.hash ?? '',
        },
      });
    });
  },
);
