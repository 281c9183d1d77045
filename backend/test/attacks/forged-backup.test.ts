// Somebody who can write where backups are kept changes one together with its .json, and waits for a restore.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Backup } from '@buoy/contract';
import BetterSqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { buoyCommand } from '../support/buoy-command.ts';
import { sqliteFixture } from '../support/restore-fixture.ts';
import { SUPER_ID, startTestBuoy } from '../support/test-buoy.ts';

test('a restore does not say that Buoy wrote a backup that was changed together with its .json', async () => {
  await using fixture = await sqliteFixture();
  const buoy = await startTestBuoy(fixture.environment);
  const token = await buoy.signIn(SUPER_ID);
  const { backup } = (await buoy.call('POST', '/admin/backups/run', { token })).json<{ backup: Backup }>();
  await buoy.close();

  const file = path.join(fixture.dataDir, 'backups', backup.filename);
  const work = mkdtempSync(path.join(tmpdir(), 'buoy-forged-'));
  const copy = path.join(work, 'copy.db');
  writeFileSync(copy, gunzipSync(readFileSync(file)));
  const database = new BetterSqlite(copy);
  database.exec('update users set is_super_admin = 1');
  database.close();
  const forged = gzipSync(readFileSync(copy));
  rmSync(work, { recursive: true });
  writeFileSync(file, forged);
  const notes = JSON.parse(readFileSync(`${file}.json`, 'utf8'));
  const sha256 = createHash('sha256').update(forged).digest('hex');
  writeFileSync(`${file}.json`, JSON.stringify({ ...notes, sha256, sizeBytes: forged.length }));

  const { code, stdout } = await buoyCommand('restore', [file], fixture.environment);
  expect(code).toBe(0);
  expect(stdout).not.toContain('the one that Buoy wrote');
  expect(stdout).toContain('A change of both files goes unnoticed');
});
