// The account that Buoy runs as, once taken over, plants links in the data folder or elsewhere and waits for root to run a command.
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lchownSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Backup } from '@buoy/contract';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buoyCommand } from '../support/buoy-command.ts';
import { type RestoreFixture, sqliteFixture } from '../support/restore-fixture.ts';
import { SUPER_ID, startTestBuoy } from '../support/test-buoy.ts';

/** The account that Buoy runs as. */
const ACCOUNT = 65_534;

describe.skipIf(process.getuid?.() !== 0)('root commands in a data folder that Buoy can write', () => {
  let fixture: RestoreFixture;
  let ofRoot: string;
  let backup: string;
  beforeEach(async () => {
    fixture = await sqliteFixture();
    const buoy = await startTestBuoy(fixture.environment);
    const token = await buoy.signIn(SUPER_ID);
    const answer = await buoy.call('POST', '/admin/backups/run', { token });
    backup = path.join(fixture.dataDir, 'backups', answer.json<{ backup: Backup }>().backup.filename);
    await buoy.close();
    chownSync(fixture.dataDir, ACCOUNT, ACCOUNT);
    for (const name of readdirSync(fixture.dataDir, { recursive: true, encoding: 'utf8' }))
      chownSync(path.join(fixture.dataDir, name), ACCOUNT, ACCOUNT);
    ofRoot = mkdtempSync(path.join(tmpdir(), 'buoy-root-'));
  });
  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
    rmSync(ofRoot, { recursive: true, force: true });
  });

  const inFolder = (name: string) => path.join(fixture.dataDir, name);

  test.each(['buoy.lock', 'vault-keys', 'jwt-secret', 'buoy.db'])(
    'a root file behind a link in place of %s keeps its owner and mode',
    async (name) => {
      const file = path.join(ofRoot, 'file');
      // The requested backup exists, so that nothing else stops the restore.
      writeFileSync(file, name === 'buoy.lock' ? '' : readFileSync(inFolder(name)));
      chmodSync(file, 0o644);
      rmSync(inFolder(name));
      symlinkSync(file, inFolder(name));
      await buoyCommand('restore', [backup], fixture.environment);
      const { uid, mode } = statSync(file);
      expect({ uid, mode: mode & 0o777 }).toEqual({ uid: 0, mode: 0o644 });
    },
  );

  test('keys as root does not change a file behind a link in place of vault-keys', async () => {
    const file = path.join(ofRoot, 'file');
    writeFileSync(file, readFileSync(inFolder('vault-keys')), { mode: 0o644 });
    rmSync(inFolder('vault-keys'));
    symlinkSync(file, inFolder('vault-keys'));
    await buoyCommand('keys', ['show'], fixture.environment);
    const { uid, mode } = statSync(file);
    expect({ uid, mode: mode & 0o777 }).toEqual({ uid: 0, mode: 0o644 });
  });

  test('keys that root rotates belong to the account, which can read them', async () => {
    expect(await buoyCommand('keys', ['rotate', 'vault'], fixture.environment)).toMatchObject({ code: 0 });
    expect(lstatSync(inFolder('vault-keys')).uid).toBe(ACCOUNT);
    expect(readdirSync(fixture.dataDir).map((name) => lstatSync(inFolder(name)).uid)).not.toContain(0);
  });

  test('backup, sign-in-link and doctor as root do not change a file behind a link in place of vault-keys', async () => {
    const file = path.join(ofRoot, 'file');
    writeFileSync(file, readFileSync(inFolder('vault-keys')), { mode: 0o644 });
    rmSync(inFolder('vault-keys'));
    symlinkSync(file, inFolder('vault-keys'));
    for (const command of ['backup', 'sign-in-link', 'doctor'] as const)
      await buoyCommand(command, [], fixture.environment);
    const { uid, mode } = statSync(file);
    expect({ uid, mode: mode & 0o777 }).toEqual({ uid: 0, mode: 0o644 });
  });

  test('no root-only file is copied through a link among the backups', async () => {
    const secret = path.join(ofRoot, 'secret');
    copyFileSync(backup, secret);
    chmodSync(secret, 0o600);
    rmSync(backup);
    symlinkSync(secret, backup);
    const { code, stderr } = await buoyCommand('restore', [backup], fixture.environment);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('No readable file at') });
  });

  test('no root-only file is copied through a link in place of the folder of backups', async () => {
    const name = path.basename(backup);
    const secret = path.join(ofRoot, 'secret');
    copyFileSync(backup, secret);
    chmodSync(secret, 0o600);
    const bait = mkdtempSync(path.join(tmpdir(), 'buoy-bait-'));
    chmodSync(ofRoot, 0o700);
    symlinkSync(secret, path.join(bait, name));
    rmSync(inFolder('backups'), { recursive: true });
    symlinkSync(bait, inFolder('backups'));
    // A link of root may lead to the folder as well.
    symlinkSync(inFolder('backups'), path.join(ofRoot, 'backups'));
    try {
      for (const typed of [backup, path.join(ofRoot, 'backups', name)]) {
        const { code, stderr } = await buoyCommand('restore', [typed], fixture.environment);
        expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('No readable file at') });
      }
    } finally {
      rmSync(bait, { recursive: true });
    }
  });

  describe('from another folder in which the account can write', () => {
    let theirs: string;
    beforeEach(() => {
      chmodSync(ofRoot, 0o700);
      theirs = mkdtempSync(path.join(tmpdir(), 'buoy-theirs-'));
      chownSync(theirs, ACCOUNT, ACCOUNT);
    });
    afterEach(() => rmSync(theirs, { recursive: true, force: true }));

    const linkOfAccount = (target: string, name: string): string => {
      const link = path.join(theirs, name);
      symlinkSync(target, link);
      lchownSync(link, ACCOUNT, ACCOUNT);
      return link;
    };

    test('no root-only file is copied through a link in place of the backup', async () => {
      const secret = path.join(ofRoot, path.basename(backup));
      copyFileSync(backup, secret);
      const links = [
        linkOfAccount(secret, 'backup.db.gz'),
        path.join(linkOfAccount(ofRoot, 'folder'), path.basename(backup)),
      ];
      for (const typed of links) {
        const { code, stderr } = await buoyCommand('restore', [typed], fixture.environment);
        expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('No readable file at') });
      }
    });

    test('no root-only file is copied through a link in place of the log beside a database', async () => {
      const kept = path.join(theirs, 'kept.db');
      const secret = path.join(ofRoot, 'secret');
      const database = new BetterSqlite(inFolder('buoy.db'));
      database.pragma('journal_mode = wal');
      database.pragma('wal_autocheckpoint = 0');
      database.exec("update users set first_name = 'read by root'");
      copyFileSync(inFolder('buoy.db'), kept);
      copyFileSync(inFolder('buoy.db-wal'), secret);
      database.close();
      linkOfAccount(secret, 'kept.db-wal');
      expect(await buoyCommand('restore', [kept], fixture.environment)).toMatchObject({ code: 0 });
      const restored = new BetterSqlite(inFolder('buoy.db'), { readonly: true });
      expect(restored.prepare('select first_name from users').pluck().all()).not.toContain('read by root');
      restored.close();
    });
  });

  test('root can still restore a backup that only root reads, with its keys', async () => {
    chmodSync(ofRoot, 0o700);
    const kept = path.join(ofRoot, path.basename(backup));
    renameSync(backup, kept);
    chownSync(kept, 0, 0);
    chownSync(inFolder('vault-keys'), 0, 0);
    expect(await buoyCommand('restore', [kept], fixture.environment)).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(lstatSync(inFolder('vault-keys')).uid).toBe(ACCOUNT);
    expect(lstatSync(inFolder('buoy.db')).uid).toBe(ACCOUNT);
  });
});
