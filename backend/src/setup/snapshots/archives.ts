// The archives of snapshots on a server: what Buoy asks of them over SSH. The server is not believed: what it names is checked against the record.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SetupSnapshotTable } from '../../db/schema.ts';
import { AppError } from '../../lib/app-error.ts';
import { readKeyValues } from '../../openclaw/host/key-values.ts';
import { ownerPreamble } from '../../openclaw/host/scripts.ts';
import type { CallOptions, ExecResult, Ssh } from '../../ssh/ssh.ts';
import { installFailure } from '../install-failures.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const places = load('../update/archives.sh');
const behindPlaces = (name: string) => [places, load(name)].join('\n');
const factsScript = behindPlaces('archive-facts.sh');
const pieceScript = behindPlaces('read-archive.sh');
const removeScript = behindPlaces('remove-archives.sh');
const verifyScript = [ownerPreamble, behindPlaces('verify-archive.sh')].join('\n');

/** `$1` the task, `$2` KiB of the archive. */
export const beginCarryingScript = behindPlaces('begin-carrying.sh');
/** Behind the scripts of an update. */
export const joinScript = { text: load('join-carried.sh') };

/** Bytes of what leaves a server: for a larger archive the way over Buoy takes hours. */
export const MAX_CARRIED_BYTES = 2 * 1024 ** 3;
/** Bytes of one piece: what Buoy holds of an archive at a time, twice over; a slow line carries one within 20 s. */
export const PIECE_BYTES = 1024 ** 2;
/** Bytes of a piece as base64, in lines. */
const MAX_PIECE_TEXT_BYTES = 1.5 * 1024 ** 2;
const MAX_FACTS_BYTES = 4 * 1024;
/** Ids that Buoy has made, of a snapshot and of what leaves the server for a task. */
const ownId = /^(snp|\.leaving-tsk)_[A-Za-z0-9]{1,40}$/;
const hexSum = /^[0-9a-f]{64}$/;

export type Archive = Pick<SetupSnapshotTable, 'id' | 'sizeBytes' | 'sha256'>;
type Script = Pick<Ssh, 'script'>;

/** Ids and sizes stand in scripts: those of a record that somebody else has written do not. */
export function checkedId(id: string): string {
  if (!ownId.test(id)) throw new AppError('internal', 'The record of this snapshot cannot be read.');
  return id;
}

/** Exit codes of the scripts, in words. Throws AppError. */
function expectSuccess({ exitCode }: ExecResult): void {
  const failure = installFailure(exitCode ?? 1, 'snapshot');
  if (failure !== null) throw failure;
}

/** Of an archive that was just made. Throws AppError, `bad_gateway` where the server names no size and checksum. */
export async function readArchiveFacts(
  ssh: Script,
  serverId: string,
  id: string,
  limits: CallOptions,
): Promise<Omit<Archive, 'id'>> {
  const options = { ...limits, maxOutputBytes: MAX_FACTS_BYTES };
  const result = await ssh.script(serverId, factsScript, [checkedId(id)], options);
  expectSuccess(result);
  const facts = readKeyValues(result);
  const sizeBytes = facts.count('sizeBytes');
  const sha256 = facts.text('sha256');
  if (sizeBytes === null || sizeBytes === 0 || sha256 === null || !hexSum.test(sha256))
    throw new AppError('bad_gateway', 'The server does not say what the archive is that it has made.', {
      hint: 'Make the snapshot again.',
    });
  return { sizeBytes, sha256 };
}

export function piecesOf({ sizeBytes }: Pick<Archive, 'sizeBytes'>): number {
  return Math.ceil(sizeBytes / PIECE_BYTES);
}

/** Throws AppError `payload_too_large` for an archive that is not carried through Buoy. */
export function expectCarriable({ sizeBytes }: Pick<Archive, 'sizeBytes'>): void {
  if (sizeBytes <= MAX_CARRIED_BYTES) return;
  throw new AppError(
    'payload_too_large',
    'The archive has more than 2 GiB, so it cannot leave its server by Buoy.',
    {
      hint: 'Copy it from ~/.local/state/openclaw-snapshots on the server by hand.',
    },
  );
}

/** One piece, from 0 on. Throws AppError, `not_found` where there is no archive, `checksum_mismatch` where it has another length. */
export async function readPiece(
  ssh: Script,
  serverId: string,
  archive: Archive,
  piece: number,
  limits: CallOptions,
): Promise<Buffer> {
  const result = await ssh.script(
    serverId,
    pieceScript,
    [checkedId(archive.id), String(piece), String(PIECE_BYTES)],
    { ...limits, maxOutputBytes: MAX_PIECE_TEXT_BYTES },
  );
  expectSuccess(result);
  const bytes = Buffer.from(result.stdout, 'base64');
  const expected = Math.min(PIECE_BYTES, archive.sizeBytes - piece * PIECE_BYTES);
  if (result.truncated || bytes.length !== expected) throw changed();
  return bytes;
}

/**
 * All pieces, one after the other. The last one comes only when all of them are the archive that was made.
 * @throws AppError as `readPiece` does
 */
export async function* readPieces(
  read: (piece: number) => Promise<Buffer>,
  archive: Archive,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const pieces = piecesOf(archive);
  for (let piece = 0; piece < pieces; piece += 1) {
    const bytes = await read(piece);
    hash.update(bytes);
    if (piece === pieces - 1 && hash.digest('hex') !== archive.sha256) throw changed();
    yield bytes;
  }
}

function changed(): AppError {
  return new AppError('checksum_mismatch', 'The archive on the server is not the one that was made.', {
    hint: 'Someone or a faulty disk changed it. Use another snapshot.',
  });
}

/**
 * Removes archives; and of those that Buoy does not know, that are older than 30 days and of no other record of the machine, all but the newest. Throws
 * AppError.
 * @param options.known ids of those that stay
 * @param options.unknown how many others may stay
 */
export async function removeArchives(
  ssh: Script,
  serverId: string,
  ids: readonly string[],
  { known, unknown, ...limits }: CallOptions & { known: readonly string[]; unknown: number },
): Promise<void> {
  const args = [String(unknown), serverId, known.map(checkedId).join(' '), ...ids.map(checkedId)];
  const result = await ssh.script(serverId, removeScript, args, {
    ...limits,
    maxOutputBytes: MAX_FACTS_BYTES,
  });
  if (result.exitCode !== 0)
    throw new AppError('refused', 'The archive could not be removed on the server.', {
      hint: 'Check who owns ~/.local/state/openclaw-snapshots there.',
    });
}

const verdicts = {
  ok: 'The archive is unchanged, and OpenClaw can read it.',
  gone: 'The archive is not on the server any more.',
  changed: 'The archive is not the one that was made: its checksum differs.',
  unreadable: 'The archive is unchanged, but the OpenClaw of this server cannot read it.',
  foreign: 'OpenClaw on this server does not belong to the login alone, so Buoy did not run it.',
} as const;

/** Whether the archive is there, unchanged and readable. Throws AppError of the connection, `bad_gateway` for another answer. */
export async function verifyArchive(
  ssh: Script,
  serverId: string,
  archive: Archive,
  { command, node, ...limits }: CallOptions & { command: string; node: string },
): Promise<{ ok: boolean; detail: string; isChecked: boolean }> {
  const args = [checkedId(archive.id), archive.sha256, command, node];
  const { stdout } = await ssh.script(serverId, verifyScript, args, {
    ...limits,
    maxOutputBytes: MAX_FACTS_BYTES,
  });
  const word = stdout.trim().split('\n').at(-1) ?? '';
  if (!Object.hasOwn(verdicts, word))
    throw new AppError('bad_gateway', 'The check of the archive did not finish.', {
      hint: 'Try again.',
    });
  // What was not run says nothing of the archive.
  return {
    ok: word === 'ok',
    detail: verdicts[word as keyof typeof verdicts],
    isChecked: word !== 'foreign',
  };
}
