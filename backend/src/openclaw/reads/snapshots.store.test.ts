// Snapshots in both databases: one row for each server and kind.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../../db/database.ts';
import { testDatabases } from '../../db/testing/databases.ts';
import { serverRow } from '../../db/testing/server-row.ts';
import { createServerStore } from '../../servers/servers.store.ts';
import { createSnapshotStore, type SnapshotStore } from './snapshots.store.ts';

const at = '2026-11-25T01:00:00.000Z';
const later = '2026-11-25T01:00:30.000Z';

describe.each(testDatabases())('snapshots on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: SnapshotStore;

  beforeAll(async () => {
    database = await open();
    store = createSnapshotStore(database.db);
    await createServerStore(database.db).insert(serverRow('srv_one', { createdBy: 'owner' }));
  });
  afterAll(() => database.close());

  test('a snapshot is stored unchanged and replaced by the next', async () => {
    expect(await store.find('srv_one', 'status')).toBeNull();
    await store.put('srv_one', 'status', { agents: 1, someName: { nested_key: true } }, at);
    await store.put('srv_one', 'status', { agents: 2, someName: { nested_key: true } }, later);
    await store.put('srv_one', 'other', [], later);
    expect(await store.find('srv_one', 'status')).toEqual({
      payload: { agents: 2, someName: { nested_key: true } },
      observedAt: later,
    });
  });

  test('a snapshot that is too long is ignored, and the previous one stays', async () => {
    await store.put('srv_one', 'long', { agents: 1 }, at);
    await store.put('srv_one', 'long', { agents: 'x'.repeat(512 * 1024) }, later);
    expect(await store.find('srv_one', 'long')).toEqual({ payload: { agents: 1 }, observedAt: at });
  });

  test('a snapshot for a server deleted in the meantime is ignored', async () => {
    await store.put('srv_gone', 'status', {}, at);
    expect(await store.find('srv_gone', 'status')).toBeNull();
  });
});
