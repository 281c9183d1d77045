// Carries an archive from one server to another, piece by piece through Buoy, which holds one piece at a time and stores none.
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { reachServer, retryWhileUnreachable } from '../../tasks/retry-while-unreachable.ts';
import { type StepContext, serverOf } from '../../tasks/task-kind.ts';
import { installFailure } from '../install-failures.ts';
import { commandState, MINUTE_MS, runScript, type UpdateTools } from '../update/update-parts.ts';
import {
  type Archive,
  beginCarryingScript,
  endCarryingScript,
  expectCarriable,
  joinScript,
  PIECE_BYTES,
  piecesOf,
  readPiece,
} from './archives.ts';

/** Milliseconds for 2 GiB over a slow line, outages included. */
export const CARRY_MS = 6 * 60 * MINUTE_MS;
/** Milliseconds for one piece, and to take away what has arrived. */
const PIECE_MS = 5 * MINUTE_MS;
const GIVE_UP_MS = 20_000;

export const carryState = commandState.extend({
  /** Pieces that have arrived. */
  arrived: z.number().int().default(0),
});

/** Of the archive that has arrived, among those of the task's server. */
export function carriedName(taskId: string): string {
  return `.carried-${taskId}.tar.gz`;
}

/**
 * Returns once the archive lies on the task's server, and is the one that was made. Goes on with the next piece after a restart of Buoy.
 * @param expectAllowed throws where the person who began it may not any more; asked before each piece
 * @throws AppError, `checksum_mismatch` where it has changed on its way or before
 */
export async function carryArchive(
  tools: Pick<UpdateTools, 'ssh' | 'remoteRuns' | 'downloads'>,
  context: StepContext<unknown, z.output<typeof carryState>>,
  {
    sourceServerId,
    archive,
    expectAllowed,
  }: { sourceServerId: string; archive: Archive; expectAllowed: () => Promise<void> },
): Promise<void> {
  const { ssh } = tools;
  const { state, taskId, signal, clock } = context;
  const serverId = serverOf(context);
  expectCarriable(archive);
  const mebibytes = (bytes: number) => Math.ceil(Math.min(bytes, archive.sizeBytes) / 1024 ** 2);
  const pieces = piecesOf(archive);
  try {
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
      await expectAllowed();
      const patience = { deadlineMs: PIECE_MS, signal };
      const bytes = await retryWhileUnreachable(clock, patience, (limits) =>
        readPiece(ssh, sourceServerId, archive, state.arrived, limits),
      ).catch((error: unknown) => {
        throw isAppError(error, 'unreachable')
          ? new AppError('unreachable', 'The server that the snapshot is of became unreachable.', {
              hint: 'Check its network and power, then start this again.',
              cause: error,
            })
          : error;
      });
      const name = String(state.arrived).padStart(5, '0');
      await reachServer(context, PIECE_MS, (limits) =>
        ssh.writeFile(serverId, `~/.local/state/openclaw-snapshots/.carried-${taskId}/${name}`, bytes, {
          ...{ ...limits, mode: 0o600 },
        }),
      );
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
  } catch (error) {
    if (!(signal.aborted && isAppError(signal.reason, 'shutting_down')))
      // Best effort: what is left goes with the next snapshot.
      await ssh
        .script(serverId, endCarryingScript, [taskId], {
          deadlineMs: GIVE_UP_MS,
          signal: AbortSignal.timeout(GIVE_UP_MS),
        })
        .catch(() => undefined);
    throw error;
  }
}
