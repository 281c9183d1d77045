import { describe, expect, inject, it } from 'vitest';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { addLiveGateway } from './support/live-gateway.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');

describe.skipIf(missing !== '')(`a live server in the browser${missing && ` (skipped: ${missing})`}`, () => {
  const { buoy, visit } = useWatchedPages({}, { buoyFor: 'test' });

  it('shows gateway, agents and sessions, and follows a restart after the page was closed and reopened', {
    // A restart takes a minute and a half beside other gateways.
    timeout: 300_000,
  }, async () => {
    const { api, server } = await addLiveGateway(buoy());
    const { id } = server;

    const page = await visit(phone);
    const asked = new Set<string>();
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname.startsWith('/api/tasks/active')) asked.add(`${pathname}${search}`);
    });
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText('web server').click();
    await page.getByText('Running and ready').waitFor();
    // While the browser starts on a small machine, the status may come from the host instead of the gateway.
    await page.getByText('From the gateway').waitFor();
    const panel = await page.locator('main').textContent();
    expect(panel).toMatch(/Version\s*2026\.9\.6/);
    expect(panel).toMatch(/Agents\s*1/);
    expect(panel).toMatch(/Sessions\s*\d/);
    // The header asks for all servers, the page once for all that may run on its own.
    expect(asked).toEqual(new Set(['/api/tasks/active', `/api/tasks/active-server?serverId=${id}`]));

    await page.getByRole('button', { name: 'Restart gateway' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /restart/i })
      .click();
    await page.getByText('Wait until it is ready').waitFor();
    await page.reload();
    await page.getByText('Restarting…').waitFor();
    const { task } = await api('GET /tasks/active', { query: { serverId: id } });
    expect(task?.type).toBe('openclaw.restart');
    await page.getByRole('button', { name: 'Restart gateway' }).waitFor({ timeout: 180_000 });
    await page.getByText('Running and ready').waitFor();
    const after = await api('GET /tasks/:id', { params: { id: task?.id ?? '' } });
    expect(after.task.status).toBe('succeeded');
  });
});
