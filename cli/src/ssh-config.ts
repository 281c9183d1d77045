// The temporary ssh config for one connection: pinned host keys and jump servers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Server } from '@buoy/contract';
import { CommandError } from './command.ts';

export type SshConfig = {
  /** For `ssh -F`. */
  file: string;
  /** Alias of the server in the config. */
  host: string;
  remove(): void;
};

/** Script for `KnownHostsCommand`: prints the host key as known if its fingerprint equals the pinned one. */
const KNOWN = `if [ "$1" = "$2" ]; then printf '%s %s %s\\n' "$5" "$3" "$4"; fi\n`;

/**
 * Writes a config into a folder that only its owner can read; the person's own config applies to everything else.
 * @param jumps jump servers in the order of login
 * @throws CommandError for values that a config cannot contain safely
 */
export function writeSshConfig(server: Server, jumps: readonly Server[]): SshConfig {
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-ssh-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const known = path.join(folder, 'known');
    const file = path.join(folder, 'config');
    const way = [...jumps, server];
    // The address is the alias, so that the person's config for it applies; two servers with one address get aliases by id.
    const hosts = way.map(({ id, host }) =>
      way.filter((one) => one.host === host).length === 1 ? host : `buoy-${id}`,
    );
    const blocks = way.map((one, index) =>
      block(one, { known, host: hosts[index], through: hosts[index - 1] }),
    );
    writeFileSync(known, KNOWN, { mode: 0o600 });
    writeFileSync(file, [...blocks, OWN].join('\n'), { mode: 0o600 });
    return { file, host: hosts.at(-1) ?? server.host, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

const OWN = ['Match all', '  Include ~/.ssh/config', '  Include /etc/ssh/ssh_config', ''].join('\n');

type HostEntry = { known: string; host: string | undefined; through: string | undefined };

/** Values allowed in a config: no quotes, line ends or characters that ssh or a shell would interpret. */
const plain = {
  name: /^\w[\w.-]*$/,
  address: /^[\w.:-]+$/,
  port: /^\d{1,5}$/,
  fingerprint: /^SHA256:[\w+/=]+$/,
  algorithm: /^[a-z\d][a-z\d@.-]*$/,
};

/** All values come from Buoy, which may be hostile, and must not make ssh run anything on this computer. */
function refuseWhatActs({ id, name, host, port, username, hostKey }: Server): void {
  const parts: Array<[string, RegExp, string]> = [
    ['login', plain.name, username],
    ['id', plain.name, id],
    ['address', plain.address, host],
    ['port', plain.port, String(port)],
    ['host key', plain.fingerprint, hostKey?.fingerprint ?? 'SHA256:none'],
    ['host key', plain.algorithm, hostKey?.algorithm ?? 'none'],
  ];
  for (const [what, takes, text] of parts)
    if (!takes.test(text))
      throw new CommandError(
        `The ${what} of ${name} cannot be written into an ssh config.`,
        'Configure the connection in ~/.ssh/config and use ssh itself.',
      );
}

function block(server: Server, { known, host: alias, through }: HostEntry): string {
  refuseWhatActs(server);
  const { host, port, username, hostKey } = server;
  return [
    `Host ${alias}`,
    `  HostName ${host}`,
    `  Port ${port}`,
    `  User ${username}`,
    // Without brackets, ssh would read an IPv6 address as a name and a port.
    ...(through === undefined ? [] : [`  ProxyJump ${through.includes(':') ? `[${through}]` : through}`]),
    ...(hostKey === null
      ? []
      : [
          `  KnownHostsCommand /bin/sh "${known}" ${hostKey.fingerprint} %f %t %K %H`,
          `  HostKeyAlgorithms ${algorithmsOf(hostKey.algorithm)}`,
          '  UserKnownHostsFile none',
          '  GlobalKnownHostsFile none',
          '  StrictHostKeyChecking yes',
          '  UpdateHostKeys no',
        ]),
    '',
  ].join('\n');
}

/** Allows the SHA-2 signatures of RSA keys and refuses SHA-1. */
function algorithmsOf(keyType: string): string {
  return keyType === 'ssh-rsa' ? 'rsa-sha2-512,rsa-sha2-256' : keyType;
}
