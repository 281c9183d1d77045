// npm run restore over existing data: a database in use, damaged or of another program; and npm run backup, which creates the backups.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Backup } from '@buoy/contract';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { seizeDataDir } from '../src/db/data-dir-lock.ts';
import { databaseSource, openDatabase } from '../src/db/database.ts';
import { buoyCommand } from './support/buoy-command.ts';
import {
  addServer,
  contentOf,
  postgresFixture,
  type RestoreFixture,
  sqliteFixture,
} from './support/restore-fixture.ts';
import { SUPER_ID, startTestBuoy } from './support/test-buoy.ts';

describe('restore over an SQLite database', () => {
  let fixture: RestoreFixture;
  let file: string;
  beforeEach(async () => {
    fixture = await sqliteFixture();
    const buoy = await startTestBuoy(fixture.environment);
    const token = await buoy.signIn(SUPER_ID);
    await addServer(buoy, token, 'first');
    const { backup } = (await buoy.call('POST', '/admin/backups/run', { token })).json<{ backup: Backup }>();
    file = path.join(fixture.dataDir, 'backups', backup.filename);
    await addServer(buoy, token, 'second');
    await buoy.close();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  const inFolder = (name: string) => path.join(fixture.dataDir, name);
  const asides = () => readdirSync(fixture.dataDir).filter((name) => name.includes('before-restore'));

  test('is refused while another program has it open', async () => {
    const other = new BetterSqlite(inFolder('buoy.db'));
    other.prepare('select count(*) from users').get();
    const { code, stderr } = await buoyCommand('restore', [file], fixture.environment);
    expect(code).toBe(1);
    expect(stderr).toContain('A program uses the database');
    expect(other.prepare('select count(*) from servers').pluck().get()).toBe(2);
    other.close();
    expect(asides()).toEqual([]);
  });

  test('of a killed Buoy also keeps aside what is only in its log', async () => {
    const copied = mkdtempSync(path.join(tmpdir(), 'buoy-killed-'));
    const writer = new BetterSqlite(inFolder('buoy.db'));
    writer.pragma('journal_mode = WAL');
    writer.prepare("update servers set name = 'in the log' where name = 'second'").run();
    for (const name of ['buoy.db', 'buoy.db-wal']) copyFileSync(inFolder(name), path.join(copied, name));
    writer.close();
    for (const name of ['buoy.db', 'buoy.db-wal']) renameSync(path.join(copied, name), inFolder(name));
    expect((await buoyCommand('restore', [file], fixture.environment)).code).toBe(0);
    const aside = asides().find((name) => name.startsWith('buoy.db.')) ?? '';
    const kept = new BetterSqlite(inFolder(aside), { readonly: true });
    expect(kept.prepare('select name from servers order by name').pluck().all()).toEqual([
      'first',
      'in the log',
    ]);
    kept.close();
    expect(readdirSync(fixture.dataDir).filter((name) => /-(wal|shm|journal)$/.test(name))).toEqual([]);
    rmSync(copied, { recursive: true });
  });

  test('that is damaged keeps the damaged files aside, log included', async () => {
    writeFileSync(inFolder('buoy.db'), 'this is no database '.repeat(1_000));
    writeFileSync(inFolder('buoy.db-wal'), 'garbage too');
    const { code, stdout } = await buoyCommand('restore', [file], fixture.environment);
    expect(code).toBe(0);
    expect(stdout).toContain('1 server');
    expect(asides().sort()).toEqual([
      expect.stringMatching(/^audit-head\.before-restore-/),
      expect.stringMatching(/^buoy\.db\.before-restore-.*Z$/),
      expect.stringMatching(/^buoy\.db\.before-restore-.*Z-wal$/),
    ]);
    const next = await openDatabase(databaseSource({ databaseUrl: null, dataDir: fixture.dataDir }));
    expect(await next.db.selectFrom('servers').select('name').execute()).toEqual([{ name: 'first' }]);
    await next.close();
  });

  test('by root leaves no file that the owner of the folder cannot open', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'only root can give files away');
    const otherAccount = 65_534;
    chownSync(fixture.dataDir, otherAccount, otherAccount);
    for (const name of readdirSync(fixture.dataDir, { recursive: true, encoding: 'utf8' }))
      chownSync(inFolder(name), otherAccount, otherAccount);
    const made = await buoyCommand('backup', [], fixture.environment);
    expect(made.code).toBe(0);
    rmSync(inFolder('jwt-secret'));
    expect((await buoyCommand('restore', [file], fixture.environment)).code).toBe(0);
    const ofRoot = readdirSync(fixture.dataDir, { recursive: true, encoding: 'utf8' }).filter(
      (name) => statSync(inFolder(name)).uid !== otherAccount,
    );
    expect(ofRoot).toEqual([]);
  });

  test('is refused while another restore runs, and Buoy does not start meanwhile', async () => {
    const lock = seizeDataDir(fixture.dataDir);
    const { code, stderr } = await buoyCommand('restore', [file], fixture.environment);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('another restore') });
    await expect(startTestBuoy(fixture.environment)).rejects.toThrow(
      'A restore is running on this DATA_DIR.',
    );
    lock.release();
    expect((await buoyCommand('restore', [file], fixture.environment)).code).toBe(0);
  });
});

describe('restore over a PostgreSQL database', () => {
  test('is refused when it holds foreign tables or another Buoy uses it', async ({ skip }) => {
    skip(inject('postgresUrl') == null, inject('postgresMissing'));
    await using fixture = await postgresFixture();
    const buoy = await startTestBuoy(fixture.environment);
    const token = await buoy.signIn(SUPER_ID);
    const { backup } = (await buoy.call('POST', '/admin/backups/run', { token })).json<{ backup: Backup }>();
    // The same database with another data folder than the running Buoy.
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'buoy-elsewhere-'));
    for (const name of ['vault-keys', 'jwt-secret'])
      copyFileSync(path.join(fixture.dataDir, name), path.join(elsewhere, name));
    const file = path.join(fixture.dataDir, 'backups', backup.filename);
    const whileUsed = await buoyCommand('restore', [file], { ...fixture.environment, DATA_DIR: elsewhere });
    expect(whileUsed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Stop every Buoy that uses it'),
    });
    await buoy.close();

    await fixture.command('create table invoices (id text)');
    const shared = await buoyCommand('restore', [file], fixture.environment);
    expect(shared).toMatchObject({ code: 1, stderr: expect.stringContaining("not Buoy's: invoices") });
    await fixture.command('drop table invoices');
    expect((await buoyCommand('restore', [file], fixture.environment)).code).toBe(0);
    rmSync(elsewhere, { recursive: true });
  });

  test('is refused where the programs of PostgreSQL would run a command in a forged backup', async ({
    skip,
  }) => {
    skip(inject('postgresUrl') == null, inject('postgresMissing'));
    await using fixture = await postgresFixture();
    await (await startTestBuoy(fixture.environment)).close();
    const made = await buoyCommand('backup', [], fixture.environment);
    const file = made.stdout.split(':')[0] ?? '';
    const older = mkdtempSync(path.join(tmpdir(), 'buoy-older-programs-'));
    const ran = path.join(older, 'ran');
    // As those from before August 2025 write what a forged backup holds.
    writeFileSync(
      path.join(older, 'pg_restore'),
      `#!/bin/sh
PATH=\${PATH#*:} pg_restore "$@" || exit
for word; do case $word in --file=*.sql) text=\${word#--file=} ;; esac; done
[ -n "$text" ] || exit 0
sed -i -e '/^.restrict /d' -e '/^.unrestrict /d' "$text"
echo '\\! touch ${ran}' >> "$text"
`,
    );
    chmodSync(path.join(older, 'pg_restore'), 0o755);
    const before = contentOf(fixture.dataDir);
    const { code, stderr } = await buoyCommand('restore', [file], {
      ...fixture.environment,
      PATH: `${older}:${process.env.PATH}`,
    });
    expect(existsSync(ran)).toBe(false);
    expect(code).toBe(1);
    expect(stderr).toContain('would run commands that a backup contains');
    expect(stderr).toContain('Nothing was changed.');
    expect(contentOf(fixture.dataDir)).toEqual(before);
    rmSync(older, { recursive: true });
  });
});

describe('npm run backup', () => {
  test('prints where the backup is and what it leaves out; with wrong arguments, its usage', async () => {
    await using fixture = await sqliteFixture();
    await (await startTestBuoy(fixture.environment)).close();
    const { code, stdout } = await buoyCommand('backup', [], fixture.environment);
    expect(code).toBe(0);
    const [file = ''] = stdout.split(':');
    expect(stdout).toContain(createHash('sha256').update(readFileSync(file)).digest('hex'));
    expect(stdout).toContain('keep copies of vault-keys and jwt-secret elsewhere');
    expect((await buoyCommand('backup', ['now'], fixture.environment)).code).toBe(2);
  });

  test('in a folder without a Buoy creates nothing', async () => {
    await using fixture = await sqliteFixture();
    const { code, stderr } = await buoyCommand('backup', [], fixture.environment);
    expect(code).toBe(2);
    expect(stderr).toContain('DATA_DIR');
    expect(readdirSync(fixture.dataDir)).toEqual([]);
  });
});
