// What Buoy sends to a server is installed by npm there: nobody else on that server, and no setting of its account, may have a say in it.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../testbed/listen-on-loopback.ts';
import { createBundle } from '../../src/setup/carry/bundle.ts';

const program = new URL('../../src/setup/carry/registry.mjs', import.meta.url).pathname;

/** Tells who listens on the port of the registry that it is given, and on which address. */
const SPY = `
const { readdirSync, readFileSync, readlinkSync } = require('node:fs');
const port = new URL(process.argv[process.argv.indexOf('--registry') + 1]).port;
const end = ':' + Number(port).toString(16).toUpperCase().padStart(4, '0');
const rows = ['tcp', 'tcp6'].flatMap((name) => readFileSync('/proc/self/net/' + name, 'utf8').split('\\n'));
const listening = rows.map((row) => row.trim().split(/\\s+/)).filter((row) => row[1]?.endsWith(end) && row[3] === '0A');
const own = readdirSync('/proc/self/fd').map((fd) => { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return ''; } });
console.log(JSON.stringify(listening.map((row) => [row[1].split(':')[0], own.includes('socket:[' + row[9] + ']')])));
process.exit(0);
`;

describe('the registry for npm on a server', () => {
  let folder: string;
  let stranger: Server;
  let strangerUrl: string;
  let asked: number;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-carried-'));
    asked = 0;
    stranger = createServer((_request, response) => {
      asked += 1;
      response.writeHead(502).end();
    });
    const { port } = await listenOnLoopback(stranger);
    strangerUrl = `http://127.0.0.1:${port}`;
  });
  afterEach(() => {
    stranger.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (npm: string, indexBytes: number, words: string[]) =>
    spawnSync(process.execPath, [program, npm, folder, String(indexBytes), ...words], {
      encoding: 'utf8',
      env: { HOME: folder, PATH: process.env.PATH, http_proxy: strangerUrl, https_proxy: strangerUrl },
    });

  test('is served by the process of npm itself, and on loopback alone', () => {
    const npm = path.join(folder, 'npm');
    writeFileSync(npm, SPY);
    writeFileSync(path.join(folder, 'bundle'), '');
    writeFileSync(path.join(folder, 'index'), '');
    const { stdout, stderr } = run(npm, 0, ['install', '--registry', 'http://carried.invalid/']);
    expect({ stderr, listening: JSON.parse(stdout) }).toEqual({
      stderr: '',
      listening: [['0100007F', true]],
    });
  });

  test('is the only one that npm asks, whatever proxy and scopes the account has set', async (context) => {
    const npm = spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim();
    if (npm === '' || !realpathSync(npm).endsWith('.js'))
      return context.skip('this machine has no npm of Node');
    const settings = ['registry', '@scope:registry', 'proxy', 'https-proxy'].map(
      (name) => `${name}=${strangerUrl}/`,
    );
    writeFileSync(path.join(folder, '.npmrc'), settings.join('\n'));
    const built = path.join(folder, 'built/package');
    mkdirSync(built, { recursive: true });
    writeFileSync(path.join(built, 'package.json'), '{"name":"@scope/a","version":"1.0.0"}');
    const file = path.join(folder, 'a.tgz');
    execFileSync('tar', ['-czf', file, '-C', path.dirname(built), 'package']);
    const archive = readFileSync(file);
    const sum = execFileSync('sha512sum', { input: archive, encoding: 'utf8' }).slice(0, 128);
    const at = '/@scope/a/-/a-1.0.0.tgz';
    const dist = {
      tarball: `http://carried.invalid${at}`,
      integrity: `sha512-${Buffer.from(sum, 'hex').toString('base64')}`,
    };
    const versions = { '1.0.0': { name: '@scope/a', version: '1.0.0', dist } };
    const document = { name: '@scope/a', 'dist-tags': { latest: '1.0.0' }, versions };
    const files = [
      { path: '/@scope/a', content: JSON.stringify(document) },
      { path: at, content: { path: file, sizeBytes: archive.length } },
    ];
    const bundle = await createBundle(files, { signal: new AbortController().signal });
    const bytes = await bundle.read(bundle.parts[0]!);
    writeFileSync(path.join(folder, 'bundle'), bytes);
    writeFileSync(path.join(folder, 'index'), bytes.subarray(0, bundle.indexBytes));
    const link = path.join(folder, 'npm');
    symlinkSync(npm, link);
    const prefix = path.join(folder, 'prefix');
    const words = [
      'install',
      '--global',
      '--prefix',
      prefix,
      '--registry',
      'http://carried.invalid/',
      '@scope/a@1.0.0',
    ];
    const { status, stderr } = run(link, bundle.indexBytes, [
      ...words,
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
    ]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(readFileSync(path.join(prefix, 'lib/node_modules/@scope/a/package.json'), 'utf8')).toContain(
      '@scope/a',
    );
    expect(asked).toBe(0);
  });
});
