// The backup folder with manually added files, missing sidecars, links and leftovers.
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBackupFolder } from './backup-folder.ts';
import type { Sidecar } from './sidecar.ts';

let outside: string;
let at: string;
beforeEach(() => {
  outside = mkdtempSync(path.join(tmpdir(), 'buoy-folder-'));
  at = path.join(outside, 'backups');
});
afterEach(() => rmSync(outside, { recursive: true, force: true }));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const put = (name: string, text: string) => writeFileSync(path.join(at, name), text);

/** Publishes a backup of that moment with `text` in it. */
async function publish(createdAt: string, text = `content of ${createdAt}`, changes: Partial<Sidecar> = {}) {
  const folder = createBackupFolder(at);
  await folder.prepare();
  const draft = folder.draft('new.gz');
  writeFileSync(draft, text);
  return folder.publish(draft, 'db', {
    createdAt,
    sizeBytes: Buffer.byteLength(text),
    sha256: sha256(text),
    verified: true,
    engine: 'sqlite',
    migration: '0002-core',
    version: '1.0.0',
    ...changes,
  });
}

describe('a published backup', () => {
  test('is named after its time, listed with its metadata, and readable by its owner only', async () => {
    const backup = await publish('2026-03-01T03:15:07.123Z');
    expect(backup).toEqual({
      filename: 'buoy-2026-03-01T03-15-07Z.db.gz',
      sizeBytes: 35,
      createdAt: '2026-03-01T03:15:07.123Z',
      sha256: sha256('content of 2026-03-01T03:15:07.123Z'),
      verified: true,
    });
    expect(await createBackupFolder(at).list()).toEqual([backup]);
    expect(statSync(at).mode & 0o777).toBe(0o700);
    expect(readdirSync(at).sort()).toEqual([backup.filename, `${backup.filename}.json`]);
    expect(statSync(path.join(at, `${backup.filename}.json`)).mode & 0o777).toBe(0o600);
  });

  test('does not replace another backup of the same second', async () => {
    const moments = ['000', '001', '002'].map((ms) => `2026-03-01T03:15:07.${ms}Z`);
    const names: string[] = [];
    for (const moment of moments) names.push((await publish(moment)).filename);
    expect(names).toEqual([
      'buoy-2026-03-01T03-15-07Z.db.gz',
      'buoy-2026-03-01T03-15-07Z-2.db.gz',
      'buoy-2026-03-01T03-15-07Z-3.db.gz',
    ]);
    expect((await createBackupFolder(at).list()).map(({ filename }) => filename)).toEqual(names.toReversed());
  });
});

describe('backup list', () => {
  test('is empty when the folder does not exist', async () => {
    expect(await createBackupFolder(at).list()).toEqual([]);
  });

  test('skips a deleted file and a sidecar without a backup', async () => {
    const gone = await publish('2026-03-01T03:15:00.000Z');
    const kept = await publish('2026-03-02T03:15:00.000Z');
    rmSync(path.join(at, gone.filename));
    expect(await createBackupFolder(at).list()).toEqual([kept]);
  });

  test('shows a backup without sidecar, with its hash computed, its time from the name, and not as verified', async () => {
    const { filename } = await publish('2026-03-01T03:15:00.500Z', 'text');
    rmSync(path.join(at, `${filename}.json`));
    expect(await createBackupFolder(at).list()).toEqual([
      {
        filename,
        sizeBytes: 4,
        createdAt: '2026-03-01T03:15:00.000Z',
        sha256: sha256('text'),
        verified: false,
      },
    ]);
  });

  test('includes a file that a person added under another name', async () => {
    mkdirSync(at);
    put('before-the-move.db.gz', 'mine');
    utimesSync(path.join(at, 'before-the-move.db.gz'), 1_000_000_000, 1_000_000_000);
    expect(await createBackupFolder(at).list()).toEqual([
      {
        filename: 'before-the-move.db.gz',
        sizeBytes: 4,
        createdAt: '2001-09-09T01:46:40.000Z',
        sha256: sha256('mine'),
        verified: false,
      },
    ]);
  });

  test.each([
    ['garbage', 'not JSON'],
    ['of another form', '{"verified":true}'],
    ['as long as a film', `"${'x'.repeat(20_000)}"`],
  ])('ignores a sidecar that is %s', async (_what, content) => {
    const { filename } = await publish('2026-03-01T03:15:00.000Z');
    put(`${filename}.json`, content);
    expect(await createBackupFolder(at).list()).toMatchObject([{ filename, verified: false }]);
  });

  test('ignores a sidecar whose backup has another size', async () => {
    const { filename } = await publish('2026-03-01T03:15:00.000Z');
    put(filename, 'cut');
    const folder = createBackupFolder(at);
    expect(await folder.list()).toMatchObject([{ sizeBytes: 3, sha256: sha256('cut'), verified: false }]);
    put(filename, 'cut again');
    expect(await folder.list()).toMatchObject([{ sizeBytes: 9, sha256: sha256('cut again') }]);
  });

  test('follows no links and lists regular files only', async () => {
    const { filename } = await publish('2026-03-01T03:15:00.000Z');
    writeFileSync(path.join(outside, 'secret'), 'secret');
    symlinkSync(path.join(outside, 'secret'), path.join(at, 'buoy-2026-03-02T03-15-00Z.db.gz'));
    symlinkSync(outside, path.join(at, 'folder.db.gz'));
    mkdirSync(path.join(at, 'real-folder.db.gz'));
    put('.hidden.db.gz', '');
    put('notes.txt', '');
    put('state.json', '{}');
    put('with space.db.gz', '');
    rmSync(path.join(at, `${filename}.json`));
    symlinkSync(path.join(outside, 'secret'), path.join(at, `${filename}.json`));
    expect(await createBackupFolder(at).list()).toMatchObject([{ filename, verified: false }]);
  });
});

describe('backup leftovers', () => {
  test('removes only drafts and orphaned sidecars of a killed run', async () => {
    const kept = await publish('2026-03-01T03:15:00.000Z');
    put('.draft-a1b2.copy', 'half');
    put('.draft-a1b2.gz', 'half');
    mkdirSync(path.join(at, '.draft-folder'));
    put('buoy-2026-03-02T03-15-00Z.db.gz.json', '{}');
    put('mine.json', '{}');
    put('mine.db.gz', '');
    await createBackupFolder(at).removeLeftovers();
    expect(readdirSync(at).sort()).toEqual(
      [kept.filename, `${kept.filename}.json`, 'mine.db.gz', 'mine.json'].sort(),
    );
  });
});

describe('backup pruning', () => {
  const day = (count: number) => `2026-03-${String(count).padStart(2, '0')}T03:15:00.000Z`;

  test('keeps the newest verified backups and removes the others with their sidecars', async () => {
    for (const count of [3, 1, 5, 2, 4]) await publish(day(count));
    const folder = createBackupFolder(at);
    const gone = await folder.prune(2);
    expect(gone.sort()).toEqual([1, 2, 3].map((count) => `buoy-2026-03-0${count}T03-15-00Z.db.gz`));
    expect((await folder.list()).map(({ createdAt }) => createdAt)).toEqual([day(5), day(4)]);
    expect(readdirSync(at)).toHaveLength(4);
  });

  test('neither counts nor removes unverified or manually added files', async () => {
    for (const count of [1, 2, 3]) await publish(day(count));
    await publish(day(4), 'x', { verified: false });
    rmSync(path.join(at, 'buoy-2026-03-03T03-15-00Z.db.gz.json'));
    put('mine.db.gz', 'mine');
    const folder = createBackupFolder(at);
    expect(await folder.prune(1)).toEqual(['buoy-2026-03-01T03-15-00Z.db.gz']);
    const left = (await folder.list()).map(({ filename }) => filename);
    expect(left.sort()).toEqual([
      'buoy-2026-03-02T03-15-00Z.db.gz',
      'buoy-2026-03-03T03-15-00Z.db.gz',
      'buoy-2026-03-04T03-15-00Z.db.gz',
      'mine.db.gz',
    ]);
  });
});
