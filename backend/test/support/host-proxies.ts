// Caddy and nginx of Debian on a host, set up as docs/reverse-proxy.md says.
import { readFileSync } from 'node:fs';
import { makeCertificate } from '../../../testbed/make-certificate.ts';
import { until } from '../../../testbed/until.ts';
import { codeBlocks, codeBlockWith } from './doc-page.ts';
import { commandIn, type InstalledHost } from './installed-host.ts';

const page = 'docs/reverse-proxy.md';
/** Milliseconds. */
const CERTIFIED_MS = 60_000;

/** Gives Buoy the settings of the page, once. */
export async function setForProxy({ asRoot }: InstalledHost): Promise<void> {
  const settings = codeBlockWith(page, 'sh', 'APP_DOMAIN=');
  const file = '/etc/buoy/buoy.env';
  await asRoot(`grep -q ^APP_DOMAIN= ${file} || cat >>${file} <<'END'\n${settings}END`);
  await asRoot(commandIn(page, 'systemctl restart buoy'));
}

/** With its own certificates, as the page describes for private names. @returns the CA that a client has to trust */
export async function setUpCaddy({ asRoot, write, host }: InstalledHost): Promise<string> {
  await asRoot('apt-get update -qq; apt-get install -y -qq caddy');
  const internal = commandIn(page, 'tls internal');
  const [caddyfile = ''] = codeBlocks(page, 'caddyfile');
  await write('/etc/caddy/Caddyfile', caddyfile.replaceAll('{\n', `{\n\t${internal}\n`));
  await asRoot(commandIn(page, 'caddy validate --config /etc/caddy/Caddyfile'));
  await asRoot(commandIn(page, 'systemctl reload caddy'));
  const authority = commandIn(page, '/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt');
  return until(CERTIFIED_MS, async () => (await host.exec(`cat ${authority}`)).stdout || null);
}

/**
 * In place of Caddy, with a certificate where certbot would put it.
 * @param folder for the certificate files
 * @returns the CA that a client has to trust
 */
export async function setUpNginx({ asRoot, write }: InstalledHost, folder: string): Promise<string> {
  await asRoot('systemctl disable -q --now caddy; apt-get install -y -qq nginx');
  const { cert, key } = makeCertificate(folder, 'buoy.example.org', 30, ['control.buoy.example.org']);
  const certbots = '/etc/letsencrypt/live/buoy.example.org';
  await write(`${certbots}/fullchain.pem`, readFileSync(cert, 'utf8'));
  await write(`${certbots}/privkey.pem`, readFileSync(key, 'utf8'));
  await write('/etc/nginx/conf.d/buoy.conf', codeBlocks(page, 'nginx')[0] ?? '');
  await asRoot(commandIn(page, 'nginx -t'));
  await asRoot(commandIn(page, 'systemctl reload nginx'));
  return readFileSync(cert, 'utf8');
}
