// Control UI sessions in both databases: each stage is used once, also under concurrent attempts.
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../../db/database.ts';
import { testDatabases } from '../../db/testing/databases.ts';
import { serverRow } from '../../db/testing/server-row.ts';
import { newId, sha256 } from '../../lib/ids.ts';
import { createUserStore } from '../../users/users.store.ts';
import { type ControlUiSessionStore, createControlUiSessionStore } from './control-ui-sessions.store.ts';

const now = '2026-03-01T10:00:00.000Z';
const soon = '2026-03-01T10:01:00.000Z';

describe.each(testDatabases())('sessions of the Control UI on $name', ({ open }) => {
  let database: DatabaseHandle | undefined;
  let store: ControlUiSessionStore;
  const db = () => (database ?? expect.unreachable()).db;
  beforeEach(async () => {
    database ??= await open();
    store = createControlUiSessionStore(db());
    await db().deleteFrom('servers').execute();
    await db().insertInto('servers').values(serverRow('srv_1')).execute();
    const empty = { username: null, firstName: null, lastName: null, photoUrl: null, languageCode: null };
    await createUserStore(db()).upsert({ id: 'ada', ...empty }, now);
  });
  afterAll(() => database?.close());

  const insert = async (secret: string, expiresAt = soon) => {
    const row = {
      id: newId('cui'),
      serverId: 'srv_1',
      userId: 'ada',
      sessionId: null,
      stage: 'link' as const,
      secretHash: sha256(secret),
      expiresAt,
    };
    await store.insert(row, now);
    return row;
  };
  const advance = (secret: string, next: string, also?: () => Promise<void>) =>
    store.advance(
      { stage: 'link', secretHash: sha256(secret), now },
      { stage: 'entry', sessionId: null, secretHash: sha256(next), expiresAt: soon },
      also,
    );

  test('are found by stage and secret until they end', async () => {
    const row = await insert('a');
    expect(await store.find('link', sha256('a'), now)).toEqual(row);
    expect(await store.find('entry', sha256('a'), now)).toBeUndefined();
    expect(await store.find('link', sha256('b'), now)).toBeUndefined();
    expect(await store.find('link', sha256('a'), soon)).toBeUndefined();
  });

  test('advance for one of many concurrent callers, with one entry in the audit log', async () => {
    await insert('a');
    let written = 0;
    const tries = await Promise.all(
      ['1', '2', '3', '4'].map((next) =>
        advance('a', next, async () => {
          written += 1;
        }),
      ),
    );
    expect(tries.filter((row) => row !== undefined)).toHaveLength(1);
    expect(written).toBe(1);
    expect(await store.find('link', sha256('a'), now)).toBeUndefined();
  });

  test('keep their stage when the writes of the change fail', async () => {
    await insert('a');
    await expect(advance('a', 'b', () => Promise.reject(new Error('full')))).rejects.toThrow('full');
    expect(await store.find('link', sha256('a'), now)).toBeDefined();
  });

  test('go when they have ended, at the next link', async () => {
    await insert('old', now);
    await insert('new');
    expect(await db().selectFrom('controlUiVisits').select('secretHash').execute()).toEqual([
      { secretHash: sha256('new') },
    ]);
  });

  test('go with their server', async () => {
    await insert('a');
    await db().deleteFrom('servers').execute();
    expect(await db().selectFrom('controlUiVisits').selectAll().execute()).toEqual([]);
  });
});
