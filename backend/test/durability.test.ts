// Acknowledged data survives a full disk and a removed database file. Kills have a suite of their own.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../testbed/run-command.ts';
import { type DatabaseHandle, type Db, openDatabase } from '../src/db/database.ts';
import { createServerStore } from '../src/servers/servers.store.ts';
import { createUserStore } from '../src/users/users.store.ts';
import type { Seen } from './support/durability-full-disk.ts';
import { rowOfServer, rowOfUser } from './support/durability-rows.ts';

const at = '2026-03-01T10:00:00.000Z';
const script = (name: string) => fileURLToPath(new URL(`./support/durability-${name}.ts`, import.meta.url));

const idsIn = async (db: Db, table: 'users' | 'servers'): Promise<string[]> =>
  (await db.selectFrom(table).select('id').execute()).map(({ id }) => id);

async function integrityOf(db: Db): Promise<unknown[]> {
  const check = await sql<{ integrityCheck: string }>`pragma integrity_check`.execute(db);
  const foreign = await sql`pragma foreign_key_check`.execute(db);
  return [...check.rows.map((row) => row.integrityCheck), ...foreign.rows];
}

describe('database on a full disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-full-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const mount = 'mount -t tmpfs -o size=4m none "$1"';
  /** A mount that only the command sees and that disappears with it. */
  const onSmallDisk = (rest: string, ...args: string[]) =>
    runCommand('unshare', ['--mount', 'sh', '-c', `${mount} && ${rest}`, 'sh', folder, ...args], {
      timeoutMs: 60_000,
    });

  const expectGoodEnd = (seen: Seen): void => {
    expect(seen.acknowledged).toBeGreaterThan(0);
    const full = {
      code: 'storage_full',
      message: expect.stringContaining('disk'),
      hint: expect.stringContaining('Free some space'),
    };
    expect(seen.refusals).toEqual([full, full]);
    expect(seen.leftOfRefused).toBe(0);
    expect(seen.readWhileFull).toBe(seen.acknowledged);
    expect(seen.afterRoom).toBe('ok');
    expect(seen.readAfterReopen).toBe(seen.acknowledged);
    expect(seen.integrity).toBe('ok');
  };

  test('reports it, keeps stored data and accepts new data once space is free: page limit', async () => {
    const { stdout } = await runCommand(process.execPath, [script('full-disk'), folder, 'pages'], {
      timeoutMs: 60_000,
    });
    expectGoodEnd(JSON.parse(stdout));
  });

  test('reports it, keeps stored data and accepts new data once space is free: real small disk', async ({
    skip,
  }) => {
    const probe = await onSmallDisk('true').catch(() => ({ code: 1 }));
    skip(probe.code !== 0, 'no right to mount a small disk here');
    const { stdout, stderr } = await onSmallDisk(
      'exec "$2" "$3" "$1" disk',
      process.execPath,
      script('full-disk'),
    );
    expect(stderr).toBe('');
    expectGoodEnd(JSON.parse(stdout));
  });
});

describe('database file removed or replaced while Buoy runs', () => {
  let folder: string;
  let file: string;
  let database: DatabaseHandle;
  let rescues: string[];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-taken-'));
    file = path.join(folder, 'buoy.db');
    rescues = [];
    database = await openDatabase({ engine: 'sqlite', file, onRescue: (message) => rescues.push(message) });
    await write('before');
  });
  afterEach(async () => {
    await database.close().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (id: string) => createUserStore(database.db).upsert(rowOfUser(id), at);
  const removeAll = () => {
    for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
  };
  /** What the next start finds. */
  const foundByNextStart = async (): Promise<string[]> => {
    await database.close();
    const next = await openDatabase({ engine: 'sqlite', file });
    try {
      expect(await integrityOf(next.db)).toEqual(['ok']);
      return (await idsIn(next.db, 'users')).sort();
    } finally {
      await next.close();
    }
  };

  test('removed file is written back before the next call is answered', async () => {
    rmSync(file);
    await write('after');
    expect(existsSync(file)).toBe(true);
    expect(rescues).toEqual([expect.stringContaining('written back')]);
    expect(await foundByNextStart()).toEqual(['after', 'before']);
  });

  test('removed file, log and index lose nothing', async () => {
    removeAll();
    expect(await idsIn(database.db, 'users')).toEqual(['before']);
    await write('after');
    expect(await foundByNextStart()).toEqual(['after', 'before']);
  });

  test('removed log loses nothing from the next call on, even when Buoy is killed right after it', async () => {
    rmSync(`${file}-wal`);
    await write('after');
    // The files that a kill at this moment leaves.
    const left = path.join(folder, 'left');
    mkdirSync(left);
    for (const name of readdirSync(folder).filter((one) => one.startsWith('buoy.db')))
      copyFileSync(path.join(folder, name), path.join(left, name));
    const next = await openDatabase({ engine: 'sqlite', file: path.join(left, 'buoy.db') });
    expect((await idsIn(next.db, 'users')).sort()).toEqual(['after', 'before']);
    await next.close();
    rmSync(left, { recursive: true });
    expect(await foundByNextStart()).toEqual(['after', 'before']);
  });

  test('file that another process opens and closes is not mistaken for a removed one', async () => {
    const other = await openDatabase({ engine: 'sqlite', file });
    await createUserStore(other.db).upsert(rowOfUser('by the other'), at);
    await other.close();
    await write('after');
    expect(rescues).toEqual([]);
    expect(await foundByNextStart()).toEqual(['after', 'before', 'by the other']);
  });

  test('file removed again and again loses nothing', async () => {
    for (let round = 0; round < 10; round += 1) {
      removeAll();
      await write(`round ${round}`);
    }
    expect(rescues).toHaveLength(10);
    expect(await foundByNextStart()).toHaveLength(11);
  });

  test.each([
    ['an empty file', () => writeFileSync(file, '')],
    ['garbage', () => writeFileSync(file, 'this is no database'.repeat(1_000))],
    ['nothing but a folder', () => mkdirSync(file)],
  ])('file replaced by %s is restored, and the replacement is kept beside it', async (_what, replace) => {
    rmSync(file);
    replace();
    await write('after');
    expect(readdirSync(folder).filter((name) => name.startsWith('buoy.db.found-'))).toHaveLength(1);
    expect(await foundByNextStart()).toEqual(['after', 'before']);
  });

  test('file replaced by another database is restored without mixing the two', async () => {
    const other = path.join(folder, 'other.db');
    const foreign = await openDatabase({ engine: 'sqlite', file: other });
    await createUserStore(foreign.db).upsert(rowOfUser('foreign'), at);
    await foreign.close();
    renameSync(other, file);
    await write('after');
    expect(await foundByNextStart()).toEqual(['after', 'before']);
    const found = readdirSync(folder).find((name) => name.startsWith('buoy.db.found-')) ?? '';
    const kept = await openDatabase({ engine: 'sqlite', file: path.join(folder, found) });
    expect(await idsIn(kept.db, 'users')).toEqual(['foreign']);
    await kept.close();
  });

  test('file removed during a transaction: it completes and is in the file once acknowledged', async () => {
    await database.db.transaction().execute(async (trx) => {
      await createUserStore(trx).upsert(rowOfUser('first half'), at);
      removeAll();
      await createUserStore(trx).upsert(rowOfUser('second half'), at);
    });
    expect(existsSync(file)).toBe(true);
    expect(await foundByNextStart()).toEqual(['before', 'first half', 'second half']);
  });

  test('file removed during a transaction that fails: it is rolled back, and everything else stays', async () => {
    const failing = database.db.transaction().execute(async (trx) => {
      await createUserStore(trx).upsert(rowOfUser('half'), at);
      removeAll();
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await write('after');
    expect(await foundByNextStart()).toEqual(['after', 'before']);
  });

  test('file removed right before Buoy stops is written back during shutdown', async () => {
    removeAll();
    expect(await foundByNextStart()).toEqual(['before']);
  });

  test('folder removed: calls say what to do, and nothing is lost once the folder is back', async () => {
    rmSync(folder, { recursive: true });
    await expect(write('refused')).rejects.toMatchObject({
      code: 'storage_unavailable',
      hint: expect.stringContaining('Do not stop Buoy'),
    });
    mkdirSync(folder);
    await write('after');
    expect(await foundByNextStart()).toEqual(['after', 'before']);
  });

  test('data stays in memory until the file can be written back', async () => {
    removeAll();
    // A folder in place of the log.
    mkdirSync(`${file}-wal`);
    for (let attempt = 0; attempt < 3; attempt += 1)
      await expect(write('refused')).rejects.toMatchObject({ code: 'storage_unavailable' });
    rmdirSync(`${file}-wal`);
    await write('after');
    expect(await foundByNextStart()).toEqual(['after', 'before']);
  });

  test('file removed during many parallel calls: all of them are stored', async () => {
    const calls = Array.from({ length: 100 }, (_, index) => {
      if (index % 10 === 5) removeAll();
      return index % 2 === 0
        ? write(`many ${index}`)
        : createServerStore(database.db).insert(rowOfServer(`srv_${index}`));
    });
    await Promise.all(calls);
    expect(await idsIn(database.db, 'servers')).toHaveLength(50);
    expect(await foundByNextStart()).toHaveLength(51);
  });
});
