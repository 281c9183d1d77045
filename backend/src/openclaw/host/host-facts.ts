// The facts that `POST /servers/:id/test` reports after a successful login: system and sudo.
import type { CallOptions, Ssh } from '../../ssh/ssh.ts';
import { readKeyValues } from './key-values.ts';
import { hostFactsScript } from './scripts.ts';

export type HostFacts = {
  /** As /etc/os-release names it, else kernel name and release. */
  os: string | null;
  /** As `uname -m` names it: x86_64, aarch64 … */
  arch: string | null;
  /** `password`: sudo is allowed but asks for a password. */
  sudo: 'root' | 'passwordless' | 'password' | 'none';
  systemd: boolean;
};

export type HostFactsReader = {
  /** One script. Throws AppError. */
  read(serverId: string, options: CallOptions): Promise<HostFacts>;
};

/** Bytes: a dozen short lines. */
const MAX_OUTPUT_BYTES = 64 * 1024;
const sudoKinds = ['root', 'passwordless', 'password', 'none'] as const;

export function createHostFacts({ ssh }: { ssh: Ssh }): HostFactsReader {
  return {
    async read(serverId, { deadlineMs, signal }) {
      const values = readKeyValues(
        await ssh.script(serverId, hostFactsScript, [], {
          deadlineMs,
          signal,
          maxOutputBytes: MAX_OUTPUT_BYTES,
        }),
      );
      return {
        os: values.text('os'),
        arch: values.text('arch'),
        sudo: sudoKinds.find((kind) => kind === values.text('sudo')) ?? 'none',
        systemd: values.text('systemd') === 'yes',
      };
    },
  };
}
