// The SSH command to reach the Control UI without Buoy: a tunnel with one's own login.
import { quote } from '../../ssh/quote.ts';
import type { SshTarget } from '../../ssh/ssh.ts';

/** ssh takes the value of -J apart itself and hands the parts to a shell: nothing else in a login name is safe there. */
const jumpLogin = /^\w[\w.-]*$/;

/**
 * A command for a person's own terminal; the Control UI is then at `http://127.0.0.1:<port>/`.
 * @returns null when the login name of the jump server cannot be written for ssh -J
 */
export function tunnelCommand(
  target: Pick<SshTarget, 'host' | 'port' | 'username' | 'jump'>,
  port: number,
): string | null {
  const { jump } = target;
  if (jump !== null && !jumpLogin.test(jump.username)) return null;
  return [
    'ssh -N',
    `-L ${port}:127.0.0.1:${port}`,
    ...(jump === null ? [] : [`-J ${word(`${jump.username}@${bracketed(jump.host)}:${jump.port}`)}`]),
    ...(target.port === 22 ? [] : [`-p ${target.port}`]),
    // A name that begins with a dash would be read as an option.
    ...(target.username.startsWith('-') ? ['--'] : []),
    word(`${target.username}@${target.host}`),
  ].join(' ');
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function word(text: string): string {
  return /^[\w@.:-]+$/.test(text) && !text.startsWith('-') ? text : quote(text);
}
