// The last status of a server survives in the database, one row a server and kind.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DatabaseHandle, openDatabase } from '../db/database.ts';
import { createSnapshotStore, type SnapshotStore } from './snapshots.store.ts';

let folder: string;
let database: DatabaseHandle;
let store: SnapshotStore;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'buoy-snapshots-'));
  database = await openDatabase({ engine: 'sqlite', file: path.join(folder, 'buoy.db') });
  store = createSnapshotStore(database.db);
  const now = '2026-11-25T01:00:00.000Z';
  await database.db
    .insertInto('users')
    .values({
      id: 'u1',
      username: null,
      firstName: null,
      lastName: null,
      photoUrl: null,
      languageCode: null,
      isSuperAdmin: 0,
      createdAt: now,
    })
    .execute();
  await database.db
    .insertInto('servers')
    .values({
      id: 's1',
      name: 'one',
      host: 'h',
      port: 22,
      username: 'deploy',
      authType: 'key',
      credential: 'sealed',
      tags: '[]',
      jumpServerId: null,
      hostKeyAlgorithm: null,
      hostKeyFingerprint: null,
      hostKeyPinnedAt: null,
      offeredKeyAlgorithm: null,
      offeredKeyFingerprint: null,
      version: 1,
      createdBy: 'u1',
      createdAt: now,
      updatedAt: now,
    })
    .execute();
});

afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

test('a snapshot is kept as it was and replaced by the next', async () => {
  expect(await store.find('s1', 'status')).toBeNull();
  await store.put('s1', 'status', { agents: 1, someName: { nested_key: true } }, '2026-11-25T01:00:00.000Z');
  await store.put('s1', 'status', { agents: 2, someName: { nested_key: true } }, '2026-11-25T01:00:30.000Z');
  await store.put('s1', 'other', [], '2026-11-25T01:00:40.000Z');
  expect(await store.find('s1', 'status')).toEqual({
    payload: { agents: 2, someName: { nested_key: true } },
    observedAt: '2026-11-25T01:00:30.000Z',
  });
});

test('a server that was deleted meanwhile is passed over in silence', async () => {
  await store.put('gone', 'status', {}, '2026-11-25T01:00:00.000Z');
  expect(await store.find('gone', 'status')).toBeNull();
});
