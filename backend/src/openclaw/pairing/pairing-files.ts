// The pairing requests of versions that cannot list them by RPC (2026.7.35): read from OpenClaw's files over SSH, in a tenth of a second
// where its command takes 6 s and 400 MB.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { PairingRequest } from '@buoy/contract';
import { isObject } from '@buoy/contract/config-patch';
import type { Clock } from '../../lib/clock.ts';
import type { CallOptions } from '../../ssh/ssh.ts';
import { parseJson } from '../gateway/json-limits.ts';
import type { RunAsGateway } from '../host/as-gateway.ts';
import type { Installations } from '../host/installation.ts';
import { fromStored, storedRequests } from './requests.ts';

/** Files, one for each channel, of which OpenClaw knows some thirty. The error for one that is no JSON takes 5 µs. */
const MAX_FILES = 200;
/** Requests in all files together; OpenClaw keeps three of an account (2026.7.35). */
const MAX_REQUESTS = 1_000;

const script = readFileSync(new URL('pairing-files.sh', import.meta.url), 'utf8');

export type PairingFiles = (serverId: string, options: CallOptions) => Promise<PairingRequest[]>;

export function createPairingFiles({
  runAsGateway,
  installations,
  clock,
}: {
  runAsGateway: RunAsGateway;
  installations: Installations;
  clock: Clock;
}): PairingFiles {
  return async (serverId, options) => {
    const { configPath } = await installations.find(serverId, options);
    if (configPath === null) return [];
    const { stdout } = await runAsGateway(serverId, script, [path.posix.dirname(configPath)], {
      ...options,
      reads: true,
    });
    return pairingInFiles(stdout, clock.now());
  };
}

/** @param printed by pairing-files.sh; a file that is being written or is broken counts as empty */
export function pairingInFiles(printed: string, nowMs: number): PairingRequest[] {
  const lines = printed.split('\n', 2 * MAX_FILES);
  const requests: PairingRequest[] = [];
  // Counted as they are written: those that are expired or unreadable take as long.
  let left = MAX_REQUESTS;
  for (let at = 0; at + 1 < lines.length && left > 0; at += 2) {
    const channel = lines[at]!.replace(/-pairing\.json$/, '');
    const written = parseJson(lines[at + 1]!);
    if (isObject(written) && Array.isArray(written.requests)) left -= written.requests.length;
    const stored = storedRequests.safeParse(written);
    if (stored.success) requests.push(...fromStored(channel, stored.data, nowMs));
  }
  return requests;
}
