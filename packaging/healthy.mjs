// Exits with 0 when the Buoy with these settings answers on this machine, else with 1.
import { request } from 'node:http';
import { request as requestTls } from 'node:https';

const { HOST = '', PORT = '', TLS_CERT = '' } = process.env;
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
const sent = (TLS_CERT === '' ? request : requestTls)(options, ({ statusCode }) =>
  process.exit(statusCode === 200 ? 0 : 1),
);
sent.on('error', () => process.exit(1));
sent.end();
