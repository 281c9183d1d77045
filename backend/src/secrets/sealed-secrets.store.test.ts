// Sealed texts in both databases: counted by their exact beginning, read in pages without a gap, replaced only where nobody was faster.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHandle } from '../db/database.ts';
import { testDatabases } from '../db/testing/databases.ts';
import { serverRow } from '../db/testing/server-row.ts';
import {
  createSealedSecretStore,
  type SealedSecretStore,
  type StoredColumn,
} from './sealed-secrets.store.ts';

const at = '2026-03-01T10:00:00.000Z';
const credentials: StoredColumn = { table: 'servers', column: 'credential', key: ['id'] };
const answers: StoredColumn = { table: 'idempotencyKeys', column: 'response', key: ['userId', 'key'] };

describe.each(testDatabases())('sealed texts on $name', ({ open }) => {
  let database: DatabaseHandle;
  let store: SealedSecretStore;
  beforeAll(async () => {
    database = await open();
    store = createSealedSecretStore(database.db);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.db.deleteFrom('servers').execute();
    await database.db.deleteFrom('idempotencyKeys').execute();
  });

  const addServer = async (id: string, credential: string) => {
    await database.db.insertInto('servers').values(serverRow(id, { credential })).execute();
  };
  const addAnswer = async (userId: string, key: string, response: string | null) => {
    await database.db
      .insertInto('idempotencyKeys')
      .values({
        ...{ userId, key, requestHash: 'h', status: 200, response, createdAt: at },
        ...{ personId: userId, bytes: response?.length ?? 0 },
      })
      .execute();
  };
  const credentialOf = async (id: string) =>
    await database.db
      .selectFrom('servers')
      .select(['credential', 'version', 'updatedAt'])
      .where('id', '=', id)
      .executeTakeFirst();

  test('matches key ids exactly: "_", case and length', async () => {
    for (const [id, keyId] of Object.entries({ a: 'k_1', b: 'kx1', c: 'K_1', d: 'k_11', e: 'k_1' }))
      await addServer(id, `v1.${keyId}.iv.tag.data`);
    expect(await store.countWith(credentials, ['v1.k_1.'])).toBe(2);
    expect(await store.countWithout(credentials, ['v1.k_1.'])).toBe(3);
    expect(await store.countWithout(credentials, ['v1.k_1.', 'v1.K_1.', 'v1.k_11.'])).toBe(1);
    expect((await store.pageWithout(credentials, ['v1.k_1.'], null, 10)).map(({ key }) => key)).toEqual([
      ['b'],
      ['c'],
      ['d'],
    ]);
  });

  test('ignores null columns', async () => {
    await addAnswer('ada', 'under way', null);
    await addAnswer('ada', 'done', 'v1.old.x');
    expect(await store.countWithout(answers, ['v1.new.'])).toBe(1);
    expect(await store.pageWithout(answers, ['v1.new.'], null, 10)).toEqual([
      { key: ['ada', 'done'], beginning: 'v1.old.x' },
    ]);
    expect(await store.read(answers, ['ada', 'under way'])).toBeNull();
  });

  test('lists a long text by its beginning, which holds the longest key id, and reads all of it', async () => {
    const keyId = 'k'.repeat(32);
    const sealed = `v1.${keyId}.`.padEnd(300_000, 'x');
    await addAnswer('ada', 'long', sealed);
    const [listed] = await store.pageWithout(answers, ['v1.new.'], null, 10);
    expect(listed).toEqual({ key: ['ada', 'long'], beginning: `v1.${keyId}.` });
    expect(await store.read(answers, ['ada', 'long'])).toEqual({ key: ['ada', 'long'], sealed });
    expect(await store.read(answers, ['ada', 'gone'])).toBeNull();
    expect(await store.countWith(answers, [`v1.${keyId}.`])).toBe(1);
  });

  test('pages have no gap or repetition, also over two-column keys', async () => {
    const wanted: string[] = [];
    for (const userId of ['', 'ada', 'Ada', '42', 'a_a', 'ünï'])
      for (const key of ['1', '10', '2', 'Zz', 'a', "'; --", '~']) {
        await addAnswer(userId, key, `v1.old.${userId}.${key}`);
        wanted.push(`${userId} ${key}`);
      }
    await addAnswer('ada', 'new', 'v1.new.x');
    const seen: string[] = [];
    for (let after: string[] | null = null; ; ) {
      const page = await store.pageWithout(answers, ['v1.new.'], after, 4);
      if (page.length === 0) break;
      for (const { key, beginning } of page) {
        expect(beginning).toBe(`v1.old.${key.join('.')}`);
        seen.push(key.join(' '));
      }
      after = page.at(-1)?.key ?? null;
    }
    expect(seen).toHaveLength(wanted.length);
    expect(seen.toSorted()).toEqual(wanted.toSorted());
  });

  test('replaces one text and changes nothing else', async () => {
    await addServer('a', 'v1.old.a');
    await addServer('b', 'v1.old.a');
    const before = await credentialOf('a');
    expect(await store.replace(credentials, { key: ['a'], sealed: 'v1.old.a' }, 'v1.new.a')).toBe(true);
    expect(await credentialOf('a')).toEqual({ ...before, credential: 'v1.new.a' });
    expect((await credentialOf('b'))?.credential).toBe('v1.old.a');
  });

  test('does not replace a text that changed since it was read', async () => {
    await addServer('a', 'v1.new.theirs');
    expect(await store.replace(credentials, { key: ['a'], sealed: 'v1.old.a' }, 'v1.new.a')).toBe(false);
    expect((await credentialOf('a'))?.credential).toBe('v1.new.theirs');
    expect(await store.replace(credentials, { key: ['gone'], sealed: 'v1.old.a' }, 'v1.new.a')).toBe(false);
  });

  test('of fifty parallel replacements of a text, one succeeds', async () => {
    await addAnswer('ada', 'k', 'v1.old.x');
    const replaced = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        store.replace(answers, { key: ['ada', 'k'], sealed: 'v1.old.x' }, `v1.new.${index}`),
      ),
    );
    expect(replaced.filter(Boolean)).toHaveLength(1);
  });
});
