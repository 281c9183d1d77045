// Records of snapshots in both databases.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../../db/database.ts';
import type { SetupSnapshotTable } from '../../db/schema.ts';
import { testDatabases } from '../../db/testing/databases.ts';
import { serverRow } from '../../db/testing/server-row.ts';
import { createSetupSnapshotStore, type SetupSnapshotStore } from './snapshots.store.ts';

describe.each(testDatabases())('records of snapshots on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: SetupSnapshotStore;
  beforeEach(async () => {
    database = await open();
    store = createSetupSnapshotStore(database.db);
    for (const id of ['web', 'mail']) await database.db.insertInto('servers').values(serverRow(id)).execute();
  });
  afterEach(() => database.close());

  const row = (
    id: string,
    minute: number,
    changes: Partial<SetupSnapshotTable> = {},
  ): SetupSnapshotTable => ({
    ...{ id, serverId: 'web', version: '2026.9.6', reason: 'manual', note: null, verified: 1 },
    // More than fits into 32 bits.
    ...{ sizeBytes: 5_000_000_000, sha256: 'a'.repeat(64) },
    createdAt: `2026-03-01T10:0${minute}:00.000Z`,
    ...changes,
  });

  test('are added once, and found on their server alone', async () => {
    await store.add(row('snp_1', 1, { note: 'first' }));
    await store.add(row('snp_1', 1, { note: 'again' }));
    expect(await store.find('web', 'snp_1')).toEqual(row('snp_1', 1, { note: 'first' }));
    expect(await store.find('mail', 'snp_1')).toBeNull();
  });

  test('are listed newest first, by reason, in pages', async () => {
    for (const minute of [1, 3, 2]) await store.add(row(`snp_${minute}`, minute));
    await store.add(row('snp_same', 3, { reason: 'update' }));
    await store.add(row('snp_mail', 4, { serverId: 'mail' }));
    const ids = (list: { snapshots: SetupSnapshotTable[] }) => list.snapshots.map(({ id }) => id);
    const first = await store.list('web', { limit: 3 });
    expect(ids(first)).toEqual(['snp_same', 'snp_3', 'snp_2']);
    const next = await store.list('web', { limit: 3, cursor: first.nextCursor! });
    expect([ids(next), next.nextCursor]).toEqual([['snp_1'], null]);
    expect(ids(await store.list('web', { limit: 9, reason: 'update' }))).toEqual(['snp_same']);
    await expect(store.list('web', { limit: 9, cursor: 'none' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(await store.ofServer('web')).toEqual([
      { id: 'snp_same', reason: 'update' },
      ...[3, 2, 1].map((minute) => ({ id: `snp_${minute}`, reason: 'manual' })),
    ]);
  });

  test('remember the last check, are removed on their server alone, and go with it', async () => {
    await store.add(row('snp_1', 1));
    await store.add(row('snp_2', 2));
    await store.setVerified('snp_1', false);
    expect(await store.find('web', 'snp_1')).toMatchObject({ verified: 0 });
    expect(await store.remove('mail', 'snp_1')).toBe(false);
    expect(await store.remove('web', 'snp_1')).toBe(true);
    await database.db.deleteFrom('servers').where('id', '=', 'web').execute();
    expect(await store.find('web', 'snp_2')).toBeNull();
  });
});
