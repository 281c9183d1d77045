// What the own ssh of who asks must know of a server beside its address: the host key that Buoy has pinned, and the servers on the way.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Server } from '@buoy/contract';
import { CommandError } from './command.ts';

export type SshConfig = {
  /** For `ssh -F`. */
  file: string;
  /** By which the config knows the server. */
  host: string;
  remove(): void;
};

/** Given the pinned fingerprint and the one that is shown: the key is known where they are equal. ssh asks it (`KnownHostsCommand`). */
const KNOWN = `if [ "$1" = "$2" ]; then printf '%s %s %s\\n' "$5" "$3" "$4"; fi\n`;

/**
 * A config of its own in a folder for its owner alone; the person's own config holds for what it does not say.
 * @param jumps the first to log in to stands first
 * @throws CommandError for what a config cannot carry
 */
export function writeSshConfig(server: Server, jumps: readonly Server[]): SshConfig {
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-ssh-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const known = path.join(folder, 'known');
    const file = path.join(folder, 'config');
    const way = [...jumps, server];
    // Under its own address, so that what the person's config says of that address holds; two with one address need other names.
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

type Place = { known: string; host: string | undefined; through: string | undefined };

/** What may stand in a config without a quote, a line end or a character that ssh or a shell would act on. */
const plain = {
  name: /^\w[\w.-]*$/,
  address: /^[\w.:-]+$/,
  port: /^\d{1,5}$/,
  fingerprint: /^SHA256:[\w+/=]+$/,
  algorithm: /^[a-z\d][a-z\d@.-]*$/,
};

/** Buoy tells all of it: what ssh does with it on this computer is not left to Buoy. */
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

function block(server: Server, { known, host: alias, through }: Place): string {
  refuseWhatActs(server);
  const { host, port, username, hostKey } = server;
  return [
    `Host ${alias}`,
    `  HostName ${host}`,
    `  Port ${port}`,
    `  User ${username}`,
    // An IPv6 address without brackets would be a name and a port.
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

/** An RSA key signs in several ways; the old one, by SHA-1, is refused. */
function algorithmsOf(keyType: string): string {
  return keyType === 'ssh-rsa' ? 'rsa-sha2-512,rsa-sha2-256' : keyType;
}
