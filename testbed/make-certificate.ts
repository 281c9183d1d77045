// Certificates for tests, as openssl makes them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export type CertificateFiles = { cert: string; key: string };

/**
 * A self-signed certificate of `name` and this machine in `folder`.
 * @param days negative: it has ended already
 * @param others more host names that it is for
 */
export function makeCertificate(
  folder: string,
  name: string,
  days = 30,
  others: readonly string[] = [],
): CertificateFiles {
  const names = ['localhost', 'buoy.lan', name, ...others].map((one) => `DNS:${one}`).join(',');
  const files = { cert: path.join(folder, `${name}.crt`), key: path.join(folder, `${name}.key`) };
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', files.key, '-out', files.cert, '-days', String(days), '-subj', `/CN=${name}`],
      ...['-addext', `subjectAltName=${names},IP:127.0.0.1`],
    ],
    { stdio: 'pipe' },
  );
  return files;
}

export const contentOf = ({ cert, key }: CertificateFiles) => ({
  cert: readFileSync(cert),
  key: readFileSync(key),
});
