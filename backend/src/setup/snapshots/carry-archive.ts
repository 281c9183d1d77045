// Carries an archive from one server to another, piece by piece through Buoy, which holds one piece at a time and stores none.
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { remoteStepState } from '../../tasks/remote-step.ts';
import { reachServer, retryWhileUnreachable } from '../../tasks/retry-while-unreachable.ts';
import { isShuttingDown, type StepContext, serverOf } from '../../tasks/task-kind.ts';
import { installFailure } from '../install-failures.ts';
import { commandState, MINUTE_MS, runScript, type UpdateTools } from '../update/update-parts.ts';
import {
  type Archive,
  beginCarryingScript,
  expectCarriable,
  joinScript,
  PIECE_BYTES,
  piecesOf,
  readPiece,
} from './archives.ts';
import { endLeaving, leaveKeys, leavingId } from './leave-keys.ts';

/** Milliseconds for 2 GiB over a slow line, outages included. */
export const CARRY_MS = 6 * 60 * MINUTE_MS;
/** Milliseconds for one piece, and to take away on its server what was made. */
const PIECE_MS = 5 * MINUTE_MS;
const GIVE_UP_MS = 20_000;

const left = z.object({ sizeBytes: z.number(), sha256: z.string() });

export const carryState = commandState.extend({
  /** Of what makes the archive that leaves its server. */
  leaving: remoteStepState.prefault({}),
  /** Of that archive; null until it was made. */
  left: left.nullable().default(null),
  /** Pieces that have arrived. */
  arrived: z.number().int().default(0),
});

/** Of the archive that has arrived, among those of the task's server. */
export function carriedName(taskId: string): string {
  return `.carried-${taskId}.tar.gz`;
}

type CarryTools = Pick<UpdateTools, 'ssh' | 'remoteRuns' | 'downloads' | 'installations'>;
type CarryContext = StepContext<unknown, z.output<typeof carryState>>;
type Carried = {
  sourceServerId: string;
  archive: Archive;
  withCredentials: boolean;
  /** Throws where the person who began it may not any more. Asked before each attempt to read or send a piece: a server may be away for minutes. */
  expectAllowed: () => Promise<void>;
};

/**
 * Leaves the keys of its server out of the archive, and returns once the rest lies on the task's server as it was made. Goes on with the next piece after a
 * restart of Buoy.
 * @returns the checksum of what has arrived
 * @throws AppError, `checksum_mismatch` where it has changed on its way or before
 */
export async function carryArchive(
  tools: CarryTools,
  context: CarryContext,
  carried: Carried,
): Promise<{ sha256: string }> {
  expectCarriable(carried.archive);
  const { taskId, signal } = context;
  const ends = async () => {
    const limits = { deadlineMs: GIVE_UP_MS, signal: AbortSignal.timeout(GIVE_UP_MS) };
    // Best effort: what is left goes with the next snapshot.
    await endLeaving(tools.ssh, carried.sourceServerId, taskId, limits).catch(() => undefined);
  };
  try {
    const leaving = await archiveToCarry(tools, context, carried);
    await carryPieces(tools, context, { ...carried, archive: leaving });
    await ends();
    return { sha256: leaving.sha256 };
  } catch (error) {
    if (!isShuttingDown(signal)) await ends();
    throw error;
  }
}

async function archiveToCarry(
  tools: CarryTools,
  context: CarryContext,
  { sourceServerId, archive, withCredentials, expectAllowed }: Carried,
): Promise<Archive> {
  const { state, taskId } = context;
  if (state.left !== null) return { id: leavingId(taskId), ...state.left };
  await expectAllowed();
  const there = { ...context, serverId: sourceServerId, expectAllowed };
  const leaving = await onSource(leaveKeys(tools, there, { archive, withCredentials, state: state.leaving }));
  state.left = { sizeBytes: leaving.sizeBytes, sha256: leaving.sha256 };
  // Pieces of another archive.
  state.arrived = 0;
  await context.saveState();
  return leaving;
}

async function onSource<Value>(work: Promise<Value>): Promise<Value> {
  return work.catch((error: unknown) => {
    throw isAppError(error, 'unreachable')
      ? new AppError('unreachable', 'The server that the snapshot is of became unreachable.', {
          hint: 'Check its network and power, then start this again.',
          cause: error,
        })
      : error;
  });
}

async function carryPieces(
  tools: CarryTools,
  context: CarryContext,
  { sourceServerId, archive, expectAllowed }: Pick<Carried, 'sourceServerId' | 'archive' | 'expectAllowed'>,
): Promise<void> {
  const { ssh } = tools;
  const { state, taskId, signal, clock } = context;
  const serverId = serverOf(context);
  expectCarriable(archive);
  const mebibytes = (bytes: number) => Math.ceil(Math.min(bytes, archive.sizeBytes) / 1024 ** 2);
  const pieces = piecesOf(archive);
  if (state.arrived === 0) {
    const kibibytes = String(Math.ceil(archive.sizeBytes / 1024));
    const begun = await reachServer(context, PIECE_MS, (limits) =>
      ssh.script(serverId, beginCarryingScript, [taskId, kibibytes], limits),
    );
    const failure = installFailure(begun.exitCode ?? 1, 'restore');
    if (failure !== null) throw failure;
  }
  while (state.arrived < pieces) {
    signal.throwIfAborted();
    const patience = { deadlineMs: PIECE_MS, signal };
    const bytes = await onSource(
      retryWhileUnreachable(clock, patience, async (limits) => {
        await expectAllowed();
        return readPiece(ssh, sourceServerId, archive, state.arrived, limits);
      }),
    );
    const name = String(state.arrived).padStart(5, '0');
    await reachServer(context, PIECE_MS, async (limits) => {
      await expectAllowed();
      return ssh.writeFile(serverId, `~/.local/state/openclaw-snapshots/.carried-${taskId}/${name}`, bytes, {
        ...{ ...limits, mode: 0o600 },
      });
    });
    state.arrived += 1;
    context.progress(state.arrived / pieces);
    context.detail(
      `${mebibytes(state.arrived * PIECE_BYTES)} of ${mebibytes(archive.sizeBytes)} MiB have arrived.`,
    );
    await context.saveState();
  }
  await runScript(tools, context, joinScript, {
    ...{ state: state.command, variables: { PIECES: String(pieces), SHA256: archive.sha256 } },
  });
}
