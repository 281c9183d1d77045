// Shell commands that install a public key for sshd, ready to paste.

/** The characters of host and login names that no shell gives a meaning to. */
const PLAIN = /^[A-Za-z0-9._:%-]+$/;

/** Makes a key pair where the browser cannot. */
export const keygenCommand = "ssh-keygen -t ed25519 -N '' -C buoy -f buoy_key";

/** To be run on the server by the login that Buoy will use. */
export function installCommand(publicLine: string): string {
  return `mkdir -p ~/.ssh && chmod 700 ~/.ssh && echo '${publicLine}' >> ~/.ssh/authorized_keys && chmod 600 ~/.ssh/authorized_keys`;
}

/** To be run on the person's own computer; null while the way to the server is not known, or would need quoting. */
export function loginCommand(
  publicLine: string,
  { host, port, username }: { host: string; port: string | number; username: string },
): string | null {
  const isPlain = [host, username, String(port)].every((part) => PLAIN.test(part) && !part.startsWith('-'));
  if (!isPlain) return null;
  return `ssh${String(port) === '22' ? '' : ` -p ${port}`} ${username}@${host} "${installCommand(publicLine)}"`;
}
