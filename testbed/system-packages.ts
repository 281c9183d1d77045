// Installs the Debian packages that the tests need, so that a new machine passes them; says what cannot be had, and why.
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runCommand } from './run-command.ts';

export type PackageGroup = 'hosts' | 'ssh' | 'postgres' | 'browser';
export type PackageGroupState = { ok: true } | { ok: false; reason: string; missing: string[] };

type Requirement = { package: string; isThere: () => Promise<boolean> };

const groups: Record<PackageGroup, Requirement[]> = {
  hosts: [
    program('mmdebstrap', 'mmdebstrap'),
    program('systemd-nspawn', 'systemd-container'),
    program('nft', 'nftables'),
    program('ip', 'iproute2'),
    program('ssh-keygen', 'openssh-client'),
    program('mkfs.ext4', 'e2fsprogs'),
    program('nsenter', 'util-linux'),
  ],
  ssh: [program('sshd', 'openssh-server'), program('ssh', 'openssh-client')],
  postgres: [{ package: 'postgresql', isThere: hasPostgres }],
  browser: [program('chromium', 'chromium')],
};

/** Where programs are that the caller's PATH may leave out. */
const systemDirectories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** Chromium is 138 MB; a slow mirror gets some minutes. */
const installTimeoutMs = 15 * 60_000;
/** Debian asks this program before a package's service starts; 101 is "no" (invoke-rc.d, policy-rc.d interface). */
const policyFile = '/usr/sbin/policy-rc.d';
const policy =
  '#!/bin/sh\n# Buoy tests: a package that is installed for a test starts no service; removed after the install\nexit 101\n';

/**
 * Looks for what each group needs and installs what is missing when this process is root on a Debian-like system with apt; names each
 * package through `log` first, and starts no service. Never throws for a package: a group that stays incomplete says why.
 */
export async function ensureSystemPackages(
  wanted: PackageGroup[],
  { install = true, log = (line: string) => void process.stdout.write(`${line}\n`) } = {},
): Promise<Partial<Record<PackageGroup, PackageGroupState>>> {
  const missing = new Set<string>();
  for (const group of wanted) for (const name of await missingOf(group)) missing.add(name);
  let failure = '';
  if (missing.size > 0) {
    failure = install
      ? ((await whyNotInstallable()) ?? (await installPackages([...missing], log)))
      : 'not installed';
  }
  const states: Partial<Record<PackageGroup, PackageGroupState>> = {};
  for (const group of wanted) {
    const still = await missingOf(group);
    states[group] =
      still.length === 0
        ? { ok: true }
        : {
            ok: false,
            missing: still,
            reason: `missing packages: ${still.join(' ')}${failure ? ` (${failure})` : ''}`,
          };
  }
  return states;
}

async function missingOf(group: PackageGroup): Promise<string[]> {
  const names: string[] = [];
  for (const requirement of groups[group])
    if (!(await requirement.isThere())) names.push(requirement.package);
  return names;
}

async function whyNotInstallable(): Promise<string | undefined> {
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version')) return 'not a Debian-like system';
  if (process.getuid?.() !== 0) return 'only root can install them';
  if (!existsSync('/usr/bin/apt-get')) return 'no apt-get';
  return undefined;
}

/** Gives '' or what went wrong, in a few lines of apt's own words. */
async function installPackages(packages: string[], log: (line: string) => void): Promise<string> {
  for (const name of packages) log(`installing ${name}`);
  const isPolicyOurs = await forbidServiceStarts();
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const update = await runCommand('apt-get', ['update', '-qq'], { timeoutMs: installTimeoutMs, env });
    const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
    const result = await runCommand('apt-get', args, { timeoutMs: installTimeoutMs, env });
    return result.code === 0
      ? ''
      : `${result.stderr || update.stderr || result.stdout}`.trim().split('\n').slice(-3).join(' ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    if (isPolicyOurs) await rm(policyFile, { force: true });
  }
}

/** A machine's own policy stays; one that a killed run of ours left counts as ours. */
async function forbidServiceStarts(): Promise<boolean> {
  const existing = await readFile(policyFile, 'utf8').catch(() => undefined);
  if (existing !== undefined) return existing === policy;
  await writeFile(policyFile, policy, { mode: 0o755 });
  return true;
}

function program(name: string, debianPackage: string): Requirement {
  return { package: debianPackage, isThere: async () => hasProgram(name) };
}

function hasProgram(name: string): boolean {
  const directories = [...(process.env.PATH ?? '').split(delimiter), ...systemDirectories].filter(Boolean);
  return directories.some((directory) => existsSync(join(directory, name)));
}

async function hasPostgres(): Promise<boolean> {
  if (hasProgram('initdb')) return true;
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  return versions.some((version) => existsSync(`/usr/lib/postgresql/${version}/bin/initdb`));
}
