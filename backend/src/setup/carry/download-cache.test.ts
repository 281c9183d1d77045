// Buoy's downloads on its own disk, from a registry on a real socket.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { createSourceFetch, type SourceFetch } from '../source-fetch.ts';
import { createDownloadCache, type DownloadSource, type GetFile } from './download-cache.ts';
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
  /** Its `file` is used by nobody once it is here. */
  const open = (limits: Partial<Parameters<typeof createDownloadCache>[0]> = {}) => {
    const cache = createDownloadCache({ folder, clock, fetch: createSourceFetch(), ...limits });
    const file: GetFile = (wanted, signal) => cache.whileUsed((get) => get(wanted, signal));
    return { ...cache, file };
  };
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

  test('does not remove what is on its way to a server, and removes it for others once that has ended', async () => {
    const cache = open({ maxBytes: 150 });
    const other = source('b', 'b'.repeat(100));
    await cache.whileUsed(async (file) => {
      const { path: at } = await file(source('a', 'a'.repeat(100)), never);
      await expect(cache.file(other, never)).rejects.toMatchObject({ code: 'disk_full' });
      expect(kept()).toEqual([path.basename(at)]);
    });
    const { path: at } = await cache.file(other, never);
    expect(kept()).toEqual([path.basename(at)]);
  });

  test('asks for files as they are', async () => {
    const asked: unknown[] = [];
    const fetch: SourceFetch = async (_url, { headers }) => {
      asked.push(headers);
      return new Response('the bytes');
    };
    await open({ fetch }).file(source('a', 'the bytes'), never);
    expect(asked).toEqual([{ 'accept-encoding': 'identity' }]);
  });

  const MiB = 1024 ** 2;
  test.each([
    ['without telling how many', Buffer.alloc(20 * MiB, 'x'), {}],
    ['that were packed', gzipSync(Buffer.alloc(20 * MiB, 'x')), { 'content-encoding': 'gzip' }],
  ])('keeps the disk free of a source that sends bytes %s', async (_what, body, headers) => {
    const wanted = source('a', 'the bytes');
    registry.answer('/a', 200, body, headers);
    let mostBytes = 0;
    const freeBytes = async () => {
      const used = readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
      mostBytes = Math.max(mostBytes, used);
      return 264 * MiB - used;
    };
    await expect(open({ freeBytes }).file(wanted, never)).rejects.toMatchObject({
      ...{ code: 'disk_full', message: 'The disk of Buoy is too full for a download.' },
    });
    expect(mostBytes).toBeLessThanOrEqual(8 * MiB);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('counts what several downloads write at the same time, for one task', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const wanted = names.map((name) => source(name, name.repeat(8 * MiB)));
    for (const name of names) registry.answer(`/${name}`, 200, name.repeat(8 * MiB));
    const ends = await open({ maxBytes: 20 * MiB }).whileUsed((file) =>
      Promise.allSettled(wanted.map((one) => file(one, never))),
    );
    expect(ends.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(2);
    expect(kept().length).toBeLessThanOrEqual(2);
    for (const end of ends)
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'disk_full' });
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
