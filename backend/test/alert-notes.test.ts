// Notes on alerts over HTTP: who writes, sees and deletes them, how many there are, and what the audit log has of them.
import { type Alert, type AlertNote, contract } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessFixture, ids, type Person, prepareAccessFixture } from './support/access-fixture.ts';

let fixture: AccessFixture;

beforeAll(async () => {
  fixture = await prepareAccessFixture();
});
afterAll(() => fixture.running.close());

/** A server that cannot be reached, and its alert. */
const failing = async (): Promise<{ serverId: string; id: string }> => {
  const serverId = await fixture.newServer();
  const { alerts } = (await fixture.as('admin', 'POST', `/servers/${serverId}/check`)).json();
  return { serverId, id: alerts[0]?.id ?? expect.unreachable() };
};
const write = (person: Person, id: string, text: unknown = 'New cable ordered.') =>
  fixture.as(person, 'POST', `/alerts/${id}/notes`, { text });
const written = async (...call: Parameters<typeof write>): Promise<AlertNote> => {
  const answer = await write(...call);
  expect(answer.statusCode).toBe(201);
  return contract['POST /alerts/:id/notes'].response.parse(answer.json()).note;
};
const list = async (person: Person, id: string, query = '') => {
  const answer = await fixture.as(person, 'GET', `/alerts/${id}/notes${query}`);
  expect(answer.statusCode).toBe(200);
  return contract['GET /alerts/:id/notes'].response.parse(answer.json());
};
const remove = async (person: Person, id: string, noteId: string): Promise<number> =>
  (await fixture.as(person, 'DELETE', `/alerts/${id}/notes/${noteId}`)).statusCode;
const alertOf = async (serverId: string): Promise<Alert> => {
  const { alerts } = (await fixture.as('viewer', 'GET', `/alerts?serverId=${serverId}`)).json();
  return alerts[0];
};

describe('notes on an alert', () => {
  test('return 201 to whoever may acknowledge it, and 200 with all of them, oldest first, to whoever sees it', async () => {
    const { serverId, id } = await failing();
    expect(await list('viewer', id)).toEqual({ notes: [], nextCursor: null });
    const first = await written('admin', id, 'Calling the data centre.\n\tNobody answers.');
    const second = await written('owner', id, 'They have it.');
    const third = await written('super', id, 'ok');
    expect(first).toMatchObject({
      text: 'Calling the data centre.\n\tNobody answers.',
      by: { userId: ids.admin, name: expect.any(String) },
      createdAt: expect.stringMatching(/Z$/),
    });
    expect((await list('viewer', id)).notes).toEqual([first, second, third]);
    expect((await alertOf(serverId)).noteCount).toBe(3);
  });

  test('come in pages', async () => {
    const { id } = await failing();
    const all: string[] = [];
    for (let count = 0; count < 5; count += 1) all.push((await written('admin', id, `${count}`)).id);
    const paged: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: Awaited<ReturnType<typeof list>> = await list('viewer', id, query);
      paged.push(...page.notes.map((note) => note.id));
      cursor = page.nextCursor;
    }
    expect(paged.toSorted()).toEqual(all.toSorted());
    expect((await fixture.as('viewer', 'GET', `/alerts/${id}/notes?cursor=x`)).statusCode).toBe(400);
  });

  test('return 400 for a text that is empty, blank, too long, or has control characters', async () => {
    const { serverId, id } = await failing();
    const texts = [
      '',
      ' \n\t ',
      'x'.repeat(1_001),
      'a\0b',
      'a\x1b[31mb',
      'a\rb',
      'a\x85b',
      '\ud800',
      7,
      null,
    ];
    for (const text of texts) expect((await write('admin', id, text)).statusCode).toBe(400);
    expect((await alertOf(serverId)).noteCount).toBe(0);
    await written('admin', id, 'x'.repeat(1_000));
  });

  test('return 409 beyond fifty, also when they are written at the same time, until one is deleted', async () => {
    const { serverId, id } = await failing();
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, count) => write('admin', id, `note ${count}`)),
    );
    const codes = answers.map(({ statusCode }) => statusCode);
    expect(codes.filter((code) => code === 201)).toHaveLength(50);
    expect(codes.filter((code) => code === 409)).toHaveLength(10);
    expect((await alertOf(serverId)).noteCount).toBe(50);
    const [oldest] = (await list('admin', id)).notes;
    expect(await remove('admin', id, oldest?.id ?? '')).toBe(204);
    await written('admin', id);
    expect((await write('admin', id)).statusCode).toBe(409);
  });

  test('are deleted by their writer or an owner, and no other admin: 204, 403 and then 404', async () => {
    const { serverId, id } = await failing();
    const [mine, theirs] = [await written('admin', id), await written('owner', id)];
    expect(await remove('admin', id, theirs.id)).toBe(403);
    expect(await remove('viewer', id, theirs.id)).toBe(403);
    expect(await remove('admin', id, mine.id)).toBe(204);
    expect(await remove('admin', id, mine.id)).toBe(404);
    const again = await written('admin', id);
    expect(await remove('owner', id, again.id)).toBe(204);
    expect(await remove('super', id, theirs.id)).toBe(204);
    expect((await alertOf(serverId)).noteCount).toBe(0);
  });

  test('return 404 for an alert that does not exist, or when the note is on another alert', async () => {
    const [one, other] = [await failing(), await failing()];
    const note = await written('admin', one.id);
    expect(await remove('owner', other.id, note.id)).toBe(404);
    expect((await write('super', 'alr_none')).statusCode).toBe(404);
    expect((await fixture.as('super', 'GET', '/alerts/alr_none/notes')).statusCode).toBe(404);
    expect((await list('viewer', one.id)).notes).toEqual([note]);
  });

  test('go with the server', async () => {
    const { serverId, id } = await failing();
    await written('admin', id);
    expect((await fixture.as('owner', 'DELETE', `/servers/${serverId}`)).statusCode).toBe(204);
    expect((await fixture.as('super', 'GET', `/alerts/${id}/notes`)).statusCode).toBe(404);
  });

  test('are in the audit log, written and deleted, with the alert and the server', async () => {
    const { serverId, id } = await failing();
    const note = await written('admin', id, 'Disk replaced.');
    await remove('owner', id, note.id);
    const entries = (await fixture.auditLog()).filter(
      (entry) => entry.serverId === serverId && entry.action.includes('/notes'),
    );
    expect(entries).toMatchObject([
      {
        ...{ action: 'POST /alerts/:id/notes', userId: ids.admin, serverId, result: 'ok' },
        ...{ target: 'connection_failed', details: { alert: id, note: note.id } },
      },
      {
        ...{ action: 'DELETE /alerts/:id/notes/:noteId', userId: ids.owner, serverId, result: 'ok' },
        ...{ target: 'connection_failed', details: { alert: id, note: note.id } },
      },
    ]);
  });
});
