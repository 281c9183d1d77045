// Servers in memory for tests, with the host keys that the SSH module reported.
import { AppError } from '../../lib/app-error.ts';
import type { HostKey, SshTarget, SshTargets } from '../ssh.ts';

export type MemoryTargets = SshTargets & {
  set(target: SshTarget): void;
  remove(serverId: string): void;
  pinned: Array<[serverId: string, key: HostKey]>;
  refused: Array<[serverId: string, key: HostKey]>;
  /** How often a server's target was read: once for each attempt to connect. */
  lookups(): number;
};

export function createMemoryTargets(...targets: SshTarget[]): MemoryTargets {
  const byId = new Map(targets.map((target) => [target.serverId, target]));
  const pinned: MemoryTargets['pinned'] = [];
  const refused: MemoryTargets['refused'] = [];
  let lookups = 0;
  return {
    pinned,
    refused,
    lookups: () => lookups,
    set: (target) => byId.set(target.serverId, target),
    remove: (serverId) => byId.delete(serverId),
    async find(serverId) {
      lookups += 1;
      const target = byId.get(serverId);
      if (target === undefined) throw new AppError('not_found', 'There is no such server.');
      return target;
    },
    async onHostKeyPinned({ serverId }, key) {
      pinned.push([serverId, key]);
      const target = byId.get(serverId);
      if (target !== undefined) byId.set(serverId, { ...target, hostKey: key });
    },
    async onHostKeyRefused({ serverId }, key) {
      refused.push([serverId, key]);
    },
  };
}
