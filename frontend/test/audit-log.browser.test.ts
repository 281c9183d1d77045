// The audit log page after an entry was changed in the database.
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@buoy/contract/client';
import { describe, expect, it } from 'vitest';
import { addServer, signInByNewLink } from '../../testbed/buoy-client.ts';
import { openSignInLink } from '../../testbed/open-sign-in-link.ts';
import { browserMissing, phone } from './support/browser.ts';
import { findIssues, goWithin, noIssues, settled } from './support/page-checks.ts';
import { useWatchedPages } from './support/watched-pages.ts';

const skipReason = browserMissing === '' ? '' : ` (skipped: ${browserMissing})`;

describe.skipIf(browserMissing !== '')(`a damaged audit log in a browser${skipReason}`, () => {
  const { buoy, dataDir, visit } = useWatchedPages({}, { buoyFor: 'test' });

  it('shows which entry was changed, in the reader’s time zone, and what to do', async () => {
    const token = await signInByNewLink(buoy());
    const api = createClient({ baseUrl: `${buoy().url}/api`, token: () => token });
    await addServer(api, {
      ...{ name: 'pot', host: '127.0.0.1', port: 9, username: 'deploy' },
      ...{ authType: 'password', password: 'none' },
    });
    const database = new DatabaseSync(path.join(dataDir(), 'buoy.db'), { timeout: 5_000 });
    database.prepare("update audit_entries set target = 'another pot' where action = 'POST /servers'").run();
    database.close();

    const page = await visit({ ...phone, timezoneId: 'Asia/Tokyo' });
    await openSignInLink(page, await buoy().newSignInLink());
    await page.getByText('pot').first().waitFor();
    await goWithin(page, '/admin/audit');
    const told = page.getByRole('alert');
    await told.getByText('The log is damaged or was tampered with.').waitFor();
    await told.getByText('Compare it with an earlier backup.').waitFor();
    const sentence = (await told.getByText(/^Entry \d+ of /).textContent()) ?? '';
    expect(sentence).not.toMatch(/\d{4}-\d\d-\d\dT/);
    const { entries } = await api('GET /admin/audit');
    const { at } = entries.find(({ target }) => target === 'another pot') ?? { at: '' };
    const inTokyo = new Intl.DateTimeFormat('en', {
      ...{ dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Tokyo' },
    });
    expect(sentence).toContain(inTokyo.format(new Date(at)));
    await settled(page);
    expect(await findIssues(page)).toEqual(noIssues);
  });
});
