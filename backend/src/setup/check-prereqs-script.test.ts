// The real script in the shells of this machine, with a home of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, realpathSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { arch, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readKeyValues } from '../openclaw/host/key-values.ts';
import { checkPrereqsScript } from './check-prereqs.ts';
import { readPrerequisiteFacts } from './prerequisite-facts.ts';

const NOBODY = 65_534;
const FREE_PORT = '0001';

/** Where the PATH of the tests has a program, without links; null for none. */
function placeOf(program: string): string | null {
  const places = (process.env.PATH ?? '').split(':').map((folder) => path.resolve(folder, program));
  const place = places.find((one) => existsSync(one));
  return place === undefined ? null : realpathSync(place);
}

// On Debian /bin/sh is dash, elsewhere bash or busybox: each runs once.
const shells = [
  { name: '/bin/sh', command: ['/bin/sh'] },
  { name: 'dash', command: ['dash'] },
  { name: 'bash in POSIX mode', command: ['bash', '--posix'] },
  { name: 'busybox sh', command: ['busybox', 'sh'] },
].filter(({ command: [program = ''] }) => {
  const place = placeOf(program);
  return program === '/bin/sh' || (place !== null && place !== placeOf('/bin/sh'));
});

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'buoy-prereqs-'));
  await chmod(home, 0o755);
});
afterEach(() => rm(home, { recursive: true, force: true }));

type Run = {
  shell?: readonly string[];
  args?: readonly string[];
  script?: string;
  env?: Record<string, string>;
};

async function runScript({ shell = ['/bin/sh'], args = [FREE_PORT], script, env = {} }: Run = {}) {
  const [program = '', ...options] = shell;
  const child = spawn(program, [...options, '-s', ...args], {
    env: { HOME: home, SHELL: '/bin/sh', PATH: process.env.PATH ?? '/usr/bin:/bin', ...env },
    cwd: '/',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(script ?? checkPrereqsScript);
  const [exitCode] = await once(child, 'close');
  const result = { exitCode, signal: null, stdout, stderr, truncated: false, durationMs: 1 };
  return { stdout, stderr, facts: readPrerequisiteFacts(readKeyValues(result)) };
}

/** A program in a folder of the home that the login shell has first in its PATH. */
async function addProgram(name: string, lines: string): Promise<string> {
  const folder = path.join(home, 'programs');
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await writeFile(path.join(home, '.profile'), `PATH=${folder}:$PATH\n`, { flag: 'a' });
  await writeFile(path.join(folder, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return path.join(folder, name);
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

describe.each(shells)('in $name', ({ command: shell }) => {
  test('reads every fact of this machine and prints no error', async () => {
    const { facts, stderr } = await runScript({ shell });
    expect(stderr).toBe('');
    expect(facts).toMatchObject({
      kernel: 'Linux',
      arch: arch() === 'x64' ? 'x86_64' : 'aarch64',
      uid: process.getuid?.(),
      home,
      shell: '/bin/sh',
      homeThere: true,
      homeWritable: true,
      listeners: [],
      readsLoginShell: true,
      registry: null,
      mirror: null,
      installations: expect.any(Array),
    });
    for (const key of ['diskBytes', 'diskFreeBytes', 'inodes', 'inodesFree', 'memoryBytes'] as const)
      expect(facts[key], key).toBeGreaterThanOrEqual(0);
    for (const key of ['os', 'libc', 'login', 'process1'] as const) expect(facts[key], key).not.toBeNull();
    expect(Math.abs((facts.beganS ?? 0) - Date.now() / 1000)).toBeLessThan(60);
    expect(facts.endedS).toBeGreaterThanOrEqual(facts.beganS ?? 0);
  });

  test('finds the process that listens on the port', async () => {
    const port = await listening(createServer());
    const { facts } = await runScript({ shell, args: [hex(port)] });
    expect(facts.listeners).toEqual([
      expect.objectContaining({ uid: process.getuid?.(), pid: process.pid, isGateway: false }),
    ]);
  });

  test('reads Node and npm from the PATH of the login shell', async () => {
    const node = await addProgram('node', 'echo v20.20.2');
    const npm = path.join(home, 'lib/node_modules/npm');
    await mkdir(path.join(npm, 'bin'), { recursive: true });
    await writeFile(path.join(npm, 'bin/npm-cli.js'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await writeFile(path.join(npm, 'package.json'), '{\n  "name": "npm",\n  "version": "10.8.2"\n}\n');
    await symlink('../lib/node_modules/npm/bin/npm-cli.js', path.join(home, 'programs/npm'));
    const { facts } = await runScript({ shell });
    expect(facts.node).toMatchObject({ path: node, realPath: node, version: 'v20.20.2', isTrusted: true });
    expect(facts.npm).toEqual({ path: path.join(home, 'programs/npm'), version: '10.8.2' });
  });

  test('sees what is left of an installation without its package, and of a command without its target', async () => {
    const prefix = path.join(home, '.npm-global');
    await mkdir(path.join(prefix, 'lib/node_modules/openclaw'), { recursive: true });
    await mkdir(path.join(prefix, 'bin'));
    await symlink('../lib/node_modules/openclaw/openclaw.mjs', path.join(prefix, 'bin/openclaw'));
    const { facts, stdout } = await runScript({ shell });
    expect(stdout).toContain(`openclawDangling=${prefix}/bin/openclaw\n`);
    expect(facts.brokenInstallation).toBe(`${prefix}/lib/node_modules/openclaw`);
    expect(facts.installations.filter((one) => one.path.startsWith(home))).toEqual([]);
  });

  test('counts an installation once, however many links lead to it', async () => {
    const folder = path.join(home, '.npm-global/lib/node_modules/openclaw');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'package.json'), '{}');
    await writeFile(path.join(folder, 'openclaw.mjs'), '', { mode: 0o755 });
    for (const bin of ['.npm-global/bin', '.local/bin']) {
      await mkdir(path.join(home, bin), { recursive: true });
      await symlink(path.join(folder, 'openclaw.mjs'), path.join(home, bin, 'openclaw'));
    }
    const { facts } = await runScript({ shell });
    expect(facts.installations.filter((one) => one.path.startsWith(home))).toEqual([
      { path: path.join(home, '.npm-global/bin/openclaw'), ownerUid: process.getuid?.() },
    ]);
    expect(facts.brokenInstallation).toBeNull();
  });

  test('takes the known command for the first installation, wherever it is', async () => {
    const folder = path.join(home, '.local/node-24/lib/node_modules/openclaw');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'package.json'), '{}');
    await writeFile(path.join(folder, 'openclaw.mjs'), '', { mode: 0o755 });
    const command = path.join(home, 'apps/openclaw');
    await mkdir(path.dirname(command));
    await symlink(path.join(folder, 'openclaw.mjs'), command);
    const { facts } = await runScript({ shell, args: [FREE_PORT, '', '', '', '', command] });
    expect(facts.installations[0]).toEqual({ path: command, ownerUid: process.getuid?.() });
    // It is in no other place where a command is expected, but whole.
    expect(facts.brokenInstallation).toBeNull();
  });

  test('sends host and port of a proxy, and keeps its password on the server', async () => {
    await writeFile(
      path.join(home, '.profile'),
      'export https_proxy=http://ada:hunter2secret@proxy.example:3128/x HTTP_PROXY=proxy.example:3129 no_proxy=localhost\n',
    );
    await writeFile(path.join(home, '.npmrc'), 'https-proxy=http://ada:hunter2secret@npm-proxy.example\n');
    const { facts, stdout } = await runScript({ shell });
    expect(facts.proxies).toEqual({
      ...{ http: 'proxy.example:3129', https: 'proxy.example:3128', npm: 'npm-proxy.example' },
      exceptions: 'localhost',
    });
    const decoded = stdout.replace(/64=(.*)/g, (_, text: string) => Buffer.from(text, 'base64').toString());
    expect(decoded).not.toContain('hunter2secret');
  });

  test('keeps a password on the server that curl quotes because it does not take it', async () => {
    await writeFile(
      path.join(home, '.profile'),
      "export https_proxy='http://ada:hunter2/secret@proxy.example:3128'\n",
    );
    const args = [FREE_PORT, 'https://npm.example/openclaw/latest', '', '', ''];
    const { facts, stdout } = await runScript({ shell, args });
    expect(facts.registry).toEqual({ by: 'curl', httpStatus: null, error: 'curl: (5)' });
    expect(facts.proxies.https).toBe('proxy.example:3128');
    const decoded = stdout.replace(/64=(.*)/g, (_, text: string) => Buffer.from(text, 'base64').toString());
    expect(decoded).not.toMatch(/hunter2|secret/);
  });

  test('reports the HTTP status of each download source, and why one does not answer', async () => {
    const web = createHttpServer((request, response) => {
      response.statusCode = request.url === '/npm/openclaw/latest' ? 200 : 404;
      response.end();
    });
    const port = await listening(web);
    const gone = createServer();
    const closedPort = await listening(gone);
    gone.close();
    const { facts } = await runScript({
      shell,
      args: [
        FREE_PORT,
        ...[`http://127.0.0.1:${port}/npm/openclaw/latest`, 'localhost'],
        ...[`http://127.0.0.1:${closedPort}/dist/index.json`, 'nowhere.invalid'],
      ],
    });
    expect(facts.registry).toMatchObject({ httpStatus: 200, error: null });
    expect(facts.mirror).toMatchObject({
      httpStatus: null,
      error: expect.stringMatching(/127\.0\.0\.1|refused/),
    });
    expect(facts.registryAddress).toMatch(/^(127\.0\.0\.1|::1)$/);
    expect(facts.mirrorAddress).toBeNull();
  });
});

describe('without curl', () => {
  const withoutCurl = checkPrereqsScript.replace('command -v curl', 'command -v curl-is-absent');
  const args = [FREE_PORT, 'https://npm.example/openclaw/latest', '', '', ''];
  /** In front of the programs of this machine for the script itself. */
  const wgetThat = async (lines: string): Promise<Record<string, string>> => {
    const folder = path.dirname(await addProgram('wget', lines));
    return { PATH: `${folder}:${process.env.PATH}` };
  };

  test('wget reports the status after a redirect', async () => {
    const env = await wgetThat('echo "  HTTP/1.1 302 Found" >&2; echo "  HTTP/1.1 200 OK" >&2');
    const { facts } = await runScript({ script: withoutCurl, args, env });
    expect(facts.registry).toEqual({ by: 'wget', httpStatus: 200, error: null });
  });

  test('wget reports its last words where there is no status', async () => {
    const env = await wgetThat('echo "wget: bad address \'npm.example\'" >&2; exit 1');
    const { facts } = await runScript({ script: withoutCurl, args, env });
    expect(facts.registry).toEqual({
      ...{ by: 'wget', httpStatus: null },
      error: "wget: bad address 'npm.example'",
    });
  });

  test('nothing is asked where wget is absent too', async () => {
    const script = withoutCurl.replace('command -v wget', 'command -v wget-is-absent');
    const { facts } = await runScript({ script, args });
    expect(facts.registry).toEqual({ by: null, httpStatus: null, error: null });
  });
});

test('a profile that ends the shell leaves the facts of the rest', async () => {
  await writeFile(path.join(home, '.profile'), 'exit 3\n');
  const { facts } = await runScript();
  expect(facts.readsLoginShell).toBe(false);
  expect(facts.kernel).toBe('Linux');
});

describe.skipIf(process.getuid?.() !== 0)('a login as root', () => {
  test('runs a Node that another account can replace with the rights of that account', async () => {
    const node = await addProgram('node', 'id -u');
    await chown(node, NOBODY, NOBODY);
    expect((await runScript()).facts.node).toMatchObject({ version: String(NOBODY), isTrusted: true });
  });

  test('does not run a Node that everyone can replace', async () => {
    const node = await addProgram('node', `id -u >${home}/ran`);
    await chmod(path.dirname(node), 0o777);
    const { facts } = await runScript();
    expect(facts.node).toMatchObject({ path: node, version: null, isTrusted: false });
    expect(existsSync(path.join(home, 'ran'))).toBe(false);
  });
});
