// Exits with 0 when the Buoy with these settings answers on this machine, else with 1. For root, who knows the account of an installed Buoy
// (BUOY_ACCOUNT), the answer must come from that account.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';

const { HOST = '', PORT = '', TLS_CERT = '', BUOY_ACCOUNT = '' } = process.env;
const everywhere = ['', '0.0.0.0', '::'];
const options = {
  host: everywhere.includes(HOST) ? (HOST === '::' ? '::1' : '127.0.0.1') : HOST,
  port: PORT || 8080,
  path: '/api/health',
  // For the whole call: root waits for this during an install, and another program may hold the port.
  signal: AbortSignal.timeout(3_000),
  // This is a local request, so the certificate's host name does not match.
  rejectUnauthorized: false,
};
// The status says it all: the body, which may have no end, is left unread.
const sent = (TLS_CERT === '' ? request : requestTls)(options, ({ statusCode, socket }) =>
  process.exit(statusCode === 200 && isOfBuoy(socket) ? 0 : 1),
);
sent.on('error', () => process.exit(1));
sent.end();

/** Whether the other end of this connection is held by Buoy's account: another one may have the port, or had it until a moment ago. */
function isOfBuoy({ localPort, remotePort }) {
  if (BUOY_ACCOUNT === '') return true;
  const [account] = BUOY_ACCOUNT.split(':');
  const [there, here] = [remotePort, localPort].map(
    (port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`,
  );
  const ends = connections().filter(({ local, remote }) => local.endsWith(there) && remote.endsWith(here));
  return ends.length > 0 && ends.every(({ uid }) => uid === account);
}

/** Those of this machine, as proc_net(5) has them; a machine without IPv6 lacks one of the files. */
function connections() {
  return ['tcp', 'tcp6'].flatMap((name) => {
    try {
      const rows = readFileSync(`/proc/net/${name}`, 'utf8').trim().split('\n').slice(1);
      return rows.map((row) => {
        const [, local, remote, , , , , uid] = row.trim().split(/\s+/);
        return { local, remote, uid };
      });
    } catch {
      return [];
    }
  });
}
