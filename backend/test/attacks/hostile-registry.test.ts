// A registry that was taken over, from which Buoy downloads for a server: it may neither freeze Buoy nor fill its memory.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../testbed/listen-on-loopback.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createIsolatedWork } from '../../src/lib/isolated-work.ts';
import { createDownloadCache } from '../../src/setup/carry/download-cache.ts';
import { collectPackages } from '../../src/setup/carry/package-set.ts';
import { createPackageRegistry } from '../../src/setup/carry/packument.ts';
import { createRegistryReader } from '../../src/setup/carry/registry-reader.ts';
import { createSourceFetch } from '../../src/setup/source-fetch.ts';
import { longestBlockOfThree } from '../support/main-thread.ts';

/** Milliseconds of computing in one go. */
const MAX_MS = 50;

const isolatedWork = createIsolatedWork({ clock: systemClock });
afterAll(() => isolatedWork.close());

describe('a registry that was taken over', () => {
  let folder: string;
  let server: Server;
  let url: string;
  const files = new Map<string, Buffer>();
  beforeEach(async () => {
    files.clear();
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-hostile-registry-'));
    server = createServer((request, response) => {
      const body = files.get(request.url ?? '');
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    const { port } = await listenOnLoopback(server);
    url = `http://127.0.0.1:${port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const collect = async () => {
    const { signal } = new AbortController();
    const sources = { clock: systemClock, fetch: createSourceFetch() };
    const reader = createRegistryReader({ isolatedWork });
    const cache = createDownloadCache({ folder: path.join(folder, 'downloads'), ...sources });
    return cache
      .whileUsed((file) =>
        collectPackages({
          registry: createPackageRegistry({ npmRegistry: url, reader, ...sources }),
          ...{ reader, signal, root: { name: 'openclaw', version: '1.0.0' } },
          platform: { cpu: 'x64', libc: 'glibc', node: '24.21.0' },
          download: (source) => file(source, signal),
        }),
      )
      .then(
        ({ files: { length } }) => `${length} files`,
        ({ message }: Error) => message,
      );
  };
  const tell = (name: string, versions: string) =>
    void files.set(`/${name}`, Buffer.from(`{"versions":{${versions}}}`));
  const version = (more: object = {}) =>
    JSON.stringify({ version: '1.0.0', dist: { tarball: `${url}/a.tgz` }, ...more });
  const many = (count: number) => Array.from({ length: count }, (_, index) => `"${index}.0.0":{}`).join(',');
  const aliases = (count: number, wanted: (index: number) => string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, wanted(index)]));

  test('does not freeze Buoy by a package of many versions that is asked for in many ways', async () => {
    const optionalDependencies = aliases(300, (index) => `npm:x@>=${99_999 + index}`);
    tell('openclaw', `"1.0.0":${version({ optionalDependencies })}`);
    tell('x', many(20_000));
    const { blockedMs, answer } = await longestBlockOfThree(collect, MAX_MS);
    expect(answer).toBe('The registry names no SHA-512 for openclaw 1.0.0.');
    expect(blockedMs).toBeLessThan(MAX_MS);
  });

  test('does not freeze Buoy by a list of 900,000 versions', async () => {
    tell('openclaw', many(900_000));
    const { blockedMs, answer } = await longestBlockOfThree(collect, MAX_MS);
    expect(answer).toMatch(/^The registry tells more/);
    expect(blockedMs).toBeLessThan(MAX_MS);
  });

  test('does not freeze Buoy by as many packages and dependencies as it may name', async () => {
    const dependencies = aliases(2_900, (index) => `npm:a${index}@1.0.0`);
    tell('openclaw', `"1.0.0":${version({ dependencies })}`);
    const others = aliases(2, () => '*');
    for (let index = 0; index < 2_900; index += 1)
      tell(`a${index}`, `"1.0.0":${version({ optionalDependencies: others })}`);
    const { blockedMs, answer } = await longestBlockOfThree(collect, MAX_MS);
    expect(answer).toBe('The registry names no SHA-512 for openclaw 1.0.0.');
    expect(blockedMs).toBeLessThan(MAX_MS);
  });

  test('does not freeze Buoy by a shrinkwrap that never ends', async () => {
    mkdirSync(path.join(folder, 'package'));
    const entries = Array.from({ length: 200_000 }, (_, index) => `"node_modules/a${index}":{}`);
    writeFileSync(path.join(folder, 'package/npm-shrinkwrap.json'), `{"packages":{${entries.join(',')}}}`);
    const archive = execFileSync('tar', ['-czf', '-', '-C', folder, 'package']);
    files.set('/a.tgz', archive);
    const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
    const dist = { tarball: `${url}/a.tgz`, integrity };
    tell('openclaw', `"1.0.0":${version({ dist, _hasShrinkwrap: true })}`);
    const { blockedMs, answer } = await longestBlockOfThree(collect, MAX_MS);
    expect(answer).toBe('The shrinkwrap names more than 3000 packages.');
    expect(blockedMs).toBeLessThan(MAX_MS);
  });

  test('does not fill the memory of Buoy by what it tells of many packages', async () => {
    const dependencies = aliases(40, (index) => `npm:a${index}@1.0.0`);
    tell('openclaw', `"1.0.0":${version({ dependencies })}`);
    const told = version({ scripts: { build: 'x'.repeat(1_900_000) } });
    for (let index = 0; index < 40; index += 1) tell(`a${index}`, `"1.0.0":${told}`);
    expect(await collect()).toBe('The registry tells more of openclaw than of any real package.');
  });
});
