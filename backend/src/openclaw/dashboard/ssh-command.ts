// The SSH command to reach the Control UI without Buoy: a tunnel with one's own login.
import { quote } from '../../ssh/quote.ts';
import type { SshTarget } from '../../ssh/ssh.ts';

/** Before 9.6, ssh hands names to a shell where a jump server or the person's own config uses them (CVE-2023-51385): nothing else is safe there. */
const plain = { login: /^\w[\w.-]*$/, address: /^[\w.:-]+$/ };

/**
 * A command for a person's own terminal; the Control UI is then at `http://127.0.0.1:<port>/`.
 * @returns null when a login name or an address cannot be written safely
 */
export function tunnelCommand(
  target: Pick<SshTarget, 'host' | 'port' | 'username' | 'jump'>,
  port: number,
): string | null {
  const { jump } = target;
  for (const { username, host } of jump === null ? [target] : [target, jump])
    if (!plain.login.test(username) || !plain.address.test(host)) return null;
  return [
    'ssh -N',
    `-L ${port}:127.0.0.1:${port}`,
    ...(jump === null ? [] : [`-J ${quoted(`${jump.username}@${bracketed(jump.host)}:${jump.port}`)}`]),
    ...(target.port === 22 ? [] : [`-p ${target.port}`]),
    `${target.username}@${target.host}`,
  ].join(' ');
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Some shells take brackets for a pattern. */
function quoted(text: string): string {
  return text.includes('[') ? quote(text) : text;
}
