// What Buoy downloads and sends is installed without a network: the real scripts in this machine's /bin/sh, and its own npm.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../src/lib/clock.ts';
import { createIsolatedWork } from '../src/lib/isolated-work.ts';
import { type Carried, carriedScript, createCarrier } from '../src/setup/carry/carrier.ts';
import { type LocalRegistry, startLocalRegistry } from '../src/setup/carry/testing/local-registry.ts';
import {
  carryContext,
  createLocalServer,
  type LocalServer,
} from '../src/setup/carry/testing/local-server.ts';
import { withVariables } from '../src/setup/install-step.ts';
import { createSourceFetch } from '../src/setup/source-fetch.ts';

const NODE = '24.99.1';
const NPM = '11.99.0';
const load = (name: string) => readFileSync(new URL(`../src/setup/${name}`, import.meta.url), 'utf8');
const installNode = [load('installer.sh'), carriedScript, load('install-node.sh')].join('\n');
const installOpenclaw = [
  ...[load('installer.sh'), load('npm-install.sh'), carriedScript, load('install-openclaw.sh')],
].join('\n');

/** The npm of this machine; null where it is no program of Node. */
function findNpm(): string | null {
  try {
    const file = realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim());
    return file.endsWith('.js') ? file : null;
  } catch {
    return null;
  }
}
const npm = findNpm();
const isolatedWork = createIsolatedWork({ clock: systemClock });
afterAll(() => isolatedWork.close());

describe('downloads by Buoy', () => {
  let server: LocalServer;
  let registry: LocalRegistry;
  let folder: string;
  beforeEach(async () => {
    server = createLocalServer();
    registry = await startLocalRegistry();
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-carrier-'));
  });
  afterEach(async () => {
    await registry.stop();
    server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const carrier = (nodeMirror: string | null = null) =>
    createCarrier({
      ...{ ssh: server.ssh, clock: systemClock, folder: path.join(folder, 'downloads') },
      ...{ downloads: { npmRegistry: registry.url, nodeMirror }, isolatedWork, fetch: createSourceFetch() },
    });
  const bringNode = (nodeMirror?: string) => carrier(nodeMirror).bringNode(carryContext().context, '24');
  const bringOpenclaw = () =>
    carrier().bringOpenclaw(carryContext().context, { version: 'latest', nodePath: null });
  /** With nobody left to ask. */
  const install = async (script: string, sent: Carried) => {
    await registry.stop();
    return server.run(withVariables(script, sent));
  };
  const cpu = process.arch === 'arm64' ? 'arm64' : 'x64';
  const program = (version: string) => `#!/bin/sh\necho v${version}\n`;
  const publishNode = () => {
    registry.publish({
      name: `node-linux-${cpu}`,
      version: '24.99.0',
      files: { 'bin/node': program('24.99.0') },
    });
    registry.publish({ name: `node-linux-${cpu}`, version: NODE, files: { 'bin/node': program(NODE) } });
    registry.publish({ name: 'npm', version: '12.0.0' });
    registry.publish({ name: 'npm', version: NPM, files: { 'bin/npm-cli.js': '', 'bin/npx-cli.js': '' } });
  };

  describe('of Node', () => {
    test('install the newest of the line from npm packages, with npm beside it', async () => {
      publishNode();
      const { exitCode, stdout } = await install(installNode, await bringNode());
      expect({ exitCode, stdout }).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining(`Node ${NODE} is installed`),
      });
      expect(server.run('"$HOME/.local/openclaw/bin/node" --version').stdout).toBe(`v${NODE}\n`);
      expect(existsSync(server.at(`.local/openclaw/node-v${NODE}/lib/node_modules/npm/bin/npm-cli.js`))).toBe(
        true,
      );
    });

    test('install it from a mirror, by the checksums there', async () => {
      const built = path.join(folder, 'built', `node-v${NODE}-linux-${cpu}`);
      mkdirSync(path.join(built, 'bin'), { recursive: true });
      mkdirSync(path.join(built, 'lib/node_modules/npm/bin'), { recursive: true });
      writeFileSync(path.join(built, 'bin/node'), program(NODE), { mode: 0o755 });
      writeFileSync(path.join(built, 'lib/node_modules/npm/bin/npm-cli.js'), '');
      const name = `${path.basename(built)}.tar.gz`;
      const archive = execFileSync('tar', ['-czf', '-', '-C', path.dirname(built), path.basename(built)]);
      const sum = execFileSync('sha256sum', { input: archive, encoding: 'utf8' }).slice(0, 64);
      registry.put(
        '/dist/latest-v24.x/SHASUMS256.txt',
        `${'0'.repeat(64)}  node-v${NODE}.tar.gz\n${sum}  ${name}\n`,
      );
      registry.put(`/dist/latest-v24.x/${name}`, archive);
      expect(await install(installNode, await bringNode(`${registry.url}/dist`))).toMatchObject({
        exitCode: 0,
      });
      expect(server.run('"$HOME/.local/openclaw/bin/node" --version').stdout).toBe(`v${NODE}\n`);
    });

    test('leave nothing of what was sent on the server', async () => {
      publishNode();
      await install(installNode, await bringNode());
      expect(readdirSync(server.at('.buoy/carried'))).toEqual([]);
      expect(readdirSync(server.at('.local/openclaw')).sort()).toEqual(['bin', `node-v${NODE}`]);
    });

    test('install nothing where a part was changed on the server', async () => {
      publishNode();
      const sent = await bringNode();
      const part = server.at(`.buoy/carried/${sent.CARRIED}/0000`);
      const bytes = readFileSync(part);
      writeFileSync(part, bytes.fill(0, bytes.length - 100));
      expect(await install(installNode, sent)).toMatchObject({
        ...{ exitCode: 22, stderr: expect.stringContaining('The checksum of bundle is') },
      });
      expect(existsSync(server.at(`.local/openclaw/node-v${NODE}`))).toBe(false);
    });

    test('install nothing where the parts are gone, and say so', async () => {
      publishNode();
      const sent = await bringNode();
      rmSync(server.at('.buoy/carried'), { recursive: true });
      expect(await install(installNode, sent)).toMatchObject({ exitCode: 27 });
    });

    test('are not sent where the mirror has another checksum', async () => {
      const name = `node-v${NODE}-linux-${cpu}.tar.gz`;
      registry.put('/dist/latest-v24.x/SHASUMS256.txt', `${'0'.repeat(64)}  ${name}\n`);
      registry.put(`/dist/latest-v24.x/${name}`, 'not that one');
      await expect(bringNode(`${registry.url}/dist`)).rejects.toMatchObject({ code: 'checksum_mismatch' });
      expect(server.received).toEqual([]);
    });
  });

  test('of npm are the version that is asked for, with the checksum of the registry', async () => {
    publishNode();
    const sent = await carrier().bringNpm(carryContext().context, NPM);
    const take = [load('installer.sh'), carriedScript, `begin; package_file npm ${NPM} "$work/npm.tgz"`];
    const show = 'tar -xzOf "$work/npm.tgz" package/package.json';
    const { exitCode, stdout } = await install([...take, show].join('\n'), sent);
    expect({ exitCode, version: JSON.parse(stdout).version }).toEqual({ exitCode: 0, version: NPM });
  });

  test('of an npm that the registry does not have are refused, and nothing is sent', async () => {
    publishNode();
    const asked = carrier().bringNpm(carryContext().context, '11.98.0');
    await expect(asked).rejects.toMatchObject({ code: 'version_not_found' });
    expect(server.received).toEqual([]);
  });

  describe.skipIf(npm === null)('of OpenClaw', () => {
    beforeEach(() => {
      const bin = server.at('.local/openclaw/bin');
      mkdirSync(bin, { recursive: true });
      symlinkSync(process.execPath, path.join(bin, 'node'));
      symlinkSync(npm!, path.join(bin, 'npm'));
    });
    const publishOpenclaw = () => {
      registry.publish({
        ...{ name: 'openclaw', version: '2026.9.6' },
        manifest: {
          bin: { openclaw: 'openclaw.mjs' },
          scripts: { postinstall: 'node installed.mjs' },
          dependencies: { '@scope/a': '^1.0.0', b: '^1.0.0' },
          optionalDependencies: { 'native-x64': '1.0.0', 'native-arm64': '1.0.0' },
        },
        files: {
          'openclaw.mjs':
            '#!/usr/bin/env node\nimport a from "@scope/a";\nconsole.log("OpenClaw 2026.9.6 " + a);\n',
          'installed.mjs': 'import { writeFileSync } from "node:fs";\nwriteFileSync("ran", process.cwd());\n',
        },
        told: { hasInstallScript: true },
      });
      const a = { name: '@scope/a', manifest: { main: 'index.js', dependencies: { b: '^2.0.0' } } };
      registry.publish({
        ...a,
        version: '1.3.0',
        files: { 'index.js': 'module.exports = "a with b " + require("b");\n' },
      });
      for (const version of ['2.0.0', '1.0.0'])
        registry.publish({
          name: 'b',
          version,
          files: { 'index.js': `module.exports = ${JSON.stringify(version)};\n` },
        });
      for (const one of ['x64', 'arm64'])
        registry.publish({
          name: `native-${one}`,
          version: '1.0.0',
          manifest: { os: ['linux'], cpu: [one] },
        });
    };
    const modules = () => server.at('.local/openclaw/lib/node_modules/openclaw/node_modules');

    test('install it with all its packages as npm would from the registry, and run its install script', async () => {
      publishOpenclaw();
      const { exitCode, stdout, stderr } = await install(installOpenclaw, await bringOpenclaw());
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toContain('OpenClaw 2026.9.6 a with b 2.0.0 is installed');
      expect(
        readdirSync(modules())
          .filter((name) => !name.startsWith('.'))
          .sort(),
      ).toEqual(['@scope', 'b', `native-${cpu}`]);
      expect(readFileSync(path.join(modules(), '../ran'), 'utf8')).toMatch(/node_modules\/openclaw$/);
      expect(readdirSync(server.at('.buoy/carried'))).toEqual([]);
      expect(readdirSync(server.at('.local/openclaw')).filter((name) => name.startsWith('.work'))).toEqual(
        [],
      );
    });

    test('are the ones that a shrinkwrap names', async () => {
      for (const version of ['1.0.0', '1.9.0'])
        registry.publish({ name: 'b', version, files: { 'index.js': `module.exports = "${version}";\n` } });
      const { integrity } = registry.told('b').versions['1.0.0']!.dist;
      const dependencies = { b: '^1.0.0' };
      const packages = {
        '': { name: 'openclaw', version: '2026.7.35', dependencies },
        'node_modules/b': {
          version: '1.0.0',
          resolved: 'https://registry.npmjs.org/b/-/b-1.0.0.tgz',
          integrity,
        },
      };
      registry.publish({
        ...{ name: 'openclaw', version: '2026.7.35' },
        manifest: { bin: { openclaw: 'openclaw.mjs' }, dependencies },
        files: {
          'openclaw.mjs': '#!/usr/bin/env node\nimport b from "b";\nconsole.log("OpenClaw with " + b);\n',
          'npm-shrinkwrap.json': JSON.stringify({
            name: 'openclaw',
            version: '2026.7.35',
            lockfileVersion: 3,
            packages,
          }),
        },
        told: { _hasShrinkwrap: true },
      });
      const { exitCode, stdout } = await install(installOpenclaw, await bringOpenclaw());
      expect({ exitCode, stdout }).toEqual({
        exitCode: 0,
        stdout: expect.stringContaining('OpenClaw with 1.0.0'),
      });
    });

    test('are downloaded once for two servers', async () => {
      publishOpenclaw();
      const { bringOpenclaw: bring } = carrier();
      const openclaw = { version: 'latest', nodePath: null };
      await Promise.all([bring(carryContext().context, openclaw), bring(carryContext().context, openclaw)]);
      const archives = registry.asked.filter((at) => at.endsWith('.tgz'));
      expect(archives.toSorted()).toEqual([...new Set(archives)].toSorted());
    });

    test('run nothing of it on the machine of Buoy', async () => {
      publishOpenclaw();
      await bringOpenclaw();
      expect(readdirSync(folder)).toEqual(['downloads']);
      for (const name of readdirSync(path.join(folder, 'downloads')))
        expect(name).toMatch(/^sha512-[0-9a-f]{128}$/);
    });

    test('are refused for a server without Node', async () => {
      publishOpenclaw();
      rmSync(server.at('.local/openclaw/bin/node'));
      await expect(bringOpenclaw()).rejects.toMatchObject({ code: 'node_missing' });
      expect(registry.asked).toEqual([]);
    });
  });
});
