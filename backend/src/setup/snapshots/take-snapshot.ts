// Makes a snapshot as a step of a task: the archive on the server, its record, and the end of those that are too many.
import type { SnapshotReason } from '@buoy/contract';
import { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import { isoTime } from '../../lib/clock.ts';
import { newId } from '../../lib/ids.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { type StepContext, serverOf } from '../../tasks/task-kind.ts';
import {
  commandState,
  MINUTE_MS,
  NO_BACKUP_EXIT_CODE,
  planResult,
  runScript,
  scripts,
  type UpdateTools,
} from '../update/update-parts.ts';
import { readArchiveFacts, removeArchives } from './archives.ts';

/** Of each reason on one server. */
const KEPT_SNAPSHOTS = 5;
/** Milliseconds to ask about an archive that was just made, a network outage included. */
const FACTS_MS = 10 * MINUTE_MS;

export const snapshotState = commandState.extend({
  id: z.string().nullable().default(null),
  /** Its record is stored. */
  isRecorded: z.boolean().default(false),
});

type SnapshotContext = StepContext<unknown, z.output<typeof snapshotState>>;
type SnapshotTools = Pick<UpdateTools, 'ssh' | 'remoteRuns' | 'downloads' | 'snapshots' | 'clock'>;

/**
 * Throws AppError. A restore mends what may keep OpenClaw from backing itself up: then there is none, and `id` is null.
 * @param what.keeps the id of one that must not go now, because it is about to be restored
 */
export async function takeSnapshot(
  tools: SnapshotTools,
  context: SnapshotContext,
  {
    reason,
    note = null,
    keeps = null,
  }: { reason: SnapshotReason; note?: string | null; keeps?: string | null },
): Promise<{ id: string | null }> {
  const { state } = context;
  const serverId = serverOf(context);
  const { plan } = context.resultOf('preflight', planResult);
  state.id ??= newId('snp');
  await context.saveState();
  const { id } = state;
  const { exitCode } = await runScript(tools, context, scripts.snapshot, {
    ...{ state: state.command, variables: { SNAPSHOT: id, REASON: reason, SERVER: serverId } },
    ...(reason === 'restore' ? { expected: NO_BACKUP_EXIT_CODE } : {}),
  });
  if (exitCode !== 0) return { id: null };
  if (!state.isRecorded) {
    const facts = await reachServer(context, FACTS_MS, (limits) =>
      readArchiveFacts(tools.ssh, serverId, id, limits),
    );
    const createdAt = isoTime(tools.clock.now());
    await tools.snapshots.add({
      ...{ id, serverId, version: plan.from, reason, note, createdAt },
      ...{ sizeBytes: facts.sizeBytes, sha256: facts.sha256, verified: 1 },
    });
    state.isRecorded = true;
    await context.saveState();
  }
  await prune(tools, context, keeps);
  return { id };
}

/** First the archives, then their records: one that could not be removed is still known, and goes next time. */
async function prune(tools: SnapshotTools, context: SnapshotContext, keeps: string | null): Promise<void> {
  const serverId = serverOf(context);
  try {
    const all = await tools.snapshots.ofServer(serverId);
    const surplus = [...Map.groupBy(all, ({ reason }) => reason).values()]
      .flatMap((ofReason) => ofReason.slice(KEPT_SNAPSHOTS))
      .filter(({ id }) => id !== keeps)
      .map(({ id }) => id);
    const known = all.map(({ id }) => id).filter((id) => !surplus.includes(id));
    const updates = all.filter(({ id, reason }) => reason === 'update' && known.includes(id)).length;
    // Those of nobody are of updates, from before Buoy kept records.
    const unknown = Math.max(0, KEPT_SNAPSHOTS - updates);
    await reachServer(context, FACTS_MS, (limits) =>
      removeArchives(tools.ssh, serverId, surplus, { ...limits, known, unknown }),
    );
    for (const id of surplus) await tools.snapshots.remove(serverId, id);
  } catch (error) {
    if (context.signal.aborted || !isAppError(error)) throw error;
    context.output('Older snapshots could not be removed; the next one tries again.\n');
  }
}
