// The certificate for Buoy's own HTTPS: checked at start, and reloaded when its files change.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ConfigError } from './config.ts';
import type { Clock } from './lib/clock.ts';
import type { Logger } from './lib/logger.ts';

/** Milliseconds: a renewed certificate is served a few seconds after it was written. Watching would miss a link that is turned over. */
const CHECK_INTERVAL_MS = 5_000;

export type TlsPair = { cert: Buffer; key: Buffer };

export type TlsFiles = {
  /** As they are now. */
  current(): TlsPair;
  /** Calls `serve` with each pair that comes after the current one, until the answer is called. */
  follow(serve: (pair: TlsPair) => void): () => void;
};

/** @throws ConfigError with one sentence when the files cannot be read, or are no certificate and its key */
export function openTlsFiles(
  files: { cert: string; key: string },
  { clock, logger }: { clock: Clock; logger: Logger },
): TlsFiles {
  let current: TlsPair = { cert: bytesOf('TLS_CERT', files.cert), key: bytesOf('TLS_KEY', files.key) };
  warnOfEnd(prove(current, files));
  /** What was read last, good or not: each change is told of once. */
  let seen: TlsPair | null = current;

  function warnOfEnd({ validToDate }: X509Certificate): void {
    if (validToDate.getTime() <= clock.now())
      logger.warn({ endedAt: validToDate.toISOString() }, 'the certificate in TLS_CERT has expired');
  }

  async function check(serve: (pair: TlsPair) => void): Promise<void> {
    try {
      const read = { cert: await readFile(files.cert), key: await readFile(files.key) };
      if (seen !== null && read.cert.equals(seen.cert) && read.key.equals(seen.key)) return;
      seen = read;
      const certificate = prove(read, files);
      serve(read);
      current = read;
      warnOfEnd(certificate);
      logger.info(
        { until: certificate.validToDate.toISOString() },
        'the certificate has changed and is served from now on',
      );
    } catch (error) {
      const isNews = seen !== null;
      // Half-written files are complete at the next check.
      if (error instanceof ConfigError)
        return logger.warn(`${error.message} The previous certificate stays in use.`);
      seen = null;
      if (isNews)
        logger.warn(
          { err: error },
          'TLS_CERT and TLS_KEY cannot be read; the previous certificate stays in use',
        );
    }
  }

  return {
    current: () => current,
    follow(serve) {
      let stopped = false;
      let cancel = (): void => undefined;
      const wait = (): void => {
        if (!stopped) cancel = clock.after(CHECK_INTERVAL_MS, () => void check(serve).finally(wait));
      };
      wait();
      return () => {
        stopped = true;
        cancel();
      };
    },
  };
}

function bytesOf(setting: 'TLS_CERT' | 'TLS_KEY', file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`${setting} takes a PEM file that Buoy can read; "${file}" is not one (${code}).`, {
      cause,
    });
  }
}

/** @throws ConfigError */
function prove({ cert, key }: TlsPair, files: { cert: string; key: string }): X509Certificate {
  const certificate = partOf(
    () => new X509Certificate(cert),
    `TLS_CERT takes a PEM file with a certificate, then those that signed it; "${files.cert}" holds none.`,
  );
  const privateKey = partOf(
    () => createPrivateKey(key),
    `TLS_KEY takes a PEM file with a private key without a passphrase; "${files.key}" holds none.`,
  );
  if (!certificate.checkPrivateKey(privateKey))
    throw new ConfigError(
      `TLS_KEY takes the private key of the certificate in TLS_CERT; "${files.key}" holds another one.`,
    );
  partOf(
    () => createSecureContext({ cert, key }),
    `TLS_CERT takes a certificate and a key that are strong enough; "${files.cert}" cannot be served.`,
  );
  return certificate;
}

function partOf<T>(read: () => T, complaint: string): T {
  try {
    return read();
  } catch (cause) {
    throw new ConfigError(complaint, { cause });
  }
}
