// Exits with 0 when the Buoy with these settings answers on this machine, else with 1.
import { request } from 'node:http';
import { request as requestTls } from 'node:https';

const { HOST = '', PORT = '', TLS_CERT = '' } = process.env;
const everywhere = ['', '0.0.0.0', '::'];
const options = {
  host: everywhere.includes(HOST) ? (HOST === '::' ? '::1' : '127.0.0.1') : HOST,
  port: PORT || 8080,
  path: '/api/health',
  timeout: 3_000,
  // This is a local request, so the certificate's host name does not match.
  rejectUnauthorized: false,
};
const sent = (TLS_CERT === '' ? request : requestTls)(options, (response) => {
  response.resume();
  process.exitCode = response.statusCode === 200 ? 0 : 1;
});
sent.on('timeout', () => sent.destroy(new Error('no answer')));
sent.on('error', () => {
  process.exitCode = 1;
});
sent.end();
