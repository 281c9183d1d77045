// Reads from a server what it has and lacks for OpenClaw.
import { readFileSync } from 'node:fs';
import type { Downloader, Prerequisite } from '@buoy/contract';
import type { Clock } from '../lib/clock.ts';
import { createSharedWork } from '../lib/shared-work.ts';
import { createSlots, type Slots } from '../lib/slots.ts';
import type { Installations } from '../openclaw/host/installation.ts';
import { readKeyValues } from '../openclaw/host/key-values.ts';
import { factsPreamble } from '../openclaw/host/scripts.ts';
import type { CallOptions, Ssh } from '../ssh/ssh.ts';
import type { Downloads } from './downloads.ts';
import { hasNoWayOut } from './network-checks.ts';
import { readPrerequisiteFacts } from './prerequisite-facts.ts';
import { prerequisitesOf } from './prerequisites.ts';

/** Milliseconds of the whole check; the script gives no program more than 6 s, and asks the network beside the rest. */
const CHECK_DEADLINE_MS = 20_000;
/** Bytes: some seventy short lines. */
const MAX_OUTPUT_BYTES = 64 * 1024;
/** Checks of one server at a time, for ports that the callers choose: fewer than the places that Buoy has there. More wait, up to a bound. */
const MAX_AT_ONCE = 2;
const MAX_WAITING = 50;

/** Parameters: in the file. */
export const checkPrereqsScript = [
  factsPreamble,
  readFileSync(new URL('check-prereqs.sh', import.meta.url), 'utf8'),
].join('\n');

export type PrerequisiteAnswer = {
  ready: boolean;
  checks: Prerequisite[];
  /** Who would download: Buoy where the server has no way out and Buoy has one. */
  via: Downloader;
  observedAt: string;
};

/** Joins the check of that server for that port that runs. Throws AppError. */
export type CheckPrerequisites = (
  serverId: string,
  options: { port: number; signal?: AbortSignal },
) => Promise<PrerequisiteAnswer>;

export function createCheckPrerequisites({
  ssh,
  installations,
  downloads,
  reachesDownloads,
  clock,
}: {
  ssh: Pick<Ssh, 'script'>;
  installations: Pick<Installations, 'inspect'>;
  downloads: Downloads;
  /** Whether Buoy itself reaches the sources; asked only where the server does not. Never throws. */
  reachesDownloads: () => Promise<boolean>;
  clock: Clock;
}): CheckPrerequisites {
  const { registry, mirror } = downloads;
  const places = new Map<string, Slots>();

  const inTurn = async <T>(serverId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    const slots = places.get(serverId) ?? createSlots({ limit: MAX_AT_ONCE, maxWaiting: MAX_WAITING });
    places.set(serverId, slots);
    const leave = await slots.acquire(signal);
    try {
      return await work();
    } finally {
      leave();
      if (slots.inUse() === 0) places.delete(serverId);
    }
  };

  const check = async (serverId: string, port: number, signal: AbortSignal): Promise<PrerequisiteAnswer> => {
    const endsAtMs = clock.now() + CHECK_DEADLINE_MS;
    const limits = (): CallOptions => ({ deadlineMs: Math.max(1, endsAtMs - clock.now()), signal });
    // Also connects, so that the times below are those of the script alone.
    const inspection = await installations.inspect(serverId, limits());
    const sentMs = clock.now();
    const result = await ssh.script(
      serverId,
      checkPrereqsScript,
      [
        port.toString(16).toUpperCase().padStart(4, '0'),
        ...(mirror === null
          ? [registry.url, registry.name, '', '']
          : [registry.url, registry.name, mirror.url, mirror.name]),
        inspection.installation.binaryPath ?? '',
      ],
      { ...limits(), maxOutputBytes: MAX_OUTPUT_BYTES },
    );
    const exchange = { sentMs, receivedMs: clock.now() };
    const facts = readPrerequisiteFacts(readKeyValues(result));
    const via = hasNoWayOut(facts, downloads) && (await reachesDownloads()) ? 'buoy' : 'server';
    return {
      ...prerequisitesOf({ facts, inspection, downloads, port, exchange, via }),
      via,
      observedAt: new Date(exchange.receivedMs).toISOString(),
    };
  };
  const shared = createSharedWork((key, signal) => {
    const [serverId, port] = JSON.parse(key) as [string, number];
    return inTurn(serverId, signal, () => check(serverId, port, signal));
  });
  return (serverId, { port, signal }) =>
    shared(JSON.stringify([serverId, port]), signal ?? new AbortController().signal);
}
