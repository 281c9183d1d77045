// Logins with each type of key against a real sshd: Buoy signs in the thread pool, through ssh2's interface for agents.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { createSsh } from './create-ssh.ts';
import type { SshCredential, SshTarget } from './ssh.ts';
import { createKeptLogger } from './testing/kept-logger.ts';
import { type LoopbackSshd, noSshd, startLoopbackSshd } from './testing/loopback-sshd.ts';
import { createMemoryTargets } from './testing/memory-targets.ts';
import { startScriptedServer } from './testing/scripted-server.ts';

const soon = { deadlineMs: 20_000 };
const types = {
  ed25519: ['-t', 'ed25519'],
  'ecdsa-256': ['-t', 'ecdsa', '-b', '256'],
  'ecdsa-384': ['-t', 'ecdsa', '-b', '384'],
  'ecdsa-521': ['-t', 'ecdsa', '-b', '521'],
  rsa: ['-t', 'rsa', '-b', '3072'],
} as const;

let folder: string;
const cleanUp: Array<() => Promise<void>> = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'buoy-logins-'));
  for (const [name, args] of Object.entries(types))
    execFileSync('ssh-keygen', [
      '-q',
      '-C',
      '',
      '-a',
      '2',
      '-N',
      'geheim',
      ...args,
      '-f',
      join(folder, name),
    ]);
  const publicHalves = Object.keys(types).map((name) => readFileSync(join(folder, `${name}.pub`), 'utf8'));
  writeFileSync(join(folder, 'authorized_keys'), publicHalves.join(''), { mode: 0o644 });
  execFileSync('chmod', ['755', folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

const credentialOf = (name: string): SshCredential => ({
  type: 'key',
  privateKey: readFileSync(join(folder, name), 'utf8'),
  passphrase: 'geheim',
});

function login(target: SshTarget) {
  const ssh = createSsh({
    targets: createMemoryTargets(target),
    clock: systemClock,
    logger: createKeptLogger().logger,
  });
  cleanUp.push(() => ssh.close());
  return ssh.test(target, soon);
}

describe.skipIf(noSshd !== null)(`a real sshd${noSshd === null ? '' : ` (${noSshd})`}`, () => {
  const sshd = async (...config: string[]): Promise<LoopbackSshd> => {
    const started = await startLoopbackSshd({
      config: [`AuthorizedKeysFile ${join(folder, 'authorized_keys')}`, ...config],
    });
    cleanUp.push(() => started.stop());
    return started;
  };

  // One refused try would end the connection.
  test.each(Object.keys(types))('accepts a %s key with a passphrase, at the first attempt', async (name) => {
    const server = await sshd('MaxAuthTries 1');
    const { latencyMs } = await login(server.target({ credential: credentialOf(name) }));
    expect(latencyMs).toBeGreaterThan(0);
  });

  test.each(['rsa-sha2-256', 'rsa-sha2-512'])('accepts an RSA key where it allows only %s', async (only) => {
    const server = await sshd(`PubkeyAcceptedAlgorithms ${only}`);
    const { latencyMs } = await login(server.target({ credential: credentialOf('rsa') }));
    expect(latencyMs).toBeGreaterThan(0);
  });

  test('that wants a password after the key is reported as a second factor', async () => {
    const server = await sshd('PasswordAuthentication yes', 'AuthenticationMethods publickey,password');
    await expect(login(server.target({ credential: credentialOf('ed25519') }))).rejects.toMatchObject({
      code: 'ssh_auth',
      message: expect.stringContaining('second factor'),
    });
  });
});

test('a key that is refused is tried once', async () => {
  const server = await startScriptedServer({
    onAuth: (context) => context.reject(['publickey', 'password']),
  });
  cleanUp.push(() => server.close());
  await expect(login(server.target({ credential: credentialOf('rsa') }))).rejects.toMatchObject({
    code: 'ssh_auth',
    message: expect.stringContaining('The key was refused'),
  });
  expect(server.tried).toEqual([expect.stringMatching(/^publickey /)]);
});

test('a server that hangs up while Buoy signs fails only that login', async () => {
  const server = await startScriptedServer({
    onAuth: (context) => {
      if (context.method !== 'publickey') return context.reject(['publickey']);
      context.accept();
      for (const client of server.clients) client.end();
    },
  });
  cleanUp.push(() => server.close());
  await expect(login(server.target({ credential: credentialOf('rsa') }))).rejects.toMatchObject({
    code: 'unreachable',
  });
});
