// A backup run: success, every failure, and two at once.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseCopies } from '../db/database-copies.ts';
import { lockFile } from '../db/file-lock.ts';
import { AppError } from '../lib/app-error.ts';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { createBackups } from './backups.ts';

const CONTENT = 'the database, as it is at this moment\n'.repeat(1_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-backups-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Backups of a text, with parts of the copying replaced. */
function stage(changes: Partial<DatabaseCopies> = {}, keep = 14) {
  const clock = createFakeClock(Date.parse('2026-03-01T03:15:00.000Z'));
  const copies: DatabaseCopies = {
    engine: 'sqlite',
    extension: 'db',
    write: (file) => writeFile(file, CONTENT, { flag: 'wx' }),
    async check(file) {
      if (readFileSync(file, 'utf8') !== CONTENT)
        throw new AppError('internal', 'The database in it is damaged.');
      return { migrations: ['0001-spine', '0002-core'] };
    },
    ...changes,
  };
  const { logger } = createRecordingLogger();
  return { clock, backups: createBackups({ copies, folder, keep, version: '1.2.3', clock, logger }) };
}

const visible = () => readdirSync(folder).filter((name) => name.startsWith('buoy-'));
const drafts = () => readdirSync(folder).filter((name) => name.startsWith('.draft'));

describe('a backup run', () => {
  test('leaves a compressed copy with its sidecar and nothing else', async () => {
    const { backups } = stage();
    const backup = await backups.run();
    const bytes = readFileSync(path.join(folder, backup.filename));
    expect(gunzipSync(bytes).toString('utf8')).toBe(CONTENT);
    expect(backup).toEqual({
      filename: 'buoy-2026-03-01T03-15-00Z.db.gz',
      sizeBytes: bytes.length,
      createdAt: '2026-03-01T03:15:00.000Z',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      verified: true,
    });
    expect(JSON.parse(readFileSync(path.join(folder, `${backup.filename}.json`), 'utf8'))).toEqual({
      createdAt: backup.createdAt,
      sizeBytes: backup.sizeBytes,
      sha256: backup.sha256,
      verified: true,
      engine: 'sqlite',
      migration: '0002-core',
      version: '1.2.3',
    });
    expect(await backups.list()).toEqual([backup]);
    expect(readdirSync(folder).sort()).toEqual(
      ['.lock', backup.filename, `${backup.filename}.json`, 'state.json'].sort(),
    );
    expect(await backups.state()).toMatchObject({
      lastAt: '2026-03-01T03:15:00.000Z',
      lastOk: true,
      lastSuccessAt: backup.createdAt,
      lastSizeBytes: backup.sizeBytes,
      failures: 0,
    });
  });

  test('removes older backups beyond the limit and never the newest', async () => {
    const { backups, clock } = stage({}, 1);
    for (let day = 0; day < 3; day += 1) {
      await backups.run();
      clock.pass(86_400_000);
    }
    expect(await backups.list()).toMatchObject([{ createdAt: '2026-03-03T03:15:00.000Z' }]);
  });

  test('removes leftovers of a killed run', async () => {
    writeFileSync(path.join(folder, '.draft-killed.copy'), 'half a database');
    const { backups } = stage();
    await backups.run();
    expect(drafts()).toEqual([]);
  });
});

describe('a failed backup run leaves no file, reports the cause, and is remembered after a restart', () => {
  const enospc = () => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
  const cases: Array<[string, Partial<DatabaseCopies>, object]> = [
    ['the disk is full', { write: enospc }, { code: 'storage_full' }],
    [
      'the copy cannot be made',
      { write: () => Promise.reject(new AppError('storage_unavailable', 'It is gone.')) },
      { code: 'storage_unavailable', message: 'It is gone.' },
    ],
    [
      'what was written is damaged',
      { write: (file) => writeFile(file, 'half a database') },
      { code: 'internal', message: 'The database in it is damaged.' },
    ],
    [
      'something nobody thought of',
      { check: () => Promise.reject(new TypeError('x is not a function')) },
      { code: 'storage_unavailable' },
    ],
  ];
  test.each(cases)('%s', async (_why, changes, error) => {
    const { backups: good, clock } = stage();
    const kept = await good.run();
    const { backups } = stage(changes);
    await expect(backups.run()).rejects.toMatchObject(error);
    expect(visible()).toEqual([kept.filename, `${kept.filename}.json`]);
    expect(drafts()).toEqual([]);
    expect(await stage().backups.state()).toMatchObject({
      lastAt: new Date(clock.now()).toISOString(),
      lastOk: false,
      lastSuccessAt: kept.createdAt,
      failures: 1,
    });
    // The next one is free to run.
    await expect(stage().backups.run()).resolves.toMatchObject({ verified: true });
  });
});

describe('two backup runs at once', () => {
  /** A copy that finishes when the test releases it. */
  function gated() {
    const started = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const write: DatabaseCopies['write'] = async (file, signal) => {
      started.resolve();
      await Promise.race([
        gate.promise,
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
      ]);
      await writeFile(file, CONTENT);
    };
    return { ...stage({ write }), started: started.promise, open: gate.resolve };
  }

  test("the second is refused, since the first may not contain the caller's last change", async () => {
    const { backups, started, open } = gated();
    const first = backups.run();
    await started;
    await expect(backups.run()).rejects.toMatchObject({ code: 'conflict' });
    open();
    await first;
    expect(await backups.state()).toMatchObject({ lastOk: true, failures: 0 });
    await expect(backups.run()).resolves.toMatchObject({ verified: true });
    expect(await backups.list()).toHaveLength(2);
  });

  test('the second is refused even when another process runs the first', async () => {
    const lock = lockFile(path.join(folder, '.lock'), 'exclusive');
    writeFileSync(path.join(folder, '.draft-of-the-other.copy'), 'half');
    const { backups } = stage();
    await backups.prepare();
    await expect(backups.run()).rejects.toMatchObject({ code: 'conflict' });
    expect(drafts()).toEqual(['.draft-of-the-other.copy']);
    lock?.release();
    await expect(backups.run()).resolves.toMatchObject({ verified: true });
  });

  test('a running backup ends with Buoy, leaves no file, and does not count as a failure', async () => {
    const { backups, started } = gated();
    const running = backups.run();
    running.catch(() => undefined);
    await started;
    await backups.close();
    await expect(running).rejects.toMatchObject({ code: 'shutting_down' });
    await expect(backups.run()).rejects.toMatchObject({ code: 'shutting_down' });
    expect(visible()).toEqual([]);
    expect(drafts()).toEqual([]);
    expect(await backups.state()).toMatchObject({ lastOk: null, failures: 0 });
  });
});

describe('a backup download', () => {
  test('serves any byte range, with an ETag that changes with the file', async () => {
    const { backups } = stage();
    const { filename, sha256, sizeBytes } = await backups.run();
    const bytes = readFileSync(path.join(folder, filename));
    const file = await backups.open(filename);
    expect(file).toMatchObject({ filename, sizeBytes, etag: sha256 });
    const part: Buffer[] = [];
    for await (const chunk of file.open({ start: 10, end: 19 })) part.push(chunk);
    expect(Buffer.concat(part).equals(bytes.subarray(10, 20))).toBe(true);
  });

  test.each(['none.db.gz', '../backups.db.gz', '/etc/passwd', '.lock', 'state.json', '', 'a\0.db.gz', '..'])(
    'returns not_found for "%s"',
    async (name) => {
      const { backups } = stage();
      await backups.run();
      await expect(backups.open(name)).rejects.toMatchObject({ code: 'not_found' });
    },
  );
});
