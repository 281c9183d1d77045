// What the exit codes of the installing scripts mean, for people.
import type { ErrorCode } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';

/** By the exit codes that installer.sh and each places.sh list; those from 70 on are of unpack.sh. */
const failures: Readonly<Record<number, { code: ErrorCode; message: string; hint: string }>> = {
  20: {
    code: 'disk_full',
    message: 'The disk of the server is full.',
    hint: 'Free some space in the home of the login (OpenClaw and Node take 900 MB), then start this again.',
  },
  21: {
    code: 'registry_failed',
    message: 'The server could not download a package.',
    hint: 'Check that it reaches the internet, or a mirror that is set as NPM_REGISTRY or NODE_MIRROR of Buoy; or let Buoy download (via: buoy).',
  },
  22: {
    code: 'checksum_mismatch',
    message: 'A download does not have the checksum that it should have, so it was not installed.',
    hint: 'Start this again. If it happens again, the mirror or a proxy on the way changes files.',
  },
  23: {
    code: 'version_not_found',
    message: 'There is no such version.',
    hint: 'Choose another version, or “latest”.',
  },
  24: {
    code: 'node_missing',
    message: 'OpenClaw needs another Node on the server.',
    hint: 'Install Node first (install-node).',
  },
  25: {
    code: 'openclaw_missing',
    message: 'OpenClaw is not installed on the server.',
    hint: 'Install OpenClaw first (install-openclaw).',
  },
  30: {
    code: 'config_invalid',
    message: 'OpenClaw did not take these settings.',
    hint: 'The output quotes its message.',
  },
  31: {
    code: 'provider_refused',
    message: 'OpenClaw does not know this provider.',
    hint: 'Choose another one, or “custom” with its address.',
  },
  40: {
    code: 'no_service_manager',
    message: 'The server has no service manager that Buoy could use for the gateway.',
    hint: 'Install systemd with a user manager (libpam-systemd, dbus-user-session), or choose a system service.',
  },
  43: {
    code: 'refused',
    message: 'systemd runs on this server, so Buoy puts no supervisor of its own beside it.',
    hint: 'Choose “auto”, “systemd-user” or “systemd-system”.',
  },
  41: {
    code: 'sudo_refused',
    message: 'The server refused sudo.',
    hint: 'Enter the password of the account, or let a root login run: loginctl enable-linger ACCOUNT.',
  },
  42: {
    code: 'not_ready',
    message: 'The service of the gateway could not be installed.',
    hint: 'The output quotes the message of OpenClaw or of the service manager.',
  },
  44: {
    code: 'not_ready',
    message: 'The new service of the gateway does not run, so the old one was put back.',
    hint: 'The output quotes the message of OpenClaw or of the service manager.',
  },
  45: {
    code: 'not_ready',
    message: 'The new service of the gateway does not run, and the old one could not be put back.',
    hint: 'The last line of the output names the command that starts the old one.',
  },
  50: {
    code: 'refused',
    message: 'A file could not be copied or moved on the server.',
    hint: 'The output quotes the message of the server.',
  },
  51: {
    code: 'refused',
    message: 'OpenClaw could not back itself up, so nothing was changed.',
    hint: 'The output quotes its message.',
  },
  52: {
    code: 'config_invalid',
    message: 'The new version of OpenClaw could not bring its state up to date.',
    hint: 'The output quotes its message.',
  },
  54: {
    code: 'refused',
    message: 'The gateway could not be stopped.',
    hint: 'The output quotes the message of the service manager.',
  },
  55: {
    code: 'conflict',
    message: 'Another update or restore is at work on this server, or did not finish.',
    hint: 'The server may stand in Buoy twice. Wait until the other one has ended, then start this again.',
  },
  56: {
    code: 'conflict',
    message: 'OpenClaw was replaced on the server meanwhile.',
    hint: 'Start this again if it is still needed.',
  },
  57: {
    code: 'refused',
    message: 'OpenClaw on this server does not belong to the login alone, so Buoy ran nothing of it.',
    hint: 'Let Buoy log in as the account that OpenClaw runs as and belongs to.',
  },
  58: {
    code: 'conflict',
    message: 'Node was replaced on the server meanwhile.',
    hint: 'Start the update again if it is still needed.',
  },
  59: {
    code: 'refused',
    message: 'The unit of the gateway could not be changed.',
    hint: 'The output quotes the message of systemd. A drop-in of the unit may name a Node of its own.',
  },
  60: {
    code: 'node_missing',
    message: 'OpenClaw does not start with this Node.',
    hint: 'Choose another version. The output quotes its message.',
  },
  61: {
    code: 'not_ready',
    message: 'The new version does not answer as it should.',
    hint: 'The output quotes what it said.',
  },
  62: {
    code: 'refused',
    message: 'The installer of Ollama failed.',
    hint: 'The output quotes its message.',
  },
  70: {
    code: 'not_found',
    message: 'The archive of the snapshot is not on the server any more.',
    hint: 'Choose another snapshot.',
  },
  71: {
    code: 'checksum_mismatch',
    message: 'The archive of the snapshot is not the one that was made, so it was not restored.',
    hint: 'Someone or a faulty disk changed it. Choose another snapshot.',
  },
  72: {
    code: 'refused',
    message: 'The archive of the snapshot cannot be restored.',
    hint: 'The output says why. Choose another snapshot.',
  },
  73: {
    code: 'refused',
    message: 'The snapshot is of another folder than the one that OpenClaw has on this server.',
    hint: 'Paths of it stand in the config and the databases: let Buoy log in to both servers as accounts with the same home.',
  },
  74: {
    code: 'refused',
    message: 'The keys of the other server could not be left out, so nothing was restored.',
    hint: 'The output quotes the message.',
  },
  26: {
    code: 'refused',
    message: 'The server lacks a program that this needs.',
    hint: 'Install curl or wget, tar, gzip and coreutils with its package manager.',
  },
  27: {
    code: 'refused',
    message: 'What Buoy has sent is not on the server any more.',
    hint: 'Start this again. Another Buoy may install on the same account.',
  },
};

/**
 * The output of the task quotes what the script has said.
 * @returns null for success
 */
export function installFailure(
  exitCode: number,
  what: 'installation' | 'update' | 'restore' | 'snapshot' = 'installation',
): AppError | null {
  if (exitCode === 0) return null;
  const known = failures[exitCode];
  if (known === undefined)
    return new AppError('refused', `The ${what} failed on the server (exit code ${exitCode}).`, {
      hint: 'The output quotes its message.',
    });
  return new AppError(known.code, known.message, { hint: known.hint });
}
