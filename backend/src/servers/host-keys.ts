// Host keys of servers: read before a server is added, and accepted after a change.
import { AppError } from '../lib/app-error.ts';
import type { HostKey, Ssh, SshTargets } from '../ssh/ssh.ts';
import type { Caller } from '../users/caller.ts';
import type { JumpServers } from './jump-servers.ts';
import type { ServerRow } from './servers.store.ts';

/** Milliseconds until the key is there. */
const SCAN_DEADLINE_MS = 15_000;

export function createHostKeys(parts: {
  ssh: Pick<Ssh, 'scanHostKey'>;
  targets: Pick<SshTargets, 'find'>;
  jumpServers: Pick<JumpServers, 'check'>;
}) {
  const { ssh, targets, jumpServers } = parts;
  return {
    /** The key at an address, read without logging in. @throws AppError as the connection test does */
    async at(
      caller: Caller,
      { host, port, jumpServerId }: { host: string; port: number; jumpServerId: string | null },
      { signal }: { signal: AbortSignal },
    ): Promise<HostKey> {
      await jumpServers.check(caller, jumpServerId, { ownId: null, ownerId: caller.user.id });
      const jump = jumpServerId === null ? null : await targets.find(jumpServerId);
      const { id: enteredBy, isSuperAdmin: allowDeniedNetworks } = caller.user;
      return ssh.scanHostKey(
        { host, port, hostKey: null, jump, enteredBy, allowDeniedNetworks },
        { deadlineMs: SCAN_DEADLINE_MS, signal },
      );
    },

    /**
     * The key with `fingerprint`, as the server has offered it or offers it now.
     * @throws AppError `host_key_mismatch` when it offers another one
     */
    async offeredBy(
      row: ServerRow,
      fingerprint: string,
      { signal }: { signal: AbortSignal },
    ): Promise<HostKey> {
      if (row.offeredKeyFingerprint === fingerprint && row.offeredKeyAlgorithm !== null)
        return { algorithm: row.offeredKeyAlgorithm, fingerprint };
      const offered = await ssh.scanHostKey(await targets.find(row.id), {
        deadlineMs: SCAN_DEADLINE_MS,
        signal,
      });
      if (offered.fingerprint === fingerprint) return offered;
      throw new AppError(
        'host_key_mismatch',
        `The server shows ${offered.fingerprint}, not ${fingerprint}.`,
        {
          hint: 'Compare with the fingerprint on the server itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
          details: { offered },
        },
      );
    },
  };
}
