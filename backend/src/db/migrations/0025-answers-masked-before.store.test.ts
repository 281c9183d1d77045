// What an older Buoy has stored of OpenClaw's answers is not shown with the masks of that time.
import { expect, test } from 'vitest';
import { createSnapshotStore } from '../../openclaw/reads/snapshots.store.ts';
import { testDatabases } from '../testing/databases.ts';
import { serverRow } from '../testing/server-row.ts';
import { answersMaskedBefore } from './0025-answers-masked-before.ts';

test.each(testDatabases())(
  'answers-masked-before migration on $name forgets the answers of an older Buoy, and new ones are stored',
  async ({ open }) => {
    const { db, close } = await open();
    await db
      .insertInto('servers')
      .values(serverRow('srv_1', { createdBy: 'ada' }))
      .execute();
    const at = '2026-01-01T00:00:00.000Z';
    const store = createSnapshotStore(db);
    const kinds = ['status', 'cron', 'channels', 'config'];
    for (const kind of kinds) await store.put('srv_1', kind, { token: 'unmasked' }, at);

    await answersMaskedBefore.up(db);
    for (const kind of kinds) expect(await store.find('srv_1', kind)).toBeNull();
    await store.put('srv_1', 'cron', { token: '***' }, at);
    expect(await store.find('srv_1', 'cron')).toEqual({ payload: { token: '***' }, observedAt: at });
    await close();
  },
);
