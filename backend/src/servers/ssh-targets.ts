// What SSH needs to know of a server, and where it reports host keys.
import type { Access } from '../access/access.ts';
import { addressAnswerer } from '../lib/address-answerer.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Observe } from '../openclaw/status/observation.ts';
import type { HostKey, SshTarget, SshTargets } from '../ssh/ssh.ts';
import type { Vault } from '../vault/vault.ts';
import { openCredential } from './credential.ts';
import type { JumpRules } from './jump-servers.ts';
import type { ServerAddress, ServerRow, ServerStore } from './servers.store.ts';

export function createSshTargets(parts: {
  store: ServerStore;
  access: Pick<Access, 'isActiveAdmin'>;
  vault: Vault;
  jumpRules: JumpRules;
  observe: Observe;
  clock: Clock;
}): SshTargets {
  const { store, access, vault, jumpRules, observe, clock } = parts;

  const findRow = async (serverId: string): Promise<ServerRow> => {
    const row = await store.find(serverId);
    if (row === undefined) throw new AppError('not_found', 'This server no longer exists.');
    return row;
  };

  const targetOf = async (row: ServerRow, jump: SshTarget | null): Promise<SshTarget> => ({
    serverId: row.id,
    host: row.host,
    port: row.port,
    username: row.username,
    credential: openCredential(vault, row.id, row.credential),
    hostKey: pinnedKeyOf(row),
    credentialHostKey: row.credentialHostKey,
    jump,
    enteredBy: addressAnswerer(row, await access.isActiveAdmin(row.enteredBy, row.id)),
    allowDeniedNetworks: row.mayUseDeniedNetworks === 1,
  });

  return {
    async find(serverId) {
      const row = await findRow(serverId);
      const jumpRow = await jumpRules.jumpOf(row);
      return targetOf(row, jumpRow === null ? null : await targetOf(jumpRow, null));
    },

    async onHostKeyPinned(target, key) {
      if (await store.pinFirstHostKey(placeOf(target), key, isoTime(clock.now()))) return;
      const pinned = pinnedKeyOf(await findRow(target.serverId));
      if (pinned?.fingerprint !== key.fingerprint)
        throw new AppError('host_key_changed', 'Another host key was pinned for this server a moment ago.');
    },

    async onHostKeyRefused(target, offered) {
      if (!(await store.noteOfferedKey(placeOf(target), offered))) return;
      await observe(target.serverId, {
        state: 'unreachable',
        reasons: [`The server shows a different host key (${offered.fingerprint}) than the pinned one.`],
        openclaw: null,
      });
    },
  };
}

function placeOf({ serverId, host, port, jump }: SshTarget): ServerAddress {
  const behind = jump === null ? null : { host: jump.host, port: jump.port };
  return { id: serverId, host, port, jumpServerId: jump?.serverId ?? null, behind };
}

export function pinnedKeyOf(row: Pick<ServerRow, 'hostKeyAlgorithm' | 'hostKeyFingerprint'>): HostKey | null {
  return row.hostKeyAlgorithm === null || row.hostKeyFingerprint === null
    ? null
    : { algorithm: row.hostKeyAlgorithm, fingerprint: row.hostKeyFingerprint };
}
