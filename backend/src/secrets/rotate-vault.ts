// The task that re-seals every stored secret under the active vault key, so that older keys can be removed.
import { taskTypes, type VaultRotated } from '@buoy/contract';
import { z } from 'zod';
import type { Audit } from '../audit/audit.ts';
import { AppError, isAppError } from '../lib/app-error.ts';
import type { Logger } from '../lib/logger.ts';
import { type TaskKind, taskStep } from '../tasks/task-kind.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { countOf, type SealedSecrets } from './sealed-secrets.ts';

const MINUTE_MS = 60_000;
/** A hundred thousand secrets open in some seconds, and are written in some minutes. */
const CHECK_MS = 10 * MINUTE_MS;
const RESEAL_MS = 60 * MINUTE_MS;
const VERIFY_MS = 2 * MINUTE_MS;
/** Walks over everything: a second one finds what was written under an older key behind the first one's back. */
const WALKS = 3;

const found = z.object({ outdated: z.number() });
const done = z.object({ resealed: z.number() });
const resealState = z.object({
  walk: z.number().default(1),
  cursor: z
    .object({ table: z.string(), column: z.string(), after: z.array(z.string()).nullable() })
    .nullable()
    .default(null),
  resealed: z.number().default(0),
});

/**
 * Takes no input. Result: `{resealed, skipped}`; skipped are those that somebody else changed or removed meanwhile. Cancelled or
 * failed in its middle it leaves secrets under both keys, which all open; started again it does the rest.
 */
export function createRotateVaultKind(sealedSecrets: SealedSecrets): TaskKind {
  const check = taskStep<unknown>({
    id: 'check',
    title: 'Open the secrets to be sealed again',
    deadlineMs: CHECK_MS,
    async run(context) {
      const { activeKeyId, outdated: expected } = await sealedSecrets.overview();
      const outdated = await sealedSecrets.checkOutdated(context.signal, (opened) =>
        context.progress(opened / Math.max(1, expected)),
      );
      context.detail(`${countOf(outdated)} to be sealed under the key "${activeKeyId}".`);
      return { outdated };
    },
  });

  const reseal = taskStep<unknown, z.output<typeof resealState>>({
    id: 'reseal',
    title: 'Seal them under the active key',
    deadlineMs: RESEAL_MS,
    stateSchema: resealState,
    async run(context) {
      const { state, signal } = context;
      const { outdated } = context.resultOf('check', found);
      const left = async () => (await sealedSecrets.overview()).outdated;
      // What was sealed anew after the last saving of the state shows only in what is left.
      if (context.resumed) state.resealed = Math.max(state.resealed, outdated - (await left()));
      const told = () => {
        state.resealed += 1;
        context.progress(state.resealed / Math.max(1, outdated));
      };
      for (; state.walk <= WALKS; state.walk += 1) {
        do {
          signal.throwIfAborted();
          state.cursor = await sealedSecrets.resealPage(state.cursor, signal, told);
          context.detail(`${state.resealed} of ${outdated} sealed again.`);
          await context.saveState();
        } while (state.cursor !== null);
        if ((await left()) === 0) break;
      }
      return { resealed: state.resealed };
    },
  });

  const verify = taskStep<unknown>({
    id: 'verify',
    title: 'Check that none is left',
    deadlineMs: VERIFY_MS,
    async run(context): Promise<VaultRotated> {
      const { outdated: left } = await sealedSecrets.overview();
      if (left > 0)
        throw new AppError(
          'conflict',
          `${countOf(left)} were sealed under an older key again meanwhile: another Buoy with other keys writes to this database.`,
          {
            hint: 'Give each Buoy of this database the same VAULT_KEYS in the same order, then start this again.',
          },
        );
      const { outdated } = context.resultOf('check', found);
      const { resealed } = context.resultOf('reseal', done);
      return { resealed, skipped: Math.max(0, outdated - resealed) };
    },
  });

  return {
    type: taskTypes.rotateVault,
    title: 'Change the vault key',
    exclusivePerServer: true,
    inputSchema: z.strictObject({}),
    steps: [check, reseal, verify],
  };
}

/**
 * Starts the task when there is an older key in the ring and something is not under the active one. For the start of Buoy: that is
 * when a ring changes. Never throws: a Buoy that cannot store a task, as on a full disk, must start all the same.
 */
export async function rotateVaultIfNeeded(parts: {
  sealedSecrets: SealedSecrets;
  tasks: Tasks;
  audit: Audit;
  logger: Logger;
}): Promise<void> {
  const { sealedSecrets, tasks, audit, logger } = parts;
  try {
    const { keyIds, outdated } = await sealedSecrets.overview();
    if (keyIds.length < 2 || outdated === 0) return;
    const recorder = audit.recorder({
      action: taskTypes.rotateVault,
      userId: null,
      serverId: null,
      target: null,
      ip: null,
      requestId: null,
      details: {},
    });
    await tasks.start(taskTypes.rotateVault, { serverId: null, input: {}, createdBy: 'system' }, recorder);
  } catch (error) {
    // One that was cut short by the end of the last process goes on by itself.
    if (isAppError(error, 'task_already_running')) return;
    logger.error(
      { err: error },
      'stored secrets could not be sealed under the new vault key; the next start tries again',
    );
  }
}
