// Which packages Buoy collects for a server, from a registry on a real socket.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { createIsolatedWork } from '../../lib/isolated-work.ts';
import { createSourceFetch } from '../source-fetch.ts';
import type { Platform } from './dependencies.ts';
import { createDownloadCache } from './download-cache.ts';
import { collectPackages } from './package-set.ts';
import { createPackageRegistry } from './packument.ts';
import { createRegistryReader } from './registry-reader.ts';
import { type LocalRegistry, type PublishedPackage, startLocalRegistry } from './testing/local-registry.ts';

const server: Platform = { cpu: 'x64', libc: 'glibc', node: '24.21.0' };

const isolatedWork = createIsolatedWork({ clock: systemClock });
afterAll(() => isolatedWork.close());

function toldVersion(more: object): string {
  const told = { version: '1.0.0', dist: { tarball: 'http://127.0.0.1/a.tgz' }, ...more };
  return JSON.stringify({ versions: { '1.0.0': told } });
}

function manyVersions(count: number): string {
  const versions = Array.from({ length: count }, (_, index) => `"1.0.${index}":{}`);
  return `{"versions":{${versions.join(',')}}}`;
}

describe('the packages for a server', () => {
  let registry: LocalRegistry;
  let folder: string;
  beforeEach(async () => {
    registry = await startLocalRegistry();
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-packages-'));
  });
  afterEach(async () => {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const publish = (...all: PublishedPackage[]) => {
    for (const one of all) registry.publish(one);
  };
  const collect = (platform = server) => {
    const { signal } = new AbortController();
    const sources = { clock: systemClock, fetch: createSourceFetch() };
    const reader = createRegistryReader({ isolatedWork });
    return createDownloadCache({ folder, ...sources }).whileUsed((file) =>
      collectPackages({
        ...{ platform, signal, reader, root: { name: 'openclaw', version: '1.0.0' } },
        registry: createPackageRegistry({ npmRegistry: registry.url, reader, ...sources }),
        download: (source) => file(source, signal),
      }),
    );
  };
  const filesOf = async (platform?: Platform) =>
    (await collect(platform)).files.map(({ path: at }) => at.replace(/^.*\/-\/|\.tgz$/g, '')).sort();
  const openclaw = (manifest: Record<string, unknown>, more: Partial<PublishedPackage> = {}) =>
    ({ name: 'openclaw', version: '1.0.0', manifest, ...more }) satisfies PublishedPackage;
  const needs = (...names: string[]) => ({
    dependencies: Object.fromEntries(names.map((name) => [name, '^1.0.0'])),
  });

  test('are all that it needs in turn, each in every version that is asked for', async () => {
    publish(
      openclaw({ dependencies: { '@scope/a': '^1.0.0', b: '1.0.0', renamed: 'npm:c@~1.1.0' } }),
      { name: '@scope/a', version: '1.2.0', manifest: { dependencies: { b: '^2.0.0' } } },
      { name: 'b', version: '1.0.0', manifest: needs('openclaw') },
      { name: 'b', version: '2.0.0' },
      { name: 'c', version: '1.1.4' },
      { name: 'unrelated', version: '1.0.0' },
    );
    expect(await filesOf()).toEqual(['a-1.2.0', 'b-1.0.0', 'b-2.0.0', 'c-1.1.4', 'openclaw-1.0.0']);
    const { documents } = await collect();
    const b = JSON.parse(documents.find(({ path: at }) => at === '/b')!.text);
    expect(Object.keys(b.versions)).toEqual(['1.0.0', '2.0.0']);
    expect(b.versions['1.0.0'].dist.tarball).toBe('http://carried.invalid/b/-/b-1.0.0.tgz');
  });

  test('are listed for every platform, and downloaded for that of the server', async () => {
    const optional = {
      optionalDependencies: { 'native-x64': '1.0.0', 'native-arm64': '1.0.0', 'native-musl': '1.0.0' },
    };
    publish(
      openclaw(optional),
      { name: 'native-x64', version: '1.0.0', manifest: { os: ['linux'], cpu: ['x64'], libc: ['glibc'] } },
      {
        name: 'native-arm64',
        version: '1.0.0',
        manifest: { os: ['linux'], cpu: ['arm64'], ...needs('only-arm') },
      },
      { name: 'native-musl', version: '1.0.0', manifest: { os: '!win32', libc: ['musl'] } },
      { name: 'only-arm', version: '1.0.0' },
    );
    expect(await filesOf()).toEqual(['native-x64-1.0.0', 'openclaw-1.0.0']);
    expect(await filesOf({ ...server, cpu: 'arm64' })).toEqual([
      'native-arm64-1.0.0',
      'only-arm-1.0.0',
      'openclaw-1.0.0',
    ]);
    expect((await collect()).documents.map(({ path: at }) => at).sort()).toEqual([
      ...['/native-arm64', '/native-musl', '/native-x64', '/only-arm', '/openclaw'],
    ]);
  });

  test('are those of peers too, of optional ones where another package brings them', async () => {
    publish(
      openclaw(needs('plugin', 'zod')),
      {
        ...{ name: 'plugin', version: '1.0.0' },
        manifest: {
          peerDependencies: { host: '^2.0.0', zod: '^1.1.0', absent: '*' },
          peerDependenciesMeta: { zod: { optional: true }, absent: { optional: true } },
        },
      },
      { name: 'host', version: '2.1.0' },
      { name: 'zod', version: '1.1.0' },
      { name: 'zod', version: '1.0.0' },
    );
    expect(await filesOf()).toEqual([
      'host-2.1.0',
      'openclaw-1.0.0',
      'plugin-1.0.0',
      'zod-1.0.0',
      'zod-1.1.0',
    ]);
    expect(registry.asked).not.toContain('/absent');
  });

  test('are without what a package brings itself, and without optional ones that nobody has', async () => {
    publish(
      openclaw({
        ...{ dependencies: { inside: '^1.0.0', a: '*' }, bundleDependencies: ['inside'] },
        optionalDependencies: { gone: '^1.0.0' },
      }),
      { name: 'a', version: '1.0.0' },
    );
    expect(await filesOf()).toEqual(['a-1.0.0', 'openclaw-1.0.0']);
  });

  test('are those of its shrinkwrap where it has one', async () => {
    const locked = { name: 'a', version: '1.0.0' };
    publish(locked, { name: 'a', version: '1.5.0' }, { name: 'b', version: '1.0.0' });
    const { integrity } = integrityIn('a', '1.0.0');
    const packages = {
      '': { name: 'openclaw', version: '1.0.0' },
      'node_modules/a': {
        version: '1.0.0',
        resolved: `https://registry.npmjs.org${registry.pathOf(locked)}`,
        integrity,
      },
      'node_modules/b': {
        version: '1.0.0',
        resolved: 'https://elsewhere.example/b.tgz',
        integrity,
        dev: true,
      },
      'node_modules/c': {
        version: '1.0.0',
        resolved: 'https://elsewhere.example/c.tgz',
        integrity,
        os: ['darwin'],
      },
    };
    publish(
      openclaw(needs('a'), {
        files: { 'npm-shrinkwrap.json': JSON.stringify({ lockfileVersion: 3, packages }) },
        told: { _hasShrinkwrap: true },
      }),
    );
    const { files, documents } = await collect();
    expect(files.map(({ path: at }) => at)).toEqual(['/openclaw/-/openclaw-1.0.0.tgz', '/a/-/a-1.0.0.tgz']);
    expect(files[1]?.source.url).toBe(`${registry.url}/a/-/a-1.0.0.tgz`);
    expect(documents.map(({ path: at }) => at)).toEqual(['/openclaw']);
  });
  const integrityIn = (name: string, version: string): { integrity: string } =>
    registry.told(name).versions[version]!.dist;

  test('are refused where the shrinkwrap names a file whose address nobody can read', async () => {
    publish({ name: 'a', version: '1.0.0' });
    const resolved = `${registry.url}/a/-/%E0%A4%A.tgz`;
    const packages = { 'node_modules/a': { version: '1.0.0', resolved, ...integrityIn('a', '1.0.0') } };
    publish(
      openclaw(needs('a'), {
        files: { 'npm-shrinkwrap.json': JSON.stringify({ lockfileVersion: 3, packages }) },
        told: { _hasShrinkwrap: true },
      }),
    );
    await expect(collect()).rejects.toMatchObject({
      ...{ code: 'registry_failed', message: 'The registry names no usual file for a.' },
    });
  });

  test('are told to npm with what it reads of a version, and nothing else', async () => {
    const read = { bin: { openclaw: 'openclaw.mjs' }, hasInstallScript: true, engines: { node: '>=22' } };
    publish(openclaw({}, { told: { ...read, readme: 'x'.repeat(100_000), gitHead: 'abc' } }));
    const told = JSON.parse((await collect()).documents[0]!.text).versions['1.0.0'];
    expect(told).toMatchObject(read);
    expect(Object.keys(told).sort()).toEqual([
      'bin',
      'dist',
      'engines',
      'hasInstallScript',
      'name',
      'version',
    ]);
  });

  test.each([
    ['of a package more than 20,000 versions', manyVersions(20_001)],
    ['of a version more than it is kept for', toldVersion({ scripts: { build: 'x'.repeat(3_000_000) } })],
    [
      'more than 10,000 dependencies',
      toldVersion({
        dependencies: Object.fromEntries(
          Array.from({ length: 10_001 }, (_, index) => [`a${index}`, `npm:openclaw@>=${index}`]),
        ),
      }),
    ],
  ])('are refused from a registry that tells %s', async (_what, body) => {
    registry.answer('/openclaw', 200, body);
    await expect(collect()).rejects.toMatchObject({
      ...{
        code: 'registry_failed',
        message: 'The registry tells more of openclaw than of any real package.',
      },
    });
  });

  test('are missing where a needed version is, which is said', async () => {
    publish(openclaw(needs('a')), { name: 'a', version: '2.0.0' });
    await expect(collect()).rejects.toMatchObject({
      ...{ code: 'version_not_found', message: 'The registry has no a ^1.0.0.' },
    });
  });

  test('are refused where one comes from outside of the registry', async () => {
    publish(openclaw({ dependencies: { a: 'git+https://git.example/a.git' } }));
    await expect(collect()).rejects.toMatchObject({ code: 'unsupported', details: { package: 'a' } });
  });

  test.each([
    ['names another host', { tarball: 'http://169.254.169.254/latest/meta-data' }, 'another host'],
    ['names a file', { tarball: 'file:///etc/shadow' }, 'another host'],
    ['names no checksum', { integrity: undefined }, 'no SHA-512'],
    ['names a weak checksum', { integrity: `sha1-${Buffer.alloc(20).toString('base64')}` }, 'no SHA-512'],
  ])('are refused from a registry that %s, and nothing is downloaded', async (_what, dist, words) => {
    publish(openclaw({}));
    const told = registry.told('openclaw').versions['1.0.0']!;
    publish(openclaw({}, { told: { dist: { ...told.dist, ...dist } } }));
    await expect(collect()).rejects.toMatchObject({
      ...{ code: 'registry_failed', message: expect.stringContaining(words) },
    });
    expect(registry.asked).toEqual(['/openclaw']);
  });

  test.each([
    ['no JSON', '<html>'],
    ['no versions', '{"versions":[]}'],
    ['too many values', `{"versions":{},"x":[${'0,'.repeat(1_000_001)}0]}`],
    ['too deep', `{"versions":{},"x":${'['.repeat(50)}${']'.repeat(50)}}`],
  ])('are refused from a registry that answers with %s', async (_what, body) => {
    registry.answer('/openclaw', 200, body);
    await expect(collect()).rejects.toMatchObject({ code: 'registry_failed' });
  });

  test('are refused where a version has a name that would become another path', async () => {
    publish({ ...openclaw({}), told: {} });
    const told = registry.told('openclaw');
    const evil = '1.0.0 /etc/passwd';
    told.versions[evil] = { ...told.versions['1.0.0']!, version: evil };
    told.versions['1.0.0'] = { ...told.versions['1.0.0']!, dependencies: { openclaw: 'evil' } };
    told['dist-tags'].evil = evil;
    await expect(collect()).rejects.toMatchObject({ code: 'registry_failed' });
  });
});
