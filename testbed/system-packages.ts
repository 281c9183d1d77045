// Installs the Debian packages that the tests need, and reports which are unavailable and why.
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runCommand } from './run-command.ts';

export type PackageGroup = 'hosts' | 'ssh' | 'postgres' | 'browser' | 'docs' | 'shells';
export type PackageGroupState = { ok: true } | { ok: false; reason: string; missing: string[] };

/** A program and the Debian package it comes in. */
type Requirement = [program: string, debianPackage: string];

const groups: Record<PackageGroup, Requirement[]> = {
  hosts: [
    ['mmdebstrap', 'mmdebstrap'],
    ['systemd-nspawn', 'systemd-container'],
    ['nft', 'nftables'],
    ['ip', 'iproute2'],
    ['ssh-keygen', 'openssh-client'],
    ['mkfs.ext4', 'e2fsprogs'],
    ['nsenter', 'util-linux'],
  ],
  ssh: [
    ['sshd', 'openssh-server'],
    ['ssh', 'openssh-client'],
  ],
  postgres: [['initdb', 'postgresql']],
  browser: [['chromium-headless-shell', 'chromium-headless-shell']],
  docs: [
    ['curl', 'curl'],
    ['groff', 'groff-base'],
    ['jq', 'jq'],
    ['caddy', 'caddy'],
    ['nginx', 'nginx'],
    ['openssl', 'openssl'],
    ['systemd-analyze', 'systemd'],
  ],
  shells: [
    ['bash', 'bash'],
    ['zsh', 'zsh'],
    ['fish', 'fish'],
    ['script', 'bsdutils'],
  ],
};

/** Where programs are that the caller's PATH may leave out. */
const systemDirectories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** Debian keeps PostgreSQL's server programs off the PATH, one folder a version. */
const postgresDirectory = '/usr/lib/postgresql';
/** Chromium is more than 100 MB; a slow mirror gets some minutes. */
const installTimeoutMs = 15 * 60_000;
/** Debian asks this program before a package's service starts; 101 is "no" (invoke-rc.d, policy-rc.d interface). */
const policyFile = '/usr/sbin/policy-rc.d';
const policy =
  '#!/bin/sh\n# Buoy tests: a package that is installed for a test starts no service; removed after the install\nexit 101\n';

/**
 * Checks what each group needs and installs what is missing when this process is root on a Debian-like system with apt; names each
 * package through `log` first, and starts no service. Never throws for a package: a group that stays incomplete says why.
 * `directories`: where programs are searched for.
 */
export async function ensureSystemPackages(
  wanted: PackageGroup[],
  options: { install?: boolean; log?: (line: string) => void; directories?: string[] } = {},
): Promise<Partial<Record<PackageGroup, PackageGroupState>>> {
  const { install = true, log = (line) => void process.stdout.write(`${line}\n`) } = options;
  const directories = options.directories ?? (await programDirectories());
  const whyNot = install ? whyNotInstallable() : 'not installed';
  const states: Partial<Record<PackageGroup, PackageGroupState>> = {};
  let isListNew = false;
  // group by group: an unavailable group must not block the others
  for (const group of wanted) {
    let missing = missingOf(group, directories);
    let failure = whyNot ?? '';
    if (missing.length > 0 && whyNot === undefined) {
      failure = await installPackages(missing, log, { isListNew });
      isListNew = true;
      missing = missingOf(group, options.directories ?? (await programDirectories()));
    }
    states[group] =
      missing.length === 0
        ? { ok: true }
        : { ok: false, missing, reason: `missing packages: ${missing.join(' ')} (${failure})` };
  }
  return states;
}

function missingOf(group: PackageGroup, directories: string[]): string[] {
  const isMissing = ([program]: Requirement) =>
    !directories.some((directory) => existsSync(join(directory, program)));
  return [...new Set(groups[group].filter(isMissing).map(([, debianPackage]) => debianPackage))];
}

async function programDirectories(): Promise<string[]> {
  const versions = await readdir(postgresDirectory).catch(() => []);
  const postgres = versions.map((version) => join(postgresDirectory, version, 'bin'));
  return [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...systemDirectories, ...postgres];
}

function whyNotInstallable(): string | undefined {
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version')) return 'not a Debian-like system';
  if (process.getuid?.() !== 0) return 'only root can install them';
  if (!existsSync('/usr/bin/apt-get')) return 'no apt-get';
  return undefined;
}

/** Gives '' or what went wrong, in a few lines of apt's own words. */
async function installPackages(
  packages: string[],
  log: (line: string) => void,
  { isListNew }: { isListNew: boolean },
): Promise<string> {
  for (const name of packages) log(`installing ${name}`);
  const isPolicyOurs = await forbidServiceStarts();
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const update = isListNew
      ? null
      : await runCommand('apt-get', ['update', '-qq'], { timeoutMs: installTimeoutMs, env });
    const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
    const result = await runCommand('apt-get', args, { timeoutMs: installTimeoutMs, env });
    return result.code === 0
      ? ''
      : `${result.stderr || update?.stderr || result.stdout}`.trim().split('\n').slice(-3).join(' ');
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

if (import.meta.main) {
  const everything = Object.keys(groups) as PackageGroup[];
  for (const [group, state] of Object.entries(await ensureSystemPackages(everything))) {
    process.stdout.write(`${group}: ${state.ok ? 'ok' : state.reason}\n`);
  }
}
