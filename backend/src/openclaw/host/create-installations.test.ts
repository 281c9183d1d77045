// The real scripts, run by this machine's own /bin/sh in a home folder that the test furnishes.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { createLoopbackSsh, type LoopbackSsh } from '../testing/loopback-ssh.ts';
import { createInstallations } from './create-installations.ts';
import { createHostFacts } from './host-facts.ts';
import type { Installations } from './installation.ts';

const options = { deadlineMs: 20_000 };

let home: string;
let ssh: LoopbackSsh;
let installations: Installations;
let log: ReturnType<typeof createRecordingLogger>;

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'buoy home '));
  ssh = createLoopbackSsh();
  ssh.onScript = (args, script) => runLocally(args, script);
  log = createRecordingLogger();
  installations = createInstallations({ ssh, clock: systemClock, logger: log.logger });
});

afterEach(() => rm(home, { recursive: true, force: true }));

function runLocally(args: readonly string[], script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      '/bin/sh',
      ['-s', ...args],
      { env: { HOME: home, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' } },
      (error, stdout) => (error ? reject(error) : resolve(stdout)),
    );
    child.stdin?.end(script);
  });
}

/** A package as npm installs it under a prefix of its own. */
async function installOpenclaw(prefix: string, version: string): Promise<void> {
  const root = path.join(prefix, 'lib/node_modules/openclaw');
  await mkdir(root, { recursive: true });
  await mkdir(path.join(prefix, 'bin'), { recursive: true });
  await writeFile(
    path.join(root, 'package.json'),
    JSON.stringify({ name: 'openclaw', version, bin: {} }, null, 2),
  );
  await writeFile(path.join(root, 'openclaw.mjs'), '#!/bin/sh\nexit 1\n');
  await chmod(path.join(root, 'openclaw.mjs'), 0o755);
  await symlink('../lib/node_modules/openclaw/openclaw.mjs', path.join(prefix, 'bin/openclaw'));
}

async function writeConfig(text: string): Promise<void> {
  await mkdir(path.join(home, '.openclaw'), { recursive: true });
  await writeFile(path.join(home, '.openclaw/openclaw.json'), text);
}

describe('find', () => {
  test('reports path, version, port and config of a package under a user prefix, without starting it', async () => {
    await installOpenclaw(path.join(home, '.npm-global'), '2026.9.6');
    await writeConfig(
      '{ gateway: { port: 19005, bind: "loopback", auth: { mode: "token", token: "s3cret" } } }',
    );
    expect(await installations.find('s1', options)).toMatchObject({
      installed: true,
      binaryPath: path.join(home, '.npm-global/bin/openclaw'),
      version: '2026.9.6',
      configPath: path.join(home, '.openclaw/openclaw.json'),
      port: 19_005,
      bind: 'loopback',
      authMode: 'token',
    });
  });

  test('asks a command that is not an npm package for its version', async () => {
    await mkdir(path.join(home, '.local/bin'), { recursive: true });
    const command = path.join(home, '.local/bin/openclaw');
    await writeFile(command, '#!/bin/sh\n[ "$1" = --version ] && echo "OpenClaw 2026.7.35 (abcdef1)"\n');
    await chmod(command, 0o755);
    expect(await installations.find('s1', options)).toMatchObject({
      binaryPath: command,
      version: '2026.7.35',
    });
  });

  test('finds the command beside the Node that runs the gateway, in any folder', async () => {
    const prefix = path.join(home, 'apps/runtime');
    await installOpenclaw(prefix, '2026.9.6');
    const node = path.join(prefix, 'bin/node');
    await copyFile(process.execPath, node);
    // Started, the gateway puts this name in the place of its command line.
    const gateway = spawn(node, ['-e', 'console.log("up"); setInterval(() => {}, 1000)'], {
      argv0: 'openclaw-gateway',
    });
    try {
      await once(gateway.stdout, 'data');
      expect(await installations.find('s1', options)).toMatchObject({
        installed: true,
        binaryPath: path.join(prefix, 'bin/openclaw'),
        nodePath: node,
        version: '2026.9.6',
      });
    } finally {
      gateway.kill();
    }
  });

  test('reports a host without OpenClaw', async () => {
    expect(await installations.find('s1', options)).toMatchObject({
      installed: false,
      binaryPath: null,
      version: null,
      configPath: null,
    });
    await expect(installations.access('s1', options)).rejects.toMatchObject({ code: 'not_installed' });
  });

  test('is cached, shared by concurrent callers, and read again on demand', async () => {
    await installOpenclaw(path.join(home, '.npm-global'), '2026.9.6');
    await Promise.all([installations.find('s1', options), installations.find('s1', options)]);
    await installations.find('s1', options);
    expect(ssh.scripts).toHaveLength(1);
    await installations.find('s1', { ...options, fresh: true });
    installations.reset('s1');
    await installations.find('s1', options);
    expect(ssh.scripts).toHaveLength(3);
  });

  test('keeps the deadline of each caller', async () => {
    ssh.onScript = () => new Promise(() => {});
    await expect(installations.find('s1', { deadlineMs: 30 })).rejects.toMatchObject({ code: 'deadline' });
  });
});

describe('access', () => {
  test('gives the secret, follows .env, and neither reaches the command line nor the log', async () => {
    await installOpenclaw(path.join(home, '.npm-global'), '2026.9.6');
    await writeConfig('{}');
    await writeFile(
      path.join(home, '.openclaw/.env'),
      'OTHER=1\nexport OPENCLAW_GATEWAY_TOKEN="from env file"\n',
    );
    expect(await installations.access('s1', options)).toEqual({
      port: 18_789,
      auth: { token: 'from env file' },
      problem: null,
      configPath: path.join(home, '.openclaw/openclaw.json'),
    });
    expect(`${JSON.stringify(ssh.scripts)}${log.text()}`).not.toContain('from env file');
  });

  test('fails when the output was truncated', async () => {
    await installOpenclaw(path.join(home, '.npm-global'), '2026.9.6');
    ssh.onScript = async (args, script) => (await runLocally(args, script)).replace('end=1', '');
    await expect(installations.find('s1', options)).rejects.toMatchObject({ code: 'bad_gateway' });
  });
});

test('installations › inspect reports disk and memory of the host', async () => {
  const { disk, memory } = await installations.inspect('s1', options);
  expect(disk?.totalBytes).toBeGreaterThan(disk?.availableBytes ?? Number.NaN);
  expect(memory?.totalBytes).toBeGreaterThan(memory?.availableBytes ?? Number.NaN);
});

test('installations › the host facts name system and architecture', async () => {
  const facts = await createHostFacts({ ssh }).read('s1', options);
  expect(facts.os).toMatch(/\w/);
  expect(facts.arch).toMatch(/^(x86_64|aarch64)$/);
});
