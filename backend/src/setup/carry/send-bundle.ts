// Sends a bundle to a server part by part, each checked there, and after a break only what is missing.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { readKeyValues } from '../../openclaw/host/key-values.ts';
import { factsPreamble } from '../../openclaw/host/scripts.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { type StepContext, serverOf } from '../../tasks/task-kind.ts';
import { GB, size } from '../check.ts';
import type { Bundle, BundlePart } from './bundle.ts';
import { inParallel } from './in-parallel.ts';

const receiveScript = `${factsPreamble}\n${readFileSync(new URL('receive.sh', import.meta.url), 'utf8')}`;
/**
 * Writes a part that comes by standard input; `$1` the name of the bundle, `$2` that of the part, `$3` its SHA-256. Without single
 * quotes, backslashes, exclamation marks and line breaks: it stands between single quotes for the login shell, which may be any.
 */
const RECEIVE_PART = [
  'umask 077; cd "$HOME/.buoy/carried/$1" || exit 3; cat >".$2.$$"',
  '&& [ "$(sha256sum <".$2.$$" | cut -c1-64)" = "$3" ] && mv ".$2.$$" "$2" && echo buoy-received;',
  'code=$?; rm -f ".$2.$$"; exit $code',
].join(' ');
const RECEIVED = 'buoy-received';
const REMOVE = 'rm -rf "$HOME/.buoy/carried/$1"';

/** Two keep the line busy while one of them is checked. */
const PARTS_AT_ONCE = 2;
/** Milliseconds for a part: at 23 kB/s. */
const PART_MS = 180_000;
/** A part that arrives damaged is sent again. */
const MAX_DAMAGED = 3;
/** Milliseconds to remove what was sent from a server that may be out of reach. */
const REMOVE_MS = 20_000;
const MAX_OUTPUT_BYTES = 16 * 1024;
const KIB = 1024;

/** What the scripts need to find a bundle on the server: variables of carried.sh. */
export const carriedBundle = z.object({
  CARRIED: z.string(),
  CARRIED_SHA256: z.string(),
  CARRIED_INDEX_BYTES: z.string(),
});
export type CarriedBundle = z.output<typeof carriedBundle>;

type Sending = {
  ssh: Pick<Ssh, 'script' | 'exec'>;
  /** Milliseconds for all of it, outages of the server included. */
  deadlineMs: number;
};

/**
 * @param installedBytes what the script will write besides
 * Throws AppError `disk_full` before it sends anything that would not fit, and what the connection throws.
 */
export async function sendBundle(
  { ssh, deadlineMs }: Sending,
  context: StepContext<unknown, unknown>,
  bundle: Bundle,
  installedBytes: number,
): Promise<CarriedBundle> {
  const serverId = serverOf(context);
  const name = bundle.sha256.slice(0, 32);
  const there = await partsOn({ ssh, deadlineMs }, context, name);
  const missing = bundle.parts.filter(({ number }) => !there.parts.has(nameOf(number)));
  const missingBytes = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  expectRoom(there.freeBytes, missingBytes + bundle.sizeBytes + installedBytes);
  const again = missing.length < bundle.parts.length ? ', which is what is missing there' : '';
  context.output(`Sending ${size(missingBytes)} to the server${again}.\n`);
  let sentBytes = bundle.sizeBytes - missingBytes;
  const showProgress = () => {
    context.detail(`Sent ${size(sentBytes)} of ${size(bundle.sizeBytes)}.`);
    context.progress(0.3 + (0.4 * sentBytes) / bundle.sizeBytes);
  };
  showProgress();
  await inParallel(missing, PARTS_AT_ONCE, async (part) => {
    const bytes = await bundle.read(part);
    for (let count = 1; ; count += 1) {
      const arrived = await reachServer(context, deadlineMs, async ({ signal }) => {
        await context.expectAllowed();
        return sendPart(ssh, serverId, { name, part, bytes, signal });
      });
      if (arrived) break;
      if (count === MAX_DAMAGED)
        throw new AppError('checksum_mismatch', 'What Buoy sends does not arrive at the server as it was.', {
          hint: 'Check the memory and the disk of the server, then start this again.',
        });
    }
    sentBytes += part.sizeBytes;
    showProgress();
  });
  context.output(`Sent. SHA-256 of it all: ${bundle.sha256}\n`);
  return {
    CARRIED: name,
    CARRIED_SHA256: bundle.sha256,
    CARRIED_INDEX_BYTES: String(bundle.indexBytes),
  };
}

/** Removes what was sent, where no script has used it. Best effort: what stays is removed by the next one that is sent, after a day. */
export async function removeBundle(
  { ssh }: Pick<Sending, 'ssh'>,
  serverId: string,
  { CARRIED }: Pick<CarriedBundle, 'CARRIED'>,
): Promise<void> {
  await ssh.script(serverId, REMOVE, [CARRIED], { deadlineMs: REMOVE_MS }).catch(() => undefined);
}

async function partsOn(
  { ssh, deadlineMs }: Sending,
  context: StepContext<unknown, unknown>,
  name: string,
): Promise<{ parts: ReadonlySet<string>; freeBytes: number | null }> {
  const values = await reachServer(context, deadlineMs, async (limits) =>
    readKeyValues(
      await ssh.script(serverOf(context), receiveScript, [name], {
        ...limits,
        maxOutputBytes: MAX_OUTPUT_BYTES,
      }),
    ),
  );
  const freeKiB = values.count('freeKiB');
  const freeBytes = freeKiB === null ? null : freeKiB * KIB;
  if (values.text('problem') !== null) {
    expectRoom(freeBytes, KIB * KIB);
    throw new AppError('refused', 'The server has no place for what Buoy sends.', {
      hint: 'Check that the home of the login is writable: Buoy keeps its files in ~/.buoy.',
    });
  }
  return { parts: new Set((values.text('parts') ?? '').split(' ')), freeBytes };
}

function expectRoom(freeBytes: number | null, neededBytes: number): void {
  if (freeBytes === null || freeBytes >= neededBytes) return;
  throw new AppError(
    'disk_full',
    `This needs ${size(neededBytes)} on the server, and ${size(freeBytes)} are free.`,
    { hint: `Free some space in the home of the login (${size(2 * GB)} are enough), then start this again.` },
  );
}

/** False for a part that arrived damaged. Throws AppError. */
async function sendPart(
  ssh: Pick<Ssh, 'exec'>,
  serverId: string,
  { name, part, bytes, signal }: { name: string; part: BundlePart; bytes: Buffer; signal: AbortSignal },
): Promise<boolean> {
  const words = [name, nameOf(part.number), part.sha256].join(' ');
  const { exitCode, stdout, stderr } = await ssh.exec(
    serverId,
    `exec /bin/sh -c '${RECEIVE_PART}' sh ${words}`,
    {
      ...{ stdin: bytes, deadlineMs: PART_MS, signal, maxOutputBytes: MAX_OUTPUT_BYTES },
    },
  );
  if (exitCode === 0 && stdout.split('\n').includes(RECEIVED)) return true;
  if (exitCode === null) throw new AppError('unreachable', 'The connection to the server was lost.');
  if (/No space left on device|Disk quota exceeded/.test(stderr))
    throw new AppError('disk_full', 'The disk of the server is full.', {
      hint: 'Free some space in the home of the login, then start this again.',
    });
  if (exitCode === 1 && stderr.trim() === '') return false;
  throw new AppError('refused', 'The server does not take what Buoy sends.', {
    hint: 'Check that the account runs commands, and that its home is writable.',
  });
}

/** As carried.sh finds them: four digits, in their order. */
function nameOf(number: number): string {
  return String(number).padStart(4, '0');
}
