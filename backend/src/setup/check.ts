// How a check is written down.
import type { CheckStatus, Prerequisite, PrerequisiteId } from '@buoy/contract';
import type { PrerequisiteFacts } from './prerequisite-facts.ts';

export type Fix = NonNullable<Prerequisite['fix']>;

const titles: Readonly<Record<PrerequisiteId, string>> = {
  os: 'Operating system',
  libc: 'C library',
  init: 'Service manager',
  user: 'Account',
  sudo: 'Root rights',
  memory: 'Memory',
  disk: 'Disk space',
  port: 'Gateway port',
  node: 'Node.js',
  npm: 'npm',
  dns: 'Name resolution',
  registry: 'Downloads',
  proxy: 'Proxy',
  clock: 'Clock',
  openclaw: 'OpenClaw',
  user_manager: 'User services',
  linger: 'Services after sign-out',
};

export function pass(id: PrerequisiteId, detail: string): Prerequisite {
  return check(id, 'pass', detail, null);
}

export function warn(id: PrerequisiteId, detail: string, fix: Fix): Prerequisite {
  return check(id, 'warn', detail, fix);
}

export function fail(id: PrerequisiteId, detail: string, fix: Fix): Prerequisite {
  return check(id, 'fail', detail, fix);
}

function check(id: PrerequisiteId, status: CheckStatus, detail: string, fix: Fix | null): Prerequisite {
  return { id, title: titles[id], status, detail, fix };
}

/** A fix for a person to make. */
export function byHand(text: string, command: string | null = null): Fix {
  return { text, command, automatic: false };
}

/** A fix that Buoy makes. */
export function byBuoy(text: string, command: string | null = null): Fix {
  return { text, command, automatic: true };
}

/** The command as this login gives it to a person with root rights. */
export function asRoot(sudo: PrerequisiteFacts['sudo'], command: string): string {
  return sudo === 'root' ? command : `sudo ${command}`;
}

/** As people count disks and memory: 1 GB is 1,000,000,000 bytes. */
export const GB = 1_000_000_000;

export function size(bytes: number): string {
  return bytes < GB ? `${Math.round(bytes / 1_000_000)} MB` : `${(bytes / GB).toFixed(1)} GB`;
}

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
