// Backups over HTTP: who may make, list and download them, what a download holds, and that no path leads out of the folder.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { AuditEntry, Backup } from '@buoy/contract';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { freshPostgres } from './support/fresh-postgres.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

let running: TestBuoy;
let superToken: string;
let userToken: string;
let folder: string;

beforeAll(async () => {
  running = await startTestBuoy();
  superToken = await running.signIn(SUPER_ID);
  userToken = await running.signIn(101);
  folder = path.join(running.dataDir, 'backups');
});
afterAll(() => running.close());

const makeBackup = async (): Promise<Backup> => {
  const answer = await running.call('POST', '/admin/backups/run', { token: superToken });
  expect(answer.statusCode).toBe(201);
  return answer.json<{ backup: Backup }>().backup;
};
const download = (name: string, headers: Record<string, string> = {}, token: string | null = superToken) =>
  running.call('GET', `/admin/backups/download/${name}`, { token, headers });
const auditOf = async (action: string): Promise<AuditEntry[]> =>
  (
    await running.call('GET', `/admin/audit?action=${encodeURIComponent(action)}`, { token: superToken })
  ).json<{ entries: AuditEntry[] }>().entries;

describe('POST /admin/backups/run', () => {
  test('returns 201: the backup is verified, on disk with mode 600, in the list, in the health and in the audit log', async () => {
    const backup = await makeBackup();
    expect(backup.verified).toBe(true);
    const bytes = readFileSync(path.join(folder, backup.filename));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(backup.sha256);
    expect(bytes.length).toBe(backup.sizeBytes);
    for (const name of readdirSync(folder))
      expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);

    const list = (await running.call('GET', '/admin/backups', { token: superToken })).json();
    expect(list).toEqual({ backups: expect.arrayContaining([backup]), nextCursor: null });
    const health = (await running.call('GET', '/admin/health/detailed', { token: superToken })).json();
    expect(health.backup).toMatchObject({ lastOk: true });
    expect(Date.parse(health.backup.lastAt)).toBeGreaterThanOrEqual(Date.parse(backup.createdAt));
    expect(await auditOf('POST /admin/backups/run')).toMatchObject([
      { result: 'ok', userId: String(SUPER_ID), target: backup.filename, details: { sha256: backup.sha256 } },
    ]);
  });

  test("the backup holds Buoy's database, and its folder holds no key and no token secret", async () => {
    const backup = await makeBackup();
    const file = path.join(running.dataDir, 'unpacked.db');
    writeFileSync(file, gunzipSync(readFileSync(path.join(folder, backup.filename))));
    const copy = new BetterSqlite(file, { readonly: true });
    expect(copy.prepare('select id from users order by id').pluck().all()).toEqual(['1', '101']);
    copy.close();
    const secrets = ['vault-keys', 'jwt-secret'].map((name) =>
      readFileSync(path.join(running.dataDir, name), 'utf8').trim(),
    );
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(path.join(folder, name));
      const plain = name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
      for (const secret of secrets) expect(plain.includes(secret), name).toBe(false);
    }
  });

  test('returns 409 for the second of two at once', async () => {
    const answers = await Promise.all(
      [1, 2].map(() => running.call('POST', '/admin/backups/run', { token: superToken })),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409]);
    expect(answers.find(({ statusCode }) => statusCode === 409)?.json()).toMatchObject({ code: 'conflict' });
  });

  test('returns 403 for a user, 401 without a sign-in', async () => {
    expect((await running.call('POST', '/admin/backups/run', { token: userToken })).statusCode).toBe(403);
    expect((await running.call('POST', '/admin/backups/run')).statusCode).toBe(401);
  });
});

describe('GET /admin/backups', () => {
  test('returns 403 for a user, 401 without a sign-in', async () => {
    expect((await running.call('GET', '/admin/backups', { token: userToken })).statusCode).toBe(403);
    expect((await running.call('GET', '/admin/backups')).statusCode).toBe(401);
  });

  test('returns 200 after a backup was deleted by hand', async () => {
    const backup = await makeBackup();
    rmSync(path.join(folder, backup.filename));
    const answer = await running.call('GET', '/admin/backups', { token: superToken });
    expect(answer.statusCode).toBe(200);
    expect(answer.json<{ backups: Backup[] }>().backups).not.toContainEqual(backup);
    expect((await download(backup.filename)).statusCode).toBe(404);
  });
});

describe('GET /admin/backups/download/:filename', () => {
  test('returns 200: the bytes on disk as a file to save, and the audit log holds who downloaded it', async () => {
    const { filename, sha256, sizeBytes } = await makeBackup();
    const answer = await download(filename);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/gzip',
      'content-length': String(sizeBytes),
      'content-disposition': `attachment; filename="${filename}"`,
      etag: `"${sha256}"`,
    });
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(createHash('sha256').update(answer.rawPayload).digest('hex')).toBe(sha256);
    const entries = await auditOf('GET /admin/backups/download');
    expect(entries[0]).toMatchObject({ result: 'started', userId: String(SUPER_ID), target: filename });
  });

  test('returns 206: an interrupted download is resumed to the same bytes', async () => {
    const { filename, sha256 } = await makeBackup();
    const complete = readFileSync(path.join(folder, filename));
    const cut = Math.floor(complete.length / 3);
    const rest = await download(filename, { range: `bytes=${cut}-`, 'if-range': `"${sha256}"` });
    expect(rest.statusCode).toBe(206);
    expect(rest.headers['content-range']).toBe(`bytes ${cut}-${complete.length - 1}/${complete.length}`);
    const joined = Buffer.concat([complete.subarray(0, cut), rest.rawPayload]);
    expect(createHash('sha256').update(joined).digest('hex')).toBe(sha256);
  });

  test('returns 200 with the whole file when the rest of another file is requested; 416 for an invalid range', async () => {
    const { filename, sizeBytes } = await makeBackup();
    const other = await download(filename, { range: 'bytes=10-', 'if-range': '"another"' });
    expect(other.statusCode).toBe(200);
    expect(other.rawPayload.length).toBe(sizeBytes);
    const beyond = await download(filename, { range: `bytes=${sizeBytes}-` });
    expect(beyond.statusCode).toBe(416);
    expect(beyond.json()).toMatchObject({ code: 'range_not_satisfiable' });
  });

  test('returns 403 for a user and 401 without a sign-in, whether the file exists or not', async () => {
    const { filename } = await makeBackup();
    for (const name of [filename, 'none.db.gz']) {
      expect((await download(name, {}, userToken)).statusCode).toBe(403);
      expect((await download(name, {}, null)).statusCode).toBe(401);
    }
  });

  test('returns 404 for anything that is not a backup of this folder: a link, a folder, the notes beside a backup', async () => {
    const { filename } = await makeBackup();
    symlinkSync(path.join(running.dataDir, 'vault-keys'), path.join(folder, 'keys.db.gz'));
    symlinkSync(running.dataDir, path.join(folder, 'data.db.gz'));
    symlinkSync(path.join(folder, filename), path.join(folder, 'same.db.gz'));
    for (const name of [
      'none.db.gz',
      'keys.db.gz',
      'data.db.gz',
      'same.db.gz',
      `${filename}.json`,
      'state.json',
    ])
      expect((await download(name)).statusCode, name).toBe(404);
    const listed = (await running.call('GET', '/admin/backups', { token: superToken })).payload;
    for (const name of ['keys.db.gz', 'data.db.gz', 'same.db.gz']) expect(listed).not.toContain(name);
  });

  test.each([
    '..%2f..%2fvault-keys',
    '..%2Fvault-keys',
    '%2e%2e%2fvault-keys',
    '..%5cvault-keys',
    '%2fetc%2fpasswd',
    '/etc/passwd',
    '../../vault-keys',
    './vault-keys',
    '..%252fvault-keys',
    'vault-keys%00.db.gz',
    '%00',
    'a%0d%0ax-injected:%201.db.gz',
    '.lock',
    '..',
    '%2e%2e',
    '',
  ])('400 or 404 without content for "%s"', async (name) => {
    const answer = await download(name);
    expect([400, 404]).toContain(answer.statusCode);
    expect(answer.payload).not.toContain(
      readFileSync(path.join(running.dataDir, 'vault-keys'), 'utf8').trim(),
    );
    expect(answer.payload).not.toContain('root:');
    expect(answer.headers['x-injected']).toBeUndefined();
  });
});

describe('Buoy that stops during a backup', () => {
  test('leaves no partial file, and the caller gets an error', async () => {
    const other = await startTestBuoy();
    const token = await other.signIn(SUPER_ID);
    const running = other.call('POST', '/admin/backups/run', { token });
    const backups = path.join(other.dataDir, 'backups');
    while (!readdirSync(backups).some((name) => name.startsWith('.draft')))
      await new Promise((resolve) => setImmediate(resolve));
    await other.buoy.close();
    expect((await running).statusCode).toBe(503);
    expect(readdirSync(backups).filter((name) => /draft|\.gz/.test(name))).toEqual([]);
    rmSync(other.dataDir, { recursive: true });
  });
});

describe('backups of PostgreSQL', () => {
  test('201, listed, and downloaded as a dump', async ({ skip }) => {
    const url = inject('postgresUrl');
    skip(url == null, inject('postgresMissing'));
    await using database = await freshPostgres(url ?? '');
    const other = await startTestBuoy({ DATABASE_URL: database.url });
    try {
      const token = await other.signIn(SUPER_ID);
      const made = await other.call('POST', '/admin/backups/run', { token });
      expect(made.statusCode).toBe(201);
      const { backup } = made.json<{ backup: Backup }>();
      expect(backup).toMatchObject({ verified: true, filename: expect.stringMatching(/\.dump\.gz$/) });
      const answer = await other.call('GET', `/admin/backups/download/${backup.filename}`, { token });
      expect(gunzipSync(answer.rawPayload).subarray(0, 5).toString()).toBe('PGDMP');
      expect(existsSync(path.join(other.dataDir, 'buoy.db'))).toBe(false);
    } finally {
      await other.close();
    }
  });
});
