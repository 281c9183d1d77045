// Checks of Buoy's machine: clock, disk space, port, certificate.
import { X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import path from 'node:path';
import { z } from 'zod';
import { type Config, programEnvironment } from '../config.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { createLogger } from '../lib/create-logger.ts';
import { runProgram } from '../lib/run-program.ts';
import { urlAt } from '../lib/urls.ts';
import { expectFree } from '../listening.ts';
import { openTlsFiles } from '../tls-files.ts';
import { type CheckResult, ok, problem } from './check-result.ts';

const PROGRAM_MS = 5_000;
const ANSWER_MS = 5_000;
const MAX_ANSWER_BYTES = 4_096;
/** Milliseconds that a file may be ahead of the clock: file systems round. */
const AHEAD_MS = 60_000;
/** Bytes that are too few for a database and its backups to grow in. */
const LITTLE_SPACE = 500_000_000;
const FEW_FILES = 1_000;
const DAY_MS = 86_400_000;
/** Days; what renews certificates does so long before. */
const SOON_DAYS = 14;

/** @param timedatectl the program of systemd that knows whether the clock is kept right */
export async function checkClock(
  dataDir: string,
  { clock, timedatectl = 'timedatectl' }: { clock: Clock; timedatectl?: string },
): Promise<CheckResult> {
  const now = clock.now();
  const written = statSync(path.join(dataDir, 'buoy.lock'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const folder = Math.max(written, statSync(dataDir).mtimeMs);
  if (folder > now + AHEAD_MS)
    return problem(
      'clock',
      `it is ${isoTime(now)}, and DATA_DIR was written at ${isoTime(folder)}.`,
      'The clock was set back or is behind: set it, and turn on time synchronization (timedatectl set-ntp true).',
    );
  const synchronized = await runProgram(timedatectl, ['show', '--property=NTPSynchronized', '--value'], {
    environment: programEnvironment(),
    deadlineMs: PROGRAM_MS,
    signal: AbortSignal.timeout(PROGRAM_MS),
  }).then(
    ({ code, stdout }) => (code === 0 ? stdout.trim() : ''),
    () => '',
  );
  if (synchronized === 'no')
    return problem(
      'clock',
      `it is ${isoTime(now)}, and time synchronization is off.`,
      'Sign-ins and certificates need the right time: timedatectl set-ntp true',
    );
  return ok(
    'clock',
    `it is ${isoTime(now)}${synchronized === 'yes' ? ', synchronized over the network.' : '.'}`,
  );
}

export async function checkDisk(dataDir: string, littleSpace = LITTLE_SPACE): Promise<CheckResult> {
  const { bavail, bsize, files, ffree } = await statfs(dataDir);
  const free = bavail * bsize;
  const words = `${Math.floor(free / 1_000_000)} MB are free under ${dataDir}`;
  if (free < littleSpace)
    return problem('disk', `${words}.`, 'Free some space: on a full disk changes are refused.');
  // Some file systems count no files.
  if (files > 0 && ffree < FEW_FILES)
    return problem(
      'disk',
      `${words}, and room for ${ffree} files.`,
      'Remove files that are no longer needed.',
    );
  return ok('disk', `${words}.`);
}

type Listening = Pick<Config, 'host' | 'port' | 'tls'>;

export async function checkPort({ host, port, tls }: Listening): Promise<CheckResult> {
  const scheme = tls === null ? 'http' : 'https';
  const url = urlAt(host, port, scheme);
  const answer = await healthAt(url);
  if (answer !== null) return ok('port', `Buoy ${answer} answers at ${url}.`);
  try {
    await expectFree(host, port);
  } catch (error) {
    return problem(
      'port',
      error instanceof Error ? error.message : String(error),
      `To see the program: ss -ltnp 'sport = :${port}'`,
    );
  }
  return problem(
    'port',
    `nothing answers at ${url}: Buoy is not running, or it runs with other settings.`,
    'Start it, and read its log: systemctl start buoy; journalctl -u buoy',
  );
}

/** What Buoy says of itself; another program that has its port may say anything, for as long as it likes. */
const healthAnswer = z.object({
  status: z.literal('ok'),
  version: z
    .string()
    .max(50)
    .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/),
});

/** The version of the Buoy that answers there; null: none does. */
function healthAt(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const ask = url.startsWith('https') ? requestTls : request;
    // The name in the certificate is the one for people.
    const options = { signal: AbortSignal.timeout(ANSWER_MS), rejectUnauthorized: false };
    const sent = ask(`${url}/api/health`, options, async (response) => {
      let text = '';
      try {
        for await (const chunk of response) {
          text += String(chunk);
          if (text.length > MAX_ANSWER_BYTES) throw new Error('This is not the answer of Buoy.');
        }
        resolve(healthAnswer.parse(JSON.parse(text)).version);
      } catch {
        resolve(null);
      }
    });
    sent.on('error', () => resolve(null));
    sent.end();
  });
}

/** @throws ConfigError when the files are no certificate and its key */
export function checkCertificate(tls: NonNullable<Config['tls']>, clock: Clock): CheckResult {
  const { cert } = openTlsFiles(tls, { clock, logger: createLogger('silent') }).current();
  const until = new X509Certificate(cert).validToDate.getTime();
  const days = Math.floor((until - clock.now()) / DAY_MS);
  const advice = 'Renew it; Buoy takes the new files without a restart.';
  if (days < 0) return problem('certificate', `it expired at ${isoTime(until)}.`, advice);
  if (days < SOON_DAYS) return problem('certificate', `it expires in ${days} days.`, advice);
  return ok('certificate', `valid for ${days} days.`);
}
