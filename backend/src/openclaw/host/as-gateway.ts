// Runs scripts on a server as the account of its gateway, which chooses the paths that they work on.
import { AppError } from '../../lib/app-error.ts';
import type { CallOptions, ExecResult, Ssh } from '../../ssh/ssh.ts';
import type { Installations } from './installation.ts';
import { asGatewayScript } from './scripts.ts';

/** Exit codes of as-gateway.sh; those of the scripts that it runs are others. */
const ACCOUNT_UNKNOWN = 13;
const ACCOUNT_OUT_OF_REACH = 14;

export type RunAsGatewayOptions = CallOptions & {
  maxOutputBytes?: number;
  /** The name of a file in the home of the login that becomes the standard input of the script; it is removed. */
  input?: string;
  /** The script only reads, and opens nothing that the account in ACCOUNT_THAT_OWNS does not own. */
  reads?: boolean;
};

/**
 * Runs a POSIX script with `words` as $1…. Throws AppError: `not_installed` without OpenClaw, `refused` when the account cannot be told or, unless
 * the script only reads, when the login may not run programs as that account.
 */
export type RunAsGateway = (
  serverId: string,
  script: string,
  words: readonly string[],
  options: RunAsGatewayOptions,
) => Promise<ExecResult>;

export function createRunAsGateway({
  ssh,
  installations,
}: {
  ssh: Pick<Ssh, 'script'>;
  installations: Pick<Installations, 'find' | 'access'>;
}): RunAsGateway {
  return async (serverId, script, words, { input = '', reads = false, ...limits }) => {
    const { configPath } = await installations.find(serverId, limits);
    const { port, account } = await installations.access(serverId, limits);
    const context = [configPath ?? '', String(port), account ?? '', input, reads ? 'read' : ''];
    const result = await ssh.script(serverId, asGatewayScript, [...context, script, ...words], limits);
    if (result.exitCode === ACCOUNT_UNKNOWN)
      throw new AppError(
        'refused',
        'Buoy cannot tell which account the gateway runs as, so it leaves its files alone.',
        { hint: 'The config file and the port of the gateway must belong to one account that has a name.' },
      );
    if (result.exitCode === ACCOUNT_OUT_OF_REACH)
      throw new AppError(
        'refused',
        'The gateway runs as another account, and the login may not run programs as that account.',
        { hint: 'Let the login do so by sudo without a password, or log in as that account.' },
      );
    return result;
  };
}
