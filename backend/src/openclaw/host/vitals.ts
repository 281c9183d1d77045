// What no gateway tells of its host: how its clock differs, the inodes left, and when the gateway's certificate ends. One short script.
import { X509Certificate } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import { LAST_TIME_MS } from '../../lib/clock.ts';
import type { CallOptions, Ssh } from '../../ssh/ssh.ts';
import type { Installations } from './installation.ts';
import { type KeyValues, readKeyValues } from './key-values.ts';
import { vitalsScript } from './scripts.ts';

export type HostVitals = {
  /** Milliseconds by which the clock of the host is ahead of Buoy's at least, negative behind; null: it could not be read. */
  skewMs: number | null;
  /** Of the file system with the smallest share left, that of the login's home or of OpenClaw's folder; null: not known. */
  inodes: { total: number; free: number } | null;
  /** When the TLS certificate of the gateway ends, milliseconds since the epoch; null: it has none; undefined: it could not be read. */
  certificateEndsMs: number | null | undefined;
};

export type HostVitalsReader = {
  /** Throws AppError. */
  read(serverId: string, options: CallOptions): Promise<HostVitals>;
};

/** Bytes: a certificate of 16 KiB in base64, and what a login profile may print. */
const MAX_OUTPUT_BYTES = 64 * 1024;
/** File systems that the script tells of. */
const FILE_SYSTEMS = ['1', '2'];
/** Milliseconds: `date` cuts to the second. */
const SECOND_MS = 1_000;

export function createHostVitals(parts: {
  ssh: Pick<Ssh, 'script'>;
  installations: Pick<Installations, 'lastInspection'>;
  clock: Clock;
}): HostVitalsReader {
  const { ssh, installations, clock } = parts;
  return {
    async read(serverId, { deadlineMs, signal }) {
      const inspection = installations.lastInspection(serverId);
      const certificatePath = inspection?.certificatePath;
      const sentMs = clock.now();
      const result = await ssh.script(
        serverId,
        vitalsScript,
        [inspection?.installation.statePath ?? '', certificatePath ?? ''],
        { deadlineMs, signal, maxOutputBytes: MAX_OUTPUT_BYTES },
      );
      const receivedMs = clock.now();
      const values = readKeyValues(result);
      const clockS = values.count('clockS');
      return {
        skewMs: clockS === null ? null : skewOf(clockS * SECOND_MS, sentMs, receivedMs),
        inodes: inodesIn(values),
        certificateEndsMs:
          inspection !== null && certificatePath === undefined ? null : endOf(values.decoded('certificate')),
      };
    },
  };
}

/**
 * The host read its clock at some time between the call and its answer: only what it is outside of these counts, so that a slow connection is
 * no wrong clock.
 */
function skewOf(hostMs: number, sentMs: number, receivedMs: number): number {
  if (hostMs > receivedMs) return hostMs - receivedMs;
  return Math.min(0, hostMs + SECOND_MS - sentMs);
}

function inodesIn(values: KeyValues): HostVitals['inodes'] {
  let fewest: HostVitals['inodes'] = null;
  for (const number of FILE_SYSTEMS) {
    const total = values.count(`inodes${number}`);
    const free = values.count(`inodesFree${number}`);
    // Some file systems have no fixed number, and say 0.
    if (total === null || free === null || total === 0) continue;
    const left = Math.min(free, total);
    if (fewest === null || left / total < fewest.free / fewest.total) fewest = { total, free: left };
  }
  return fewest;
}

/** Of the first certificate, which is the gateway's own. */
function endOf(pem: string | null): number | undefined {
  if (pem === null) return undefined;
  try {
    const endsMs = new X509Certificate(pem).validToDate.getTime();
    return Number.isFinite(endsMs) ? Math.min(endsMs, LAST_TIME_MS) : undefined;
  } catch {
    return undefined;
  }
}
