// Snapshots of a live server on a phone: made, verified, restored, and deleted.
import { describe, expect, inject, it } from 'vitest';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { addLiveGateway } from './support/live-gateway.ts';
import { findIssues, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const missing = browserMissing || inject('hostsMissing');
/** Milliseconds for a restore on a small machine. */
const RESTORE_MS = 240_000;

describe.skipIf(missing !== '')(`snapshots in the browser${missing && ` (skipped: ${missing})`}`, () => {
  const { buoy, visit } = useWatchedPages({}, { buoyFor: 'test' });

  it('are made with a note, verified, restored after a confirmation, and deleted', {
    timeout: 2 * RESTORE_MS,
  }, async () => {
    const { api, server } = await addLiveGateway(buoy());
    const params = { id: server.id };
    const list = async () => (await api('GET /servers/:id/setup/snapshots', { params })).snapshots;
    const page = await visit(phone);
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText('web server').click();
    await page.getByText('Running and ready').waitFor();
    await page.getByText('Snapshots', { exact: true }).click();
    await page.getByText('No snapshots yet.').waitFor();

    await page.getByRole('button', { name: 'Make a snapshot' }).click();
    await page.getByLabel('Note (optional)').fill('before the new channel');
    await page.getByRole('dialog').getByRole('button', { name: 'Make snapshot' }).click();
    const row = page.getByRole('list', { name: 'Snapshots' }).getByRole('listitem');
    await row.getByText('before the new channel').waitFor({ timeout: RESTORE_MS });
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
    const [made] = await list();
    expect(made).toMatchObject({ reason: 'manual', note: 'before the new channel', verified: true });

    await row.getByRole('button', { name: 'Verify' }).click();
    await row.getByText('The archive is unchanged, and OpenClaw can read it.').waitFor({ timeout: 60_000 });

    await row.getByRole('button', { name: 'Restore' }).click();
    const question = page.getByRole('dialog');
    await question.getByText('A snapshot of them is made first.').waitFor();
    expect(await findIssues(page)).toEqual(noIssues);
    await question.getByRole('button', { name: 'Restore snapshot' }).click();
    await page.getByText('Before a restore').waitFor({ timeout: RESTORE_MS });
    await page.getByText('Running and ready').waitFor({ timeout: RESTORE_MS });
    const { tasks } = await api('GET /tasks', { query: { serverId: server.id } });
    expect(tasks.find(({ type }) => type === 'restore')).toMatchObject({
      ...{ status: 'succeeded', result: { snapshotId: made?.id, rolledBack: false } },
    });

    const own = row.filter({ hasText: 'before the new channel' });
    await own.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete snapshot' }).click();
    await own.waitFor({ state: 'detached' });
    expect((await list()).map(({ reason }) => reason)).toEqual(['restore']);
  });
});
