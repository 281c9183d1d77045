// The way to the Control UI without Buoy: a tunnel by one's own SSH login.
import { quote } from '../../ssh/quote.ts';
import type { SshTarget } from '../../ssh/ssh.ts';

/** A command for a person's own terminal; the Control UI is then at `http://127.0.0.1:<port>/`. */
export function tunnelCommand(target: Omit<SshTarget, 'credential' | 'hostKey'>, port: number): string {
  const { jump } = target;
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
