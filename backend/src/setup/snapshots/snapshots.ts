// Snapshots of OpenClaw for people: what is there, whether it can be read, and its way out of the server. Made and restored by tasks.
import { Readable } from 'node:stream';
import type { Snapshot, SnapshotReason, User } from '@buoy/contract';
import { snapshotReasons } from '@buoy/contract';
import { z } from 'zod';
import type { Access } from '../../access/access.ts';
import type { AuditRecorder } from '../../audit/audit-recorder.ts';
import type { SetupSnapshotTable } from '../../db/schema.ts';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { createFairSlots } from '../../lib/fair-slots.ts';
import type { Installations } from '../../openclaw/host/installation.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import { sealFile } from '../../vault/sealed-file.ts';
import type { AddressOf } from '../update/update-parts.ts';
import { expectCarriable, readPiece, readPieces, removeArchives, verifyArchive } from './archives.ts';
import type { SetupSnapshotStore } from './snapshots.store.ts';

/** Milliseconds for OpenClaw to read an archive: 3 s for a small one, a minute for a gigabyte. */
const VERIFY_MS = 120_000;
/** Milliseconds for one piece of an archive, for its removal, and to see whether OpenClaw is there. */
const PIECE_MS = 60_000;
const REMOVE_MS = 20_000;
const FIND_MS = 15_000;
/** Downloads at a time, each of which holds some megabytes, and those of one person. */
const MAX_DOWNLOADS = 8;
const MAX_DOWNLOADS_OF_ONE = 1;
/** Others wait for its place: a download that is slower on the whole is ended, whether its server or its reader is. A slow line is faster. */
const MIN_BYTES_PER_S = 32_768;
/** Milliseconds that it may be behind that. */
const BEHIND_MS = 60_000;

const reason = z.enum(snapshotReasons);

export type Snapshots = ReturnType<typeof createSnapshots>;

/** @param parts.fileSecret what seals a download: 32 bytes */
export function createSnapshots({
  store,
  ssh,
  installations,
  access,
  fileSecret,
  addressOf,
  clock,
}: {
  store: SetupSnapshotStore;
  addressOf: AddressOf;
  ssh: Pick<Ssh, 'script'>;
  installations: Pick<Installations, 'find'>;
  access: Pick<Access, 'roleOf'>;
  fileSecret: Buffer;
  clock: Clock;
}) {
  const downloads = createFairSlots({ limit: MAX_DOWNLOADS, perShare: MAX_DOWNLOADS_OF_ONE });

  const find = async (serverId: string, id: string): Promise<SetupSnapshotTable> => {
    const row = await store.find(serverId, id);
    if (row === null) throw new AppError('not_found', 'There is no such snapshot of this server.');
    return row;
  };

  /** Throws AppError, `openclaw_missing` where there is none. */
  const openclawOn = async (
    serverId: string,
    signal: AbortSignal,
  ): Promise<{ command: string; node: string }> => {
    const found = (fresh: boolean) => installations.find(serverId, { deadlineMs: FIND_MS, signal, fresh });
    const known = await found(false);
    // It may have been set up since.
    const { binaryPath, nodePath } = known.binaryPath === null ? await found(true) : known;
    if (binaryPath !== null && nodePath !== null) return { command: binaryPath, node: nodePath };
    throw new AppError('openclaw_missing', 'OpenClaw is not set up on this server.', {
      hint: 'Set it up there first.',
    });
  };

  return {
    /** Newest first. Throws AppError `invalid_request` for a cursor that is none. */
    async list(
      serverId: string,
      query: { reason?: SnapshotReason | undefined; limit: number; cursor?: string | undefined },
    ): Promise<{ snapshots: Snapshot[]; nextCursor: string | null }> {
      const { snapshots, nextCursor } = await store.list(serverId, query);
      return { snapshots: snapshots.map(present), nextCursor };
    },

    /**
     * Whether a restore may be asked for now: the snapshot is there, and the person owns the server on which it is restored, which has OpenClaw.
     * @returns where it is restored, and which machine that is
     * @throws AppError, `not_found` also for a server that they do not see, `forbidden` for one that they do not own
     */
    async expectRestorable(
      serverId: string,
      id: string,
      {
        targetServerId = serverId,
        user,
        signal,
      }: { targetServerId?: string | undefined; user: User; signal: AbortSignal },
    ): Promise<{ targetServerId: string; target: Awaited<ReturnType<AddressOf>> }> {
      const row = await find(serverId, id);
      await expectOwner(user, targetServerId);
      if (targetServerId !== serverId) expectCarriable(row);
      await openclawOn(targetServerId, signal);
      return { targetServerId, target: await addressOf(targetServerId) };
    },

    /** Throws AppError, `not_found` for a server that they do not see, `forbidden` for one that they do not own. */
    expectOwner,

    /**
     * Checks the archive on its server, and remembers the answer.
     * @param options.mayWrite throws where the caller may not any more
     */
    async verify(
      serverId: string,
      id: string,
      { signal, mayWrite }: { signal: AbortSignal; mayWrite: () => Promise<unknown> },
    ): Promise<{ ok: boolean; detail: string }> {
      const row = await find(serverId, id);
      const openclaw = await openclawOn(serverId, signal);
      const answer = await verifyArchive(ssh, serverId, row, { ...openclaw, deadlineMs: VERIFY_MS, signal });
      await mayWrite();
      if (answer.isChecked) await store.setVerified(id, answer.ok);
      return { ok: answer.ok, detail: answer.detail };
    },

    /**
     * The sealed archive. Throws AppError before the first byte for an archive that is not there or has changed; one that changes later is cut.
     * @param options.userId who waits when they download another one already
     */
    async download(
      serverId: string,
      id: string,
      { userId, signal }: { userId: string; signal: AbortSignal },
    ): Promise<{ filename: string; stream: Readable }> {
      const row = await find(serverId, id);
      expectCarriable(row);
      const leave = await downloads.acquire(userId, signal);
      try {
        const read = (piece: number) =>
          readPiece(ssh, serverId, row, piece, { deadlineMs: PIECE_MS, signal });
        const first = await read(0);
        const content = readPieces((piece) => (piece === 0 ? Promise.resolve(first) : read(piece)), row);
        const pace = keepPace(clock, () => {
          stream.destroy(tooSlow());
          // Not once its server has answered.
          leave();
        });
        const bytes = counting(sealFile(fileSecret, { name: id, content }), pace.passed);
        // No more of it is made than is read.
        const stream: Readable = Readable.from(bytes, { objectMode: false, highWaterMark: 1 });
        stream.once('close', pace.end).once('close', leave);
        // Also where nobody ever reads it.
        signal.addEventListener('abort', () => stream.destroy(), { once: true });
        return { filename: `${id}.tar.gz.sealed`, stream };
      } catch (error) {
        leave();
        throw error;
      }
    },

    /** The archive first: a record without one is told as gone, one without a record takes room. Throws AppError. */
    async remove(
      serverId: string,
      id: string,
      { signal }: { signal: AbortSignal },
      audit?: AuditRecorder,
    ): Promise<void> {
      await find(serverId, id);
      const known = (await store.ofServer(serverId)).map((row) => row.id);
      await removeArchives(ssh, serverId, [id], {
        ...{ known, unknown: Number.MAX_SAFE_INTEGER - 1 },
        ...{ deadlineMs: REMOVE_MS, signal },
      });
      await store.remove(serverId, id, audit?.change({ target: id }));
    },
  };

  async function expectOwner(user: User, serverId: string): Promise<void> {
    const role = await access.roleOf(user, serverId);
    if (role === null) throw new AppError('not_found', 'There is no such server.');
    if (role !== 'owner')
      throw new AppError('forbidden', 'Only the owner of a server may restore a snapshot on it.', {
        hint: 'Ask its owner.',
      });
  }
}

function present({ serverId, verified, ...row }: SetupSnapshotTable): Snapshot {
  return { ...row, serverId, reason: reason.parse(row.reason), verified: verified === 1 };
}

async function* counting(
  pieces: AsyncIterable<Buffer>,
  passed: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    passed(piece.length);
    yield piece;
  }
}

/** Calls `fallBehind` once what has passed since now is less than the slowest pace. */
function keepPace(clock: Clock, fallBehind: () => void) {
  const startedAt = clock.now();
  let total = 0;
  let stopTimer: (() => void) | null = null;
  const watch = (): void => {
    const dueAt = startedAt + BEHIND_MS + (total / MIN_BYTES_PER_S) * 1_000;
    stopTimer = clock.after(Math.max(0, dueAt - clock.now()), fallBehind);
  };
  watch();
  return {
    passed(bytes: number): void {
      if (stopTimer === null) return;
      stopTimer();
      total += bytes;
      watch();
    },
    end(): void {
      stopTimer?.();
      stopTimer = null;
    },
  };
}

function tooSlow(): AppError {
  return new AppError('deadline', 'This download was too slow, and others wait for its place.', {
    hint: 'Download it on a faster line, or copy the archive from ~/.local/state/openclaw-snapshots on the server.',
  });
}
