import {
  copyFileSync,
  existsSync,
  mkdirSync,
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
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Backup } from '@buoy/contract';
import BetterSqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../testbed/forge-init-data.ts';
import { knownMigrations } from '../src/db/migrate.ts';
import { spine } from '../src/db/migrations/0001-spine.ts';
import { buoyCommand } from './support/buoy-command.ts';
import {
  addServer,
  auditOf,
  contentOf,
  engines,
  type RestoreFixture,
  serversOf,
} from './support/restore-fixture.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

describe.each(engines)('a restore on $name', ({ name: engine, open }) => {
  let fixture: RestoreFixture;
  let backup: Backup;
  let oldToken: string;

  /** Two servers and a running task, a backup of that; then a third server is added and one removed. */
  beforeEach(async () => {
    fixture = await open();
    const buoy = await startTestBuoy(fixture.environment);
    const token = await buoy.signIn(SUPER_ID);
    oldToken = token;
    const first = await addServer(buoy, token, 'first');
    await addServer(buoy, token, 'second');
    backup = (await buoy.call('POST', '/admin/backups/run', { token })).json<{ backup: Backup }>().backup;
    await addServer(buoy, token, 'third');
    await buoy.call('DELETE', `/servers/${first}`, { token });
    await buoy.close();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  const restore = (args: string[], environment = fixture.environment) =>
    buoyCommand('restore', args, environment);
  const backupPath = () => path.join(fixture.dataDir, 'backups', backup.filename);
  const withBuoy = async <T>(use: (buoy: TestBuoy, token: string) => Promise<T>): Promise<T> => {
    const buoy = await startTestBuoy(fixture.environment);
    try {
      return await use(buoy, await buoy.signIn(SUPER_ID));
    } finally {
      await buoy.close();
    }
  };
  /** Runs a restore that must be refused, and checks that nothing has changed. */
  const refused = async (args: string[], environment = fixture.environment): Promise<string> => {
    const before = contentOf(fixture.dataDir);
    const { code, stdout, stderr } = await restore(args, environment);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('Nothing was changed.');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(contentOf(fixture.dataDir)).toEqual(before);
    return stderr;
  };

  test('brings back the content of the backup, reports what it did, and keeps the audit log intact with the restore in it', async () => {
    const { code, stdout, stderr } = await restore([backupPath()]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      `Restored ${backup.filename}, the state of ${backup.createdAt}: 2 servers, 1 user.`,
    );
    expect(stdout).toContain('the file matches the checksum in the .json beside it');
    expect(stdout).toContain('Keep copies of the vault keys elsewhere');
    const aside = readdirSync(fixture.dataDir).filter((name) => fixture.keptAs.test(name));
    expect(aside).toHaveLength(1);
    expect(stdout).toContain(path.join(fixture.dataDir, aside[0] ?? ''));
    expect(existsSync(path.join(fixture.dataDir, '.restoring'))).toBe(false);

    await withBuoy(async (buoy, token) => {
      expect(await serversOf(buoy, token)).toEqual(['first', 'second']);
      const { entries, chainOk, chainProblem } = await auditOf(buoy, token);
      expect({ chainOk, chainProblem }).toEqual({ chainOk: true, chainProblem: null });
      expect(entries.find(({ action }) => action === 'restore')).toMatchObject({
        result: 'ok',
        userId: null,
        target: backup.filename,
        details: { sha256: backup.sha256, createdAt: backup.createdAt, servers: 2, users: 1 },
      });
      expect(entries.some(({ target }) => target === 'third')).toBe(false);
    });
  });

  test('signs everyone out: a person removed since the backup cannot use an old sign-in', async () => {
    await restore([backupPath()]);
    const buoy = await startTestBuoy(fixture.environment);
    expect((await buoy.call('GET', '/me', { token: oldToken })).statusCode).toBe(401);
    await buoy.close();
  });

  test('ends invites: one that was used or revoked since the backup lets nobody in', async () => {
    const made = await withBuoy(async (buoy, token) => {
      const { servers } = (await buoy.call('GET', '/servers', { token })).json<{
        servers: Array<{ id: string }>;
      }>();
      const path = `/servers/${servers[0]?.id}/invites`;
      const invite = async () => {
        const answer = await buoy.call('POST', path, { token, body: { role: 'admin' } });
        const { id, url } = answer.json<{ invite: { id: string; url: string } }>().invite;
        return { path: `${path}/${id}`, code: url.split('#code=')[1] ?? '' };
      };
      return [await invite(), await invite(), await invite()] as const;
    });
    const backedUp = await buoyCommand('backup', [], fixture.environment);
    const [used, revoked] = made;
    await withBuoy(async (buoy, token) => {
      const body = { code: used.code, name: 'Guest' };
      expect((await buoy.call('POST', '/auth/invite', { body })).statusCode).toBe(200);
      expect((await buoy.call('DELETE', revoked.path, { token })).statusCode).toBe(204);
    });

    const { stdout } = await restore([backedUp.stdout.split(':')[0] ?? '']);
    await withBuoy(async (buoy, token) => {
      for (const { code } of made) {
        const shown = await buoy.call('POST', '/auth/invite/show', { body: { code } });
        const joined = await buoy.call('POST', '/auth/invite', { body: { code, name: 'Guest' } });
        expect([shown.statusCode, joined.statusCode]).toEqual([404, 404]);
      }
      const { entries } = await auditOf(buoy, token);
      expect(entries.find(({ action }) => action === 'restore')).toMatchObject({
        details: { endedInvites: 3 },
      });
    });
    expect(stdout).toContain('3 invites that nobody had accepted when the backup was made no longer work');
  });

  test('refuses a sign-in of Telegram from before it, which may have been used since the backup', async () => {
    const used = forgeInitData({ id: SUPER_ID, first_name: 'Ann' }, BOT_TOKEN, Date.now() - 5_000);
    const signInWith = (buoy: TestBuoy, initData: string) =>
      buoy.call('POST', '/auth/telegram', { body: { initData } });
    await withBuoy(async (buoy) => expect((await signInWith(buoy, used)).statusCode).toBe(200));

    await restore([backupPath()]);
    await withBuoy(async (buoy) => {
      expect((await signInWith(buoy, used)).json()).toMatchObject({ code: 'sign_in_failed' });
      const fresh = forgeInitData({ id: SUPER_ID, first_name: 'Ann' }, BOT_TOKEN);
      expect((await signInWith(buoy, fresh)).statusCode).toBe(200);
    });
  });

  test('does not start a task again that was running in the backup', async () => {
    // The state that a killed Buoy leaves, and a backup of it.
    const started = await withBuoy(async (buoy, token) => {
      const [server] = (await buoy.call('GET', '/servers', { token })).json<{
        servers: Array<{ id: string }>;
      }>().servers;
      const { task } = (await buoy.call('POST', `/servers/${server?.id}/openclaw/restart`, { token })).json<{
        task: { id: string };
      }>();
      return task.id;
    });
    await fixture.command(
      `update tasks set status = 'running', error = null, finished_at = null where id = '${started}'`,
    );
    const made = await buoyCommand('backup', [], fixture.environment);
    expect(made.code).toBe(0);
    const file = made.stdout.split(':')[0] ?? '';

    const { stdout } = await restore([file]);
    expect(stdout).toContain('1 task that ran when the backup was made will not resume');
    await withBuoy(async (buoy, token) => {
      const { task } = (await buoy.call('GET', `/tasks/${started}`, { token })).json();
      expect(task).toMatchObject({
        status: 'interrupted',
        error: { message: expect.stringContaining('backup') },
      });
    });
  });

  test('does not go on with a rollout that waited for its next servers in the backup', async () => {
    const rollout = await withBuoy(async (buoy, token) => {
      const { servers } = (await buoy.call('GET', '/servers', { token })).json<{
        servers: Array<{ id: string }>;
      }>();
      const body = { serverIds: servers.map(({ id }) => id), version: '2026.9.6' };
      const answer = await buoy.call('POST', '/rollouts', { token, body });
      const { id } = answer.json<{ rollout: { id: string } }>().rollout;
      await buoy.call('POST', `/rollouts/${id}/pause`, { token });
      return id;
    });
    await fixture.command(`update rollouts set status = 'running' where id = '${rollout}'`);
    await fixture.command(
      `update rollout_servers set status = 'pending', task_id = null where rollout_id = '${rollout}'`,
    );
    const made = await buoyCommand('backup', [], fixture.environment);
    const { stdout } = await restore([made.stdout.split(':')[0] ?? '']);
    expect(stdout).toContain('1 rollout that updated servers when the backup was made will not go on');
    await withBuoy(async (buoy, token) => {
      const { rollout: now } = (await buoy.call('GET', `/rollouts/${rollout}`, { token })).json();
      expect(now).toMatchObject({ status: 'stopped' });
      expect(now.waves.flat().map(({ status }: { status: string }) => status)).toEqual([
        'pending',
        'pending',
      ]);
    });
  });

  test('can be undone by restoring what it kept aside', async () => {
    await restore([backupPath()]);
    const aside = readdirSync(fixture.dataDir).find((name) => fixture.keptAs.test(name)) ?? '';
    const { code, stdout } = await restore([path.join(fixture.dataDir, aside)]);
    expect(code).toBe(0);
    expect(stdout).toContain('Without its .json beside it, the file itself could not be verified');
    await withBuoy(async (buoy, token) => {
      expect(await serversOf(buoy, token)).toEqual(['second', 'third']);
      expect(await auditOf(buoy, token)).toMatchObject({ chainOk: true });
    });
  });

  test('finds a backup by its name alone, and one that was moved without its notes', async () => {
    expect((await restore([backup.filename])).code).toBe(0);
    const elsewhere = path.join(fixture.dataDir, 'downloaded');
    copyFileSync(backupPath(), elsewhere);
    const { code, stdout } = await restore([elsewhere]);
    expect(code).toBe(0);
    expect(stdout).toContain('2 servers');
  });

  test('brings everything back on a new machine that has only the keys', async () => {
    const moved = mkdtempSync(path.join(tmpdir(), 'buoy-moved-'));
    const file = path.join(moved, backup.filename);
    copyFileSync(backupPath(), file);
    const keys = ['vault-keys', 'jwt-secret'].map(
      (name) => [name, readFileSync(path.join(fixture.dataDir, name))] as const,
    );
    rmSync(fixture.dataDir, { recursive: true });
    mkdirSync(fixture.dataDir);
    for (const [name, content] of keys) writeFileSync(path.join(fixture.dataDir, name), content);
    if (engine === 'postgres') await fixture.command('drop schema public cascade; create schema public');
    const { code, stdout } = await restore([file]);
    expect(code).toBe(0);
    expect(stdout).toContain('There was no database before.');
    await withBuoy(async (buoy, token) => {
      expect(await serversOf(buoy, token)).toEqual(['first', 'second']);
      expect(await auditOf(buoy, token)).toMatchObject({ chainOk: true });
    });
    rmSync(moved, { recursive: true });
  });

  test('upgrades a backup of an older Buoy', async () => {
    if (engine !== 'sqlite') return;
    const file = path.join(fixture.dataDir, 'older.db');
    const older = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new BetterSqlite(file) }) });
    const provider = { getMigrations: () => Promise.resolve({ '0001-spine': spine }) };
    await new Migrator({ db: older, provider }).migrateToLatest();
    await older.destroy();
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
    const { code, stdout } = await restore([`${file}.gz`]);
    expect(code).toBe(0);
    expect(stdout).toContain(`was migrated: ${knownMigrations.slice(1).join(', ')}.`);
    await withBuoy(async (buoy, token) => {
      expect(await serversOf(buoy, token)).toEqual([]);
      expect(await auditOf(buoy, token)).toMatchObject({ chainOk: true });
    });
  });

  describe('is refused and changes nothing', () => {
    test('while Buoy runs on that data folder', async () => {
      const buoy = await startTestBuoy(fixture.environment);
      const { code, stderr } = await restore([backupPath()]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Buoy is running on this DATA_DIR/);
      expect(stderr).toContain('Stop Buoy first');
      const token = await buoy.signIn(SUPER_ID);
      expect(await serversOf(buoy, token)).toEqual(['second', 'third']);
      await buoy.close();
    });

    test('for a missing file', async () => {
      expect(await refused(['none.db.gz'])).toContain('No readable file at');
      expect(await refused([fixture.dataDir])).toContain('No readable file at');
    });

    test('for a file that does not match its notes', async () => {
      const bytes = readFileSync(backupPath());
      writeFileSync(backupPath(), Buffer.concat([bytes, Buffer.from('x')]));
      expect(await refused([backupPath()])).toContain('This file is not what Buoy wrote');
    });

    test('for a file that is truncated, changed or not a backup', async () => {
      rmSync(`${backupPath()}.json`);
      const bytes = readFileSync(backupPath());
      writeFileSync(backupPath(), bytes.subarray(0, bytes.length / 2));
      expect(await refused([backupPath()])).toContain('damaged or cut off');
      writeFileSync(backupPath(), gzipSync(gunzipSync(bytes).subarray(0, 20_000)));
      expect(await refused([backupPath()])).toMatch(/damaged|cannot be read|not one of Buoy/);
      writeFileSync(backupPath(), gzipSync('the wrong file'));
      expect(await refused([backupPath()])).toContain('This file contains no copy of a database');
      writeFileSync(backupPath(), '');
      expect(await refused([backupPath()])).toContain('This file contains no copy of a database');
    });

    test('for a backup of a newer Buoy', async () => {
      await fixture.command(
        "insert into kysely_migration (name, timestamp) values ('9999-future', '2099-01-01T00:00:00.000Z')",
      );
      const made = await buoyCommand('backup', [], fixture.environment);
      await fixture.command("delete from kysely_migration where name = '9999-future'");
      const file = made.stdout.split(':')[0] ?? '';
      expect(await refused([file])).toMatch(
        /newer Buoy, which has the migration "9999-future".*newer version/s,
      );
    });

    test('when a later step fails: here, a backup that cannot be upgraded', async () => {
      const last = knownMigrations.at(-1);
      await fixture.command(`create table obstacle_log as select * from kysely_migration`);
      await fixture.command(`delete from kysely_migration where name = '${last}'`);
      const made = await buoyCommand('backup', [], fixture.environment);
      await fixture.command(`insert into kysely_migration select * from obstacle_log where name = '${last}'`);
      await fixture.command('drop table obstacle_log');
      expect(await refused([made.stdout.split(':')[0] ?? ''])).toContain('migration');
      await withBuoy(async (buoy, token) => {
        expect(await serversOf(buoy, token)).toEqual(['second', 'third']);
        expect(await auditOf(buoy, token)).toMatchObject({ chainOk: true });
      });
    });

    test('without the vault keys of the backup, with their names and what to do', async () => {
      const keys = path.join(fixture.dataDir, 'vault-keys');
      const [keyId = ''] = readFileSync(keys, 'utf8').split(':');
      renameSync(keys, `${keys}.lost`);
      writeFileSync(keys, `another:${Buffer.alloc(32, 7).toString('base64')}\n`);
      const words = await refused([backupPath()]);
      expect(words).toContain(`under "${keyId}" cannot be opened`);
      expect(words).toContain('--without-keys');
      writeFileSync(keys, `${keyId}:${Buffer.alloc(32, 7).toString('base64')}\n`);
      expect(await refused([backupPath()])).toContain('though these have the right names');
    });
  });

  test('with --without-keys brings back everything but the secrets, and Buoy starts', async () => {
    writeFileSync(
      path.join(fixture.dataDir, 'vault-keys'),
      `another:${Buffer.alloc(32, 7).toString('base64')}\n`,
    );
    const { code, stdout } = await restore([backupPath(), '--without-keys']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\d+ secrets could not be opened: enter the password or key of each server again/);
    const log =
      readdirSync(fixture.dataDir).find((name) => name.startsWith('audit-log.before-restore')) ?? '';
    expect(stdout).toContain(log);
    expect(readFileSync(path.join(fixture.dataDir, log), 'utf8')).toContain('"target":"first"');
    expect(statSync(path.join(fixture.dataDir, log)).mode & 0o777).toBe(0o600);
    await withBuoy(async (buoy, token) => {
      expect(await serversOf(buoy, token)).toEqual(['first', 'second']);
      const { chainOk, entries } = await auditOf(buoy, token);
      expect(chainOk).toBe(true);
      expect(entries.find(({ action }) => action === 'restore')).toMatchObject({
        details: { auditLogBeganAnew: true, lostSecrets: expect.any(Number) },
      });
      const [server] = (await buoy.call('GET', '/servers', { token })).json<{
        servers: Array<{ id: string }>;
      }>().servers;
      const changed = await buoy.call('PUT', `/servers/${server?.id}`, {
        token,
        body: { password: 'entered anew' },
      });
      expect(changed.statusCode).toBe(200);
    });
  });

  test('prints its usage when called with wrong arguments', async () => {
    for (const args of [[], ['one', 'two'], ['--force', 'x']]) {
      const { code, stderr } = await restore(args);
      expect(code).toBe(2);
      expect(stderr).toContain('Usage: npm run restore -- FILE');
    }
    const bad = await restore([backupPath()], { ...fixture.environment, BACKUP_KEEP: 'all' });
    expect(bad.code).toBe(2);
    expect(bad.stderr).toBe('BACKUP_KEEP takes how many backups are kept, 1 to 1000.\n');
  });

  test('is refused for a backup of the other database engine', async () => {
    const other: Record<string, string> =
      engine === 'sqlite' ? { DATABASE_URL: 'postgres://127.0.0.1:1/none' } : {};
    const { DATABASE_URL, ...rest } = fixture.environment;
    const { code, stderr } = await restore([backupPath()], { ...rest, ...other });
    expect(code).toBe(1);
    expect(stderr).toContain(engine === 'sqlite' ? 'DATABASE_URL says PostgreSQL' : 'no DATABASE_URL is set');
  });
});
