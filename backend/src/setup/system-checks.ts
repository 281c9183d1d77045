// The checks of the machine itself: what it runs, how much it has, and who may do what on it.
import type { Prerequisite } from '@buoy/contract';
import type { Installation } from '../openclaw/host/installation.ts';
import { asRoot, byHand, fail, GB, pass, size, warn } from './check.ts';
import type { PrerequisiteFacts } from './prerequisite-facts.ts';

export function checkOs({ os, kernel, arch }: PrerequisiteFacts): Prerequisite {
  const detail = `The server runs ${os ?? kernel ?? 'an unknown system'} on ${arch ?? 'an unknown processor'}.`;
  const isSupported = kernel === 'Linux' && /^(x86_64|amd64|aarch64|arm64)$/.test(arch ?? '');
  return isSupported
    ? pass('os', detail)
    : fail('os', detail, byHand('Use a Linux server with a 64-bit Intel, AMD or ARM processor.'));
}

/** What the official builds of Node 24 need. */
const MIN_GLIBC = { major: 2, minor: 28 };

export function checkLibc({ libc }: PrerequisiteFacts): Prerequisite {
  if (/\bmusl\b/i.test(libc ?? ''))
    return fail(
      'libc',
      'The C library is musl, for which the Node.js project publishes no build.',
      byHand('Use a server with glibc, such as Debian, Ubuntu or Fedora.'),
    );
  const [, major, minor] = /(?:glibc|libc\)?|GLIBC [^ ]*\)) (\d{1,3})\.(\d{1,3})/i.exec(libc ?? '') ?? [];
  if (major === undefined)
    return warn(
      'libc',
      'The server does not report the version of its C library.',
      byHand('Make sure that it is glibc 2.28 or newer.'),
    );
  const detail = `The C library is glibc ${major}.${minor}.`;
  const isNew =
    Number(major) > MIN_GLIBC.major ||
    (Number(major) === MIN_GLIBC.major && Number(minor) >= MIN_GLIBC.minor);
  return isNew
    ? pass('libc', detail)
    : fail(
        'libc',
        `${detail.slice(0, -1)}, but Node.js 24 needs 2.28 or newer.`,
        byHand('Upgrade the operating system.'),
      );
}

export function checkInit({ init, process1 }: PrerequisiteFacts): Prerequisite {
  if (init === 'systemd') return pass('init', 'systemd runs as process 1.');
  return warn(
    'init',
    init === 'openrc'
      ? 'OpenRC manages services, which OpenClaw does not support, so Buoy will supervise the gateway itself.'
      : `Process 1 is ${process1 ?? 'unknown'} and not systemd, so Buoy will supervise the gateway itself.`,
    byHand('Nothing has to be done: Buoy starts and watches the gateway.'),
  );
}

export function checkUser(facts: PrerequisiteFacts): Prerequisite {
  const { login, uid, home, shell } = facts;
  const who = `Buoy signs in as ${login ?? 'an unknown account'} (uid ${uid ?? 'unknown'}); its home ${home ?? '(unset)'}`;
  if (!facts.homeThere)
    return fail(
      'user',
      `${who} does not exist.`,
      byHand(`Create the home folder, and make ${login ?? 'the account'} its owner.`),
    );
  if (!facts.homeWritable)
    return fail(
      'user',
      `${who} is not writable for it.`,
      byHand(`Make ${login ?? 'the account'} the owner of its home, and its file system writable.`),
    );
  if (facts.noexec)
    return fail(
      'user',
      `${who} is on a file system that runs no programs (mounted with noexec).`,
      byHand('Mount the file system of the home without noexec.'),
    );
  if (facts.unwritable !== null)
    return fail(
      'user',
      `${who} is writable, but the folder ${facts.unwritable} in it is not.`,
      byHand(
        `Make ${login ?? 'the account'} the owner of that folder.`,
        /^[\w./-]+$/.test(facts.unwritable) && /^[\w.-]+$/.test(login ?? '')
          ? asRoot(facts.sudo, `chown -R ${login}: ${facts.unwritable}`)
          : null,
      ),
    );
  return pass('user', `${who} is writable, and its shell ${shell ?? '/bin/sh'} runs commands.`);
}

export function checkSudo(facts: PrerequisiteFacts, { manager }: Installation): Prerequisite {
  const { sudo, linger, init, login } = facts;
  if (sudo === 'root') return pass('sudo', 'Buoy signs in as root.');
  if (sudo === 'passwordless') return pass('sudo', `${login ?? 'The account'} uses sudo without a password.`);
  const isNeeded = init === 'systemd' && manager !== 'systemd-system' && !linger;
  const has =
    sudo === 'password'
      ? `${login ?? 'The account'} uses sudo with a password`
      : `${login ?? 'The account'} has no sudo`;
  if (!isNeeded) return pass('sudo', `${has}; setup does not need it here.`);
  return sudo === 'password'
    ? warn(
        'sudo',
        `${has}, which setup needs to keep services running after sign-out.`,
        byHand('Enter the password when you run setup, or turn lingering on yourself.'),
      )
    : warn(
        'sudo',
        `${has}, so setup cannot keep services running after sign-out.`,
        byHand('Ask someone with root rights on the server to turn lingering on.'),
      );
}

const MIN_MEMORY_BYTES = GB;
const ENOUGH_MEMORY_BYTES = 2 * GB;

export function checkMemory({ memoryBytes, memoryLimitBytes, swapBytes }: PrerequisiteFacts): Prerequisite {
  const moreMemory = byHand('Give the server 2 GB of memory; 4 GB is comfortable.');
  if (memoryBytes === null) return warn('memory', 'The server does not report its memory.', moreMemory);
  const isLimited = memoryLimitBytes !== null && memoryLimitBytes < memoryBytes;
  const memory = isLimited ? memoryLimitBytes : memoryBytes;
  // How much swap a limited group may use stands elsewhere.
  const swap = isLimited ? 0 : (swapBytes ?? 0);
  const has = isLimited
    ? `A control group limits the account to ${size(memory)} of the ${size(memoryBytes)} of memory`
    : `The server has ${size(memory)} of memory and ${swap === 0 ? 'no' : size(swap)} swap`;
  if (memory >= ENOUGH_MEMORY_BYTES) return pass('memory', `${has}.`);
  const needs = `${has}; a gateway uses 0.8 to 1.2 GB, and more while it works.`;
  return memory >= MIN_MEMORY_BYTES || memory + swap >= ENOUGH_MEMORY_BYTES
    ? warn('memory', needs, moreMemory)
    : fail('memory', needs, byHand('Give the server 2 GB of memory, or add swap up to 2 GB in all.'));
}

const MIN_DISK_BYTES = 1.5 * GB;
const ENOUGH_DISK_BYTES = 2.5 * GB;
/** Node, OpenClaw and its packages have 45,000 files, and an update puts the new ones beside the old. */
const MIN_INODES = 60_000;
const ENOUGH_INODES = 120_000;

export function checkDisk({
  diskBytes,
  diskFreeBytes,
  inodes,
  inodesFree,
  home,
}: PrerequisiteFacts): Prerequisite {
  const room = byHand('Free up 2.5 GB there, or enlarge the disk.');
  if (diskFreeBytes === null)
    return warn('disk', 'The server does not report the free space of its disk.', room);
  const isCounted = inodes !== null && inodes > 0 && inodesFree !== null;
  const files = isCounted ? ` and has room for ${inodesFree.toLocaleString('en')} more files` : '';
  const of = diskBytes === null ? '' : ` of ${size(diskBytes)}`;
  const detail = `The file system of ${home ?? 'the home'} has ${size(diskFreeBytes)}${of} free${files}`;
  const fewFiles = (min: number) => isCounted && inodesFree < min;
  if (diskFreeBytes < MIN_DISK_BYTES || fewFiles(MIN_INODES))
    return fail('disk', `${detail}; Node.js and OpenClaw need 1.5 GB and 60,000 files at least.`, room);
  if (diskFreeBytes < ENOUGH_DISK_BYTES || fewFiles(ENOUGH_INODES))
    return warn('disk', `${detail}; an update needs 2.5 GB and 120,000 files.`, room);
  return pass('disk', `${detail}.`);
}

const CLOCK_PASS_S = 30;
const CLOCK_WARN_S = 300;

/** When the script was sent and its answer was there, in milliseconds by Buoy's clock. */
export type Exchange = { sentMs: number; receivedMs: number };

export function checkClock(facts: PrerequisiteFacts, exchange: Exchange): Prerequisite {
  const { beganS, endedS, init, sudo } = facts;
  const sync = byHand(
    'Turn on time synchronization on the server.',
    init === 'systemd' ? asRoot(sudo, 'timedatectl set-ntp true') : null,
  );
  if (beganS === null || endedS === null)
    return warn('clock', 'The server does not report its time.', byHand('Check the time of the server.'));
  const offsetS = clockOffsetS({ beganS, endedS }, exchange);
  const apartS = Math.round(Math.abs(offsetS));
  if (apartS <= CLOCK_PASS_S) return pass('clock', `The clocks of server and Buoy differ by ${apartS} s.`);
  const detail = `The clock of the server is ${apartS} s ${offsetS > 0 ? 'ahead of' : 'behind'} that of Buoy`;
  return apartS <= CLOCK_WARN_S
    ? warn('clock', `${detail}.`, sync)
    : fail('clock', `${detail}, so certificates and tokens count as invalid.`, sync);
}

/** Whole seconds of the server stand for their middle; what is not spent on the server is taken for two ways of equal length. */
function clockOffsetS(
  { beganS, endedS }: { beganS: number; endedS: number },
  { sentMs, receivedMs }: Exchange,
): number {
  const wayS = Math.max(0, (receivedMs - sentMs) / 1000 - (endedS - beganS)) / 2;
  return beganS + 0.5 - (sentMs / 1000 + wayS);
}
