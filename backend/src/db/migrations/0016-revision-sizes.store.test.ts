// Revisions that an older Buoy has stored count as those of this one.
import { expect, test } from 'vitest';
import { createRevisionStore } from '../../openclaw/config/revisions.store.ts';
import { testDatabases } from '../testing/databases.ts';
import { serverRow } from '../testing/server-row.ts';
import { revisionSizes } from './0016-revision-sizes.ts';

test.each(testDatabases())('revision-sizes migration on $name measures what is stored', async ({ open }) => {
  const { db, close } = await open();
  await db
    .insertInto('servers')
    .values(serverRow('srv_1', { createdBy: 'ada' }))
    .execute();
  const revision = { serverId: 'srv_1', at: '2026-01-01T00:00:00.000Z', userId: null, origin: 'outside' };
  const store = createRevisionStore(db);
  await store.add({
    ...{ ...revision, note: 'größer', hash: 'a', problem: null },
    ...{ config: '{"text":"привет"}', changedPaths: '{}' },
  });
  await store.add({
    ...{ ...revision, note: null, hash: 'b', problem: '{"message":"…"}' },
    ...{ config: null, changedPaths: '[]' },
  });
  const sizes = () =>
    db.selectFrom('openclawConfigRevisions').select(['rev', 'bytes']).orderBy('rev').execute();
  const before = await sizes();
  expect(before).toEqual([
    { rev: 1, bytes: 8 + 1 + 23 + 2 },
    { rev: 2, bytes: 1 + 17 + 2 },
  ]);
  await db.schema.dropIndex('openclaw_config_revisions_bytes').execute();
  await db.schema.alterTable('openclaw_config_revisions').dropColumn('bytes').execute();

  await revisionSizes.up(db);
  expect(await sizes()).toEqual(before);
  await close();
});
