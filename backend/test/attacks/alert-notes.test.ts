// People who try notes on alerts of others: strangers, viewers of another server, admins whose role ended, and floods of text.
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from '../support/access-fixture.ts';
import { longestBlock } from '../support/main-thread.ts';

const MAX_BLOCK_MS = 50;
const TRIES = 3;

let fixture: AccessFixture;
let serverId: string;
let id: string;
let noteId: string;

beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

const failing = async (): Promise<void> => {
  serverId = await fixture.newServer();
  const { alerts } = (await fixture.as('admin', 'POST', `/servers/${serverId}/check`)).json();
  id = alerts[0].id;
  noteId = (await call('admin', 'POST', { text: 'Only for us.' })).json().note.id;
};
const call = (person: Person, method: 'GET' | 'POST' | 'DELETE', body?: object) =>
  fixture.as(person, method, `/alerts/${id}/notes${method === 'DELETE' ? `/${noteId}` : ''}`, body);
/** The statuses of listing, writing and deleting. */
const tries = async (person: Person): Promise<number[]> => [
  (await call(person, 'GET')).statusCode,
  (await call(person, 'POST', { text: 'I was here.' })).statusCode,
  (await call(person, 'DELETE')).statusCode,
];
const left = async (): Promise<string[]> =>
  (await call('owner', 'GET')).json().notes.map((note: { text: string }) => note.text);

describe('notes on an alert', () => {
  test('are to a viewer of another server as those of an alert that does not exist', async () => {
    await failing();
    const other = { name: 'other', host: '127.0.0.1', port: 1, username: 'root' };
    const added = await fixture.as('owner', 'POST', '/servers', {
      ...{ ...other, authType: 'password', password: 'x' },
    });
    const granted = await fixture.as('owner', 'POST', `/servers/${added.json().server.id}/access`, {
      ...{ userId: ids.stranger, role: 'viewer' },
    });
    expect(granted.statusCode).toBe(201);
    expect(await tries('stranger')).toEqual([404, 404, 404]);
    const words = (await call('stranger', 'GET')).json();
    const none = (await fixture.as('stranger', 'GET', '/alerts/alr_none/notes')).json();
    expect({ ...words, requestId: '' }).toEqual({ ...none, requestId: '' });
    expect(await left()).toEqual(['Only for us.']);
  });

  test('are read, and neither written nor deleted, by a viewer', async () => {
    await failing();
    expect(await tries('viewer')).toEqual([200, 403, 403]);
    expect(await left()).toEqual(['Only for us.']);
  });

  test('are closed to the admin who wrote them once the role is revoked, from the next call on', async () => {
    await failing();
    await fixture.as('owner', 'DELETE', `/servers/${serverId}/access/${ids.admin}`);
    expect(await tries('admin')).toEqual([404, 404, 404]);
    expect(await left()).toEqual(['Only for us.']);
  });

  test('stay when the admin who wrote them is a viewer by now', async () => {
    await failing();
    await fixture.as('owner', 'PUT', `/servers/${serverId}/access/${ids.admin}`, { role: 'viewer' });
    expect(await tries('admin')).toEqual([200, 403, 403]);
    expect(await left()).toEqual(['Only for us.']);
  });

  test('are at most fifty of an alert, whoever floods it, and the list of the longest does not block the event loop', async () => {
    await failing();
    const text = '\u{1f41f}'.repeat(500);
    for (let count = 0; count < 60; count += 1) await call('admin', 'POST', { text });
    const database = new BetterSqlite(path.join(fixture.running.dataDir, 'buoy.db'));
    const stored = database
      .prepare(
        'select count(*) as notes, sum(length(text)) as characters from alert_notes where alert_id = ?',
      )
      .get(id);
    database.close();
    expect(stored).toEqual({ notes: 50, characters: 49 * 500 + 'Only for us.'.length });
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < TRIES && least >= MAX_BLOCK_MS; round += 1)
      least = Math.min(least, (await longestBlock(() => call('viewer', 'GET'))).blockedMs);
    expect(least).toBeLessThan(MAX_BLOCK_MS);
  });

  test('of an id that is no id are refused before they are looked up', async () => {
    await failing();
    for (const wrong of ["x' or 1=1 --", '../../me', '%00', 'a'.repeat(65)]) {
      const answer = await fixture.as('admin', 'DELETE', `/alerts/${id}/notes/${encodeURIComponent(wrong)}`);
      expect([400, 404]).toContain(answer.statusCode);
    }
    expect(await left()).toEqual(['Only for us.']);
  });
});
