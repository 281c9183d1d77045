// Buoy's downloads on its own disk, from a registry on a real socket.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { createDownloadCache, type DownloadSource } from './download-cache.ts';
import { type LocalRegistry, startLocalRegistry } from './testing/local-registry.ts';

const HOUR_MS = 60 * 60_000;
/** Pauses before another attempt take no time; what waits for silence waits. */
const clock: Clock = { ...systemClock, after: (ms, run) => systemClock.after(ms > 10_000 ? ms : 0, run) };

describe('the cache of downloads', () => {
  let folder: string;
  let registry: LocalRegistry;
  beforeEach(async () => {
    folder = path.join(mkdtempSync(path.join(tmpdir(), 'buoy-downloads-')), 'downloads');
    registry = await startLocalRegistry();
  });
  afterEach(async () => {
    await registry.stop();
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  const source = (name: string, body: string): DownloadSource => {
    registry.put(`/${name}`, body);
    const hex = createHash('sha256').update(body).digest('hex');
    return { url: `${registry.url}/${name}`, checksum: { algorithm: 'sha256', hex }, what: name };
  };
  const open = (limits: Partial<Parameters<typeof createDownloadCache>[0]> = {}) =>
    createDownloadCache({ folder, clock, ...limits });
  const never = new AbortController().signal;
  const kept = () => readdirSync(folder).filter((name) => !name.endsWith('.part'));

  test('keeps a file under its checksum, for nobody else to read, and asks once for many', async () => {
    const wanted = source('a', 'the bytes');
    const cache = open();
    const [one, other] = await Promise.all([cache.file(wanted, never), cache.file(wanted, never)]);
    await open().file(wanted, never);
    expect(one).toEqual(other);
    expect(readFileSync(one.path, 'utf8')).toBe('the bytes');
    expect(registry.asked).toEqual(['/a']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(one.path).mode & 0o777).toBe(0o600);
  });

  test('refuses a download with another checksum, and keeps nothing of it', async () => {
    const wanted = source('a', 'the bytes');
    registry.put('/a', 'others');
    await expect(open().file(wanted, never)).rejects.toMatchObject({ code: 'checksum_mismatch' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('downloads again what was changed on the disk', async () => {
    const wanted = source('a', 'the bytes');
    const { path: at } = await open().file(wanted, never);
    writeFileSync(at, 'damaged');
    await open().file(wanted, never);
    expect(readFileSync(at, 'utf8')).toBe('the bytes');
  });

  test('begins again where the network breaks off in the middle', async () => {
    const wanted = source('a', 'x'.repeat(100_000));
    registry.cut('/a', 1);
    const { sizeBytes } = await open().file(wanted, never);
    expect(sizeBytes).toBe(100_000);
    expect(registry.asked).toEqual(['/a', '/a']);
    expect(kept()).toHaveLength(1);
  });

  test('fails after three breaks, and leaves no part behind', async () => {
    const wanted = source('a', 'x'.repeat(100_000));
    registry.cut('/a', 3);
    await expect(open().file(wanted, never)).rejects.toMatchObject({
      ...{ code: 'registry_failed', message: 'Buoy could not download a.' },
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('says that there is no such file, and asks only once', async () => {
    const wanted = { ...source('a', ''), url: `${registry.url}/absent` };
    await expect(open().file(wanted, never)).rejects.toMatchObject({ code: 'version_not_found' });
    expect(registry.asked).toEqual(['/absent']);
  });

  test('refuses a download for which the disk of Buoy has no room', async () => {
    const wanted = source('a', 'the bytes');
    const cache = open({ freeBytes: async () => 100 * 1024 ** 2 });
    await expect(cache.file(wanted, never)).rejects.toMatchObject({
      ...{ code: 'disk_full', message: 'The disk of Buoy is too full for a download.' },
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('removes what was not used for the longest time once it is full, and what a killed Buoy has left', async () => {
    const cache = open({ maxBytes: 250 });
    const first = await cache.file(source('a', 'a'.repeat(100)), never);
    const second = await cache.file(source('b', 'b'.repeat(100)), never);
    const ago = (at: string, hours: number) =>
      utimesSync(at, new Date(Date.now() - hours * HOUR_MS), new Date(Date.now() - hours * HOUR_MS));
    ago(first.path, 9);
    ago(second.path, 8);
    writeFileSync(`${first.path}.0123.part`, 'half');
    ago(`${first.path}.0123.part`, 2);
    const third = await cache.file(source('c', 'c'.repeat(100)), never);
    expect(readdirSync(folder).sort()).toEqual(
      [second.path, third.path].map((at) => path.basename(at)).sort(),
    );
  });

  test('does not remove what may be on its way to a server', async () => {
    const cache = open({ maxBytes: 150 });
    await cache.file(source('a', 'a'.repeat(100)), never);
    await expect(cache.file(source('b', 'b'.repeat(100)), never)).rejects.toMatchObject({
      code: 'disk_full',
    });
    expect(kept()).toHaveLength(1);
  });

  test('ends a download that is cancelled, with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by a person');
    const wanted = source('a', 'the bytes');
    const answered = open().file(wanted, controller.signal);
    controller.abort(reason);
    await expect(answered).rejects.toBe(reason);
  });
});
