// A server that passes every check, and changes of it.
import type { Prerequisite, PrerequisiteId } from '@buoy/contract';
import type { HostInspection } from '../../openclaw/host/installation.ts';
import { readKeyValues } from '../../openclaw/host/key-values.ts';
import { downloadsOf } from '../downloads.ts';
import { readPrerequisiteFacts } from '../prerequisite-facts.ts';
import { type PrerequisiteParts, prerequisitesOf } from '../prerequisites.ts';

const NOW_S = 1_790_000_000;
export const PORT = 18_789;

/** Values of keys that end in 64 are written here in plain text. */
export type Lines = Readonly<Record<string, string>>;

const goodLines: Lines = {
  began: String(NOW_S),
  ended: String(NOW_S + 2),
  loginShell: 'yes',
  os64: 'Debian GNU/Linux 13 (trixie)',
  kernel: 'Linux',
  arch: 'x86_64',
  libc64: 'glibc 2.41',
  init: 'systemd',
  process1: 'systemd',
  login: 'deploy',
  uid: '1000',
  home: '/home/deploy',
  shell: '/bin/bash',
  homeThere: 'yes',
  homeWritable: 'yes',
  sudo: 'passwordless',
  diskKiB: '40000000',
  diskFreeKiB: '30000000',
  inodes: '2000000',
  inodesFree: '1900000',
  memoryKiB: '4000000',
  swapKiB: '0',
  tables: '1',
  nodePath: '/usr/local/bin/node',
  nodeReal: '/usr/local/bin/node',
  nodeVersion: 'v24.21.0',
  npmPath: '/usr/local/bin/npm',
  npmVersion: '11.21.2',
  registryAddress: '192.0.2.7',
  mirrorAddress: '192.0.2.8',
  registryBy: 'curl',
  registryStatus: '200',
  mirrorBy: 'curl',
  mirrorStatus: '200',
  installation1: '/home/deploy/.npm-global/bin/openclaw',
  installationOwner1: '1000',
  runtimeFolder: 'yes',
  bus: 'yes',
  userManager: 'yes',
  busUnit: 'yes',
  pamModule: 'yes',
  apt: 'yes',
  linger: 'yes',
};

/** The facts of the good server with `changes`; an empty value takes the line away. */
export function factsWith(changes: Lines = {}) {
  const lines = Object.entries({ ...goodLines, ...changes })
    .filter(([, value]) => value !== '')
    .map(([key, value]) =>
      key.endsWith('64') ? `${key}=${Buffer.from(value).toString('base64')}` : `${key}=${value}`,
    );
  const stdout = [...lines, 'end=1', ''].join('\n');
  return readPrerequisiteFacts(
    readKeyValues({ exitCode: 0, signal: null, stdout, stderr: '', truncated: false, durationMs: 1 }),
  );
}

export const goodInspection: HostInspection = {
  installation: {
    ...{
      installed: true,
      binaryPath: '/home/deploy/.npm-global/bin/openclaw',
      nodePath: '/usr/local/bin/node',
    },
    ...{ version: '2026.9.6', configPath: '/home/deploy/.openclaw/openclaw.json', port: PORT },
    ...{ bind: 'loopback', authMode: 'token', manager: 'systemd-user', linger: true },
    ...{ unit: 'openclaw-gateway.service', statePath: '/home/deploy/.openclaw' },
  },
  service: {
    ...{
      manager: 'systemd-user',
      unit: 'openclaw-gateway.service',
      activeState: 'active',
      subState: 'running',
    },
    ...{ result: 'success', restarts: 0, startLimitHit: false, pid: 812, execMainStatus: 0, uptimeS: 60 },
    rssBytes: 1,
  },
  ...{ disk: null, memory: null, configProblem: null, agentsInConfig: 1, observedAtMs: 0 },
};

/** What was found of OpenClaw before it is installed. */
export const bareInspection: HostInspection = {
  ...goodInspection,
  installation: {
    ...goodInspection.installation,
    ...{ installed: false, binaryPath: null, nodePath: null, version: null, configPath: null },
    ...{ manager: 'none', unit: null, linger: null },
  },
  service: { ...goodInspection.service, manager: 'none', unit: null, activeState: null, pid: null },
};

/** Half a second of way there and back, around the two seconds of the script. */
export const goodExchange = { sentMs: NOW_S * 1000 + 250, receivedMs: NOW_S * 1000 + 2_750 };

export function checkWith(
  lines: Lines = {},
  parts: Partial<PrerequisiteParts> = {},
): { ready: boolean; checks: Prerequisite[]; byId: Record<PrerequisiteId, Prerequisite> } {
  const answer = prerequisitesOf({
    facts: factsWith(lines),
    inspection: goodInspection,
    downloads: downloadsOf({
      nodeMirror: 'https://node.example/dist',
      npmRegistry: 'https://npm.example:4873/all',
    }),
    port: PORT,
    exchange: goodExchange,
    via: 'server',
    ...parts,
  });
  const byId = Object.fromEntries(answer.checks.map((check) => [check.id, check]));
  return { ...answer, byId: byId as Record<PrerequisiteId, Prerequisite> };
}
