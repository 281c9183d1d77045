// Turns the output of check-prereqs.sh into typed facts. The server chose every text: each is short, on one line and without hidden characters.
import { seenText } from '@buoy/contract/visible-text';
import { redactText } from '../lib/redact.ts';
import type { KeyValues } from '../openclaw/host/key-values.ts';

/** UTF-16 units of a name or path, and of a sentence that a program printed. */
const MAX_WORD = 120;
const MAX_SENTENCE = 300;
/** As many as check-prereqs.sh prints. */
const MAX_LISTENERS = 10;
const MAX_INSTALLATIONS = 5;
const KIB = 1024;

export type Listener = {
  uid: number;
  /** null where the login may not see it. */
  pid: number | null;
  /** By its command line. */
  isGateway: boolean;
  account: string | null;
  program: string | null;
};

/** How a download source answered; null where nothing was asked. */
export type ProbeFacts = {
  by: 'curl' | 'wget' | null;
  httpStatus: number | null;
  error: string | null;
};

/** One installation on the server, other than by the gateway's unit. */
export type InstallationFacts = { path: string; ownerUid: number | null };

export type PrerequisiteFacts = ReturnType<typeof readPrerequisiteFacts>;

const sudoKinds = ['root', 'passwordless', 'password', 'none'] as const;
const inits = ['systemd', 'openrc', 'none'] as const;

export function readPrerequisiteFacts(values: KeyValues) {
  const word = (key: string): string | null => shown(values.text(key));
  const sentence = (key: string): string | null => shown(values.decoded(key), MAX_SENTENCE);
  const is = (key: string): boolean => values.text(key) === 'yes';
  const bytes = (key: string): number | null => {
    const count = values.count(key);
    return count === null ? null : count * KIB;
  };
  return {
    os: sentence('os'),
    kernel: word('kernel'),
    arch: word('arch'),
    libc: sentence('libc'),
    init: inits.find((init) => init === values.text('init')) ?? 'none',
    process1: word('process1'),
    login: word('login'),
    uid: values.count('uid'),
    home: word('home'),
    shell: word('shell'),
    homeThere: is('homeThere'),
    homeWritable: is('homeWritable'),
    noexec: is('noexec'),
    /** The folder of what setup installs, or one on the way to it, where the login may not write it; null: it may. */
    unwritable: word('unwritable'),
    sudo: sudoKinds.find((kind) => kind === values.text('sudo')) ?? 'none',
    diskBytes: bytes('diskKiB'),
    diskFreeBytes: bytes('diskFreeKiB'),
    inodes: values.count('inodes'),
    inodesFree: values.count('inodesFree'),
    memoryBytes: bytes('memoryKiB'),
    memoryLimitBytes: bytes('memoryLimitKiB'),
    swapBytes: bytes('swapKiB'),
    /** null where the tables of sockets cannot be read. */
    listeners: values.count('tables') === 1 ? readListeners(values) : null,
    readsLoginShell: is('loginShell'),
    node: {
      path: word('nodePath'),
      realPath: word('nodeReal'),
      version: word('nodeVersion'),
      /** False where an account may replace it whose rights the login cannot take. */
      isTrusted: values.text('nodeTrusted') !== 'no',
      /** Of another one, where the login shell finds none. */
      elsewhere: word('nodeElsewhere'),
    },
    npm: { path: word('npmPath'), version: word('npmVersion') },
    registry: readProbe(values, 'registry', sentence),
    mirror: readProbe(values, 'mirror', sentence),
    registryAddress: word('registryAddress'),
    mirrorAddress: word('mirrorAddress'),
    hasResolver: values.text('registryResolver') !== 'none' && values.text('mirrorResolver') !== 'none',
    proxies: {
      http: place(sentence('httpProxy')),
      https: place(sentence('httpsProxy')),
      npm: place(sentence('npmProxy')),
      exceptions: sentence('noProxy'),
    },
    /** Seconds since the epoch, by the server's clock. */
    beganS: values.count('began'),
    endedS: values.count('ended'),
    installations: readInstallations(values),
    /** What is left of an installation that is not whole. */
    brokenInstallation: word('openclawBroken') ?? word('openclawDangling'),
    hasRuntimeFolder: is('runtimeFolder'),
    hasBus: is('bus'),
    hasUserManager: is('userManager'),
    hasBusUnit: is('busUnit'),
    hasPamModule: is('pamModule'),
    hasApt: is('apt'),
    linger: is('linger'),
  };
}

export function shown(text: string | null, max = MAX_WORD): string | null {
  if (text === null) return null;
  const clean = redactText(seenText(text.slice(0, MAX_SENTENCE)).trim()).trim();
  return (clean.length > max ? `${clean.slice(0, max)}…` : clean).toWellFormed() || null;
}

/** Host and port of a proxy. What could be a password does not pass, whatever the server sends. */
function place(text: string | null): string | null {
  if (text === null) return null;
  return /^[A-Za-z0-9._-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](:\d{1,5})?$/.test(text) ? text : 'a proxy';
}

const LISTENER = /^(\d{1,10}) (\d{1,10}) (yes|no) (\S+) ?(.*)$/;

function readListeners(values: KeyValues): Listener[] {
  const listeners: Listener[] = [];
  for (let number = 1; number <= MAX_LISTENERS; number += 1) {
    const [, uid, pid, gateway, account, program] =
      LISTENER.exec(values.text(`listener${number}`) ?? '') ?? [];
    if (uid === undefined) break;
    listeners.push({
      uid: Number(uid),
      pid: Number(pid) || null,
      isGateway: gateway === 'yes',
      account: account === '?' ? null : shown(account ?? null),
      program: shown(program ?? null),
    });
  }
  return listeners;
}

function readInstallations(values: KeyValues): InstallationFacts[] {
  const installations: InstallationFacts[] = [];
  for (let number = 1; number <= MAX_INSTALLATIONS; number += 1) {
    const path = shown(values.text(`installation${number}`));
    if (path === null) break;
    installations.push({ path, ownerUid: values.count(`installationOwner${number}`) });
  }
  return installations;
}

function readProbe(
  values: KeyValues,
  name: string,
  sentence: (key: string) => string | null,
): ProbeFacts | null {
  const by = values.text(`${name}By`);
  if (by === null) return null;
  const status = values.count(`${name}Status`);
  return {
    by: by === 'curl' || by === 'wget' ? by : null,
    httpStatus: status !== null && status >= 100 && status < 600 ? status : null,
    error: sentence(`${name}Error`),
  };
}
