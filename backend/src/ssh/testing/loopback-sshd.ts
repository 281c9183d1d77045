// Starts a real OpenSSH server on a loopback port for tests, with its own host keys, config and throw-away accounts.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HostKey, SshTarget } from '../ssh.ts';

const run = promisify(execFile);
const sshdPath = '/usr/sbin/sshd';
const isRoot = process.getuid?.() === 0;

/** Why the real server cannot run here, for the name of a skipped test; null when it can. */
export const noSshd = existsSync(sshdPath) ? null : 'openssh-server is not installed';
/** Why accounts cannot be made here; null when they can. */
export const noAccounts = noSshd ?? (isRoot ? null : 'needs root to make accounts');
/** Why the server cannot give a terminal here; null when it can. */
export const noTerminals =
  noSshd ??
  (isRoot || terminalsAreOfGroupTty() ? null : 'needs root, or /dev/pts with gid= of the group tty');

export type LoopbackSshd = {
  port: number;
  username: string;
  /** The login's home. */
  home: string;
  privateKey: string;
  hostKeys: { ed25519: HostKey; rsa: HostKey };
  target(changes?: Partial<SshTarget>): SshTarget;
  stop(): Promise<void>;
};

/**
 * As root the login is a throw-away account with `shell`, else the current user. The account has no password.
 * @param hostKeyTypes host keys that the server shows
 * @param config more lines for sshd_config; they win over the defaults here
 */
export async function startLoopbackSshd({
  shell = '/bin/sh',
  config = [],
  hostKeyTypes = ['ed25519'],
}: {
  shell?: string;
  config?: string[];
  hostKeyTypes?: Array<'ed25519' | 'rsa'>;
} = {}): Promise<LoopbackSshd> {
  const folder = mkdtempSync(join(tmpdir(), 'buoy-sshd-'));
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o755 });
  await run('chmod', ['755', folder]);
  // OpenSSH separates privileges in this empty folder when it runs as root.
  if (isRoot) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });

  await Promise.all([
    ...hostKeyTypes.map((type) => generateKey(join(folder, `host_${type}`), type)),
    generateKey(join(folder, 'login'), 'ed25519'),
  ]);
  execFileSync('cp', [join(folder, 'login.pub'), join(folder, 'authorized_keys')]);

  const username = isRoot ? await addAccount(home, shell) : userInfo().username;
  const port = await freePort();
  const lines = [
    ...config,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeyTypes.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    'UseDNS no',
    'MaxStartups 200',
    'Subsystem sftp internal-sftp',
    'LogLevel INFO',
  ];
  const file = join(folder, 'sshd_config');
  writeFileSync(file, `${lines.join('\n')}\n`);
  // Since OpenSSH 9.8 failed logins from one address are punished; older versions do not know the word.
  const penalties = `${lines.join('\n')}\nPerSourcePenalties no\n`;
  writeFileSync(join(folder, 'with_penalties'), penalties);
  const knowsPenalties = await run(sshdPath, ['-t', '-f', join(folder, 'with_penalties')]).then(
    () => true,
    () => false,
  );
  if (knowsPenalties) writeFileSync(file, penalties);

  const server = spawn(sshdPath, ['-D', '-e', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (chunk: Buffer) => {
      log += String(chunk);
      if (log.includes('Server listening')) resolve();
    });
    server.once('exit', () => reject(new Error(`sshd did not start: ${log}`)));
  });
  const exited = new Promise((resolve) => server.once('exit', resolve));
  const privateKey = await run('cat', [join(folder, 'login')]).then(({ stdout }) => stdout);

  return {
    port,
    username,
    home: isRoot ? home : userInfo().homedir,
    privateKey,
    hostKeys: {
      ed25519: await readHostKey(join(folder, 'host_ed25519.pub'), 'ssh-ed25519'),
      rsa: await readHostKey(join(folder, 'host_rsa.pub'), 'ssh-rsa'),
    },
    target: (changes) => ({
      serverId: `s-${port}`,
      host: '127.0.0.1',
      port,
      username,
      credential: { type: 'key', privateKey, passphrase: null },
      hostKey: null,
      credentialHostKey: null,
      jump: null,
      ...changes,
    }),
    async stop() {
      server.kill();
      await exited;
      if (isRoot) await removeAccount(username);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A key pair made by ssh-keygen: `file` and `file.pub`. */
export async function generateKey(file: string, type: string, extra: string[] = []): Promise<void> {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  await run('ssh-keygen', ['-q', '-t', type, ...bits, '-N', '', '-C', 'test', ...extra, '-f', file]);
}

/** The fingerprint as OpenSSH itself prints it. */
async function readHostKey(file: string, algorithm: string): Promise<HostKey> {
  if (!existsSync(file)) return { algorithm, fingerprint: '' };
  const { stdout } = await run('ssh-keygen', ['-l', '-f', file]);
  return { algorithm, fingerprint: stdout.split(' ')[1] ?? '' };
}

/** OpenSSH gives each terminal to the group tty, which only root may do, and ends the connection when it cannot. */
function terminalsAreOfGroupTty(): boolean {
  const gid = /^tty:[^:]*:(\d+):/m.exec(readFileSync('/etc/group', 'utf8'))?.[1];
  const options = /^\S+ \/dev\/pts devpts (\S+)/m.exec(readFileSync('/proc/self/mounts', 'utf8'))?.[1];
  return gid === undefined || (options?.split(',').includes(`gid=${gid}`) ?? false);
}

/** Numbers that no person, service or test host has: whatever runs under one of them is killed with its account. */
const accountNumbers = { from: 300_000, count: 100_000 };

async function addAccount(home: string, shell: string): Promise<string> {
  const name = `buoyt${process.pid.toString(36)}${Date.now().toString(36).slice(-5)}`;
  const uid = accountNumbers.from + randomInt(accountNumbers.count);
  await locked('useradd', ['-M', '-u', String(uid), '-d', home, '-s', shell, '-p', '*', name]);
  await run('chown', ['-R', name, home]);
  return name;
}

async function removeAccount(name: string): Promise<void> {
  // Commands that a test left running would keep the account in use.
  await run('pkill', ['-KILL', '-u', name]).catch(() => {});
  await locked('userdel', ['-f', name]).catch(() => {});
}

/** useradd locks /etc/passwd, and other test files make accounts at the same time. */
async function locked(command: string, args: string[]): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await run(command, args);
      return;
    } catch (error) {
      if (tries === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** A port of the loopback address where nothing listens at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
