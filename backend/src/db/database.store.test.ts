// Ping, size and error behaviour of both databases.
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { userRow } from '../users/testing/people.ts';
import type { DatabaseHandle } from './database.ts';
import { testDatabases } from './testing/databases.ts';

describe.each(testDatabases())('database on $name', ({ name, open }) => {
  let database: DatabaseHandle;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  test('answers a ping and reports its dialect', async () => {
    await database.ping();
    expect(database.dialect).toBe(name);
  });

  test('reports a larger size when more is stored', async () => {
    const before = await database.sizeBytes();
    expect(before).toBeGreaterThan(10_000);
    for (const id of ['1', '2', '3'])
      await database.db
        .insertInto('users')
        // PostgreSQL would compress what repeats.
        .values(userRow(id, { username: randomBytes(750_000).toString('base64') }))
        .execute();
    const after = await database.sizeBytes();
    expect(after - before).toBeGreaterThan(1_000_000);
    expect(after - before).toBeLessThan(20_000_000);
  });

  if (name === 'postgres')
    test('a connection that breaks during a query fails only that query', async () => {
      const sleeping = expect(sql`select pg_sleep(20)`.execute(database.db)).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
      // Until it is seen to sleep, and then ended from a connection of its own.
      const end = async (): Promise<number> => {
        const { rows } = await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and query like 'select pg_sleep%'
            and state = 'active'`.execute(database.db);
        return rows.length;
      };
      while ((await end()) === 0);
      await sleeping;
      // The pool notices in a moment that the connection is gone.
      const answer = () =>
        database.ping().then(
          () => 'an answer',
          () => 'none',
        );
      await expect.poll(answer).toBe('an answer');
    });

  test('a ping fails after close', async () => {
    const own = await testDatabases()
      .find((one) => one.name === name)!
      .open();
    await own.close();
    await expect(own.ping()).rejects.toThrow();
  });
});
