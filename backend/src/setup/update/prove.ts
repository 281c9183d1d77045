// What an update asks the gateway: whether agents are at work, what there is before, and whether all of it is there afterwards.
import path from 'node:path';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { withoutCorrection } from '../../lib/compare-versions.ts';
import { pause } from '../../lib/pause.ts';
import type { GatewayBefore } from '../../openclaw/service/gateway-service.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { serverOf } from '../../tasks/task-kind.ts';
import { compared, type Inventory, missingFrom, takeInventory } from './inventory.ts';
import {
  AWAY_MS,
  MINUTE_MS,
  preflightResult,
  SCRIPT_MS,
  type UpdateContext,
  type UpdateTools,
} from './update-parts.ts';

/** Milliseconds that agents may take to finish their work before the update gives up. */
const BUSY_MS = 30 * MINUTE_MS;
/** Milliseconds for a gateway that is ready to answer calls and to list what it has. */
const PROVE_WITHIN_MS = 2 * MINUTE_MS;
/** Milliseconds for a server that is out of reach when it is asked whether a gateway is still there. */
const SILENT_WITHIN_MS = 2 * MINUTE_MS;
/** Milliseconds between two questions, and for one. */
const ASK_PAUSE_MS = 5_000;
const CALL_MS = 10_000;

const restartCheck = z.looseObject({ safe: z.boolean(), summary: z.string().max(1_000).catch('') });

/** Waits for the work of agents, up to half an hour, or refuses with `busy`. A gateway that is down has none. */
export async function untilIdle(
  { gateways, clock }: UpdateTools,
  context: UpdateContext,
  { answers }: GatewayBefore,
): Promise<void> {
  const { signal, input } = context;
  const serverId = serverOf(context);
  const endsAtMs = clock.now() + BUSY_MS;
  for (;;) {
    signal.throwIfAborted();
    let problem: AppError | null = null;
    const { safe, summary } = await gateways
      .call(serverId, 'gateway.restart.preflight', {}, restartCheck, {
        deadlineMs: CALL_MS,
        signal,
        retry: true,
      })
      .catch((error: unknown) => {
        if (!isAppError(error) || signal.aborted) throw error;
        // One that is down has no work; an old one cannot tell. One that is too busy to answer is not idle.
        if (!answers || isAppError(error, 'unsupported')) return { safe: true, summary: '' };
        problem = error;
        return { safe: false, summary: '' };
      });
    if (safe) return;
    if (input.whenBusy === 'refuse' || clock.now() > endsAtMs)
      throw (
        problem ??
        new AppError('busy', 'Agents on the server are at work.', {
          hint: 'Start this again when they are done.',
          details: { openclaw: summary },
        })
      );
    context.detail('Waiting until the agents have finished their work.');
    await pause(clock, ASK_PAUSE_MS, signal);
  }
}

/** Somebody may have updated OpenClaw by hand while the update waited, or another update may have begun. Throws AppError `conflict`. */
export async function expectSameVersion({ ssh }: UpdateTools, context: UpdateContext): Promise<void> {
  const { plan } = context.resultOf('preflight', preflightResult);
  const script = 'echo "task=$(head -n 1 "$2" 2>/dev/null)"; head -c 65536 "$1/package.json"';
  const task = path.posix.join(path.posix.dirname(plan.package), '.update-openclaw/task');
  const { stdout } = await reachServer(context, SCRIPT_MS, (limits) =>
    ssh.script(serverOf(context), script, [plan.package, task], limits),
  );
  if (/^task=(.*)$/m.exec(stdout)?.[1] !== context.taskId)
    throw new AppError('conflict', 'Another update or restore has begun on this server meanwhile.', {
      hint: 'The server may stand in Buoy twice. Wait until that one has ended.',
    });
  const version = /^ *"version" *: *"([^"]{1,100})"/m.exec(stdout)?.[1];
  if (version !== plan.from)
    throw new AppError('conflict', `OpenClaw ${plan.from} was replaced on the server meanwhile.`, {
      hint: 'Start this again if it is still needed.',
    });
}

/** A gateway beside the service would work on what the update copies. Throws AppError, `refused` where one answers. */
export async function expectSilence({ gateways }: UpdateTools, context: UpdateContext): Promise<void> {
  const answers = await reachServer(context, SILENT_WITHIN_MS, async ({ signal }) => {
    try {
      // Asks again where the connection broke: that may have been the way to the server.
      await gateways.probe(serverOf(context), '/healthz', { deadlineMs: CALL_MS, signal, retry: true });
      return true;
    } catch (error) {
      // What does not answer, or not as a gateway does, is there all the same.
      if (!isAppError(error, 'gateway_unavailable')) throw error;
      return false;
    }
  });
  if (answers)
    throw new AppError('refused', 'The service is stopped, but a gateway still answers on this server.', {
      hint: 'End that process on the server (it may have been started by hand), then start this again.',
    });
}

/** A gateway that is busy for a moment would be read from its host, which does not tell the same. */
export async function inventoryBefore(
  { inventorySources, clock }: UpdateTools,
  context: UpdateContext,
): Promise<Inventory> {
  const endsAtMs = clock.now() + PROVE_WITHIN_MS;
  for (;;) {
    context.signal.throwIfAborted();
    try {
      return compared(await takeInventory(inventorySources, serverOf(context), context.signal));
    } catch (error) {
      if (!isAppError(error) || context.signal.aborted || clock.now() > endsAtMs) throw error;
      context.detail(error.message);
    }
    await pause(clock, ASK_PAUSE_MS, context.signal);
  }
}

/**
 * Returns once the gateway is of that version and has all that it had before; waits two minutes for it, while the server can be reached. Throws AppError
 * `not_ready` with what is missing.
 * @param before null: not known
 */
export async function prove(
  { ssh, gateways, inventorySources, clock }: UpdateTools,
  context: UpdateContext,
  version: string,
  before: Inventory | null,
): Promise<void> {
  const { signal } = context;
  const serverId = serverOf(context);
  let endsAtMs = clock.now() + PROVE_WITHIN_MS;
  for (;;) {
    signal.throwIfAborted();
    await reachServer(
      context,
      AWAY_MS,
      (limits) => ssh.script(serverId, ':', [], limits),
      () => {
        endsAtMs = clock.now() + PROVE_WITHIN_MS;
      },
    );
    const doubt = await doubtOf(serverId, signal);
    if (doubt === null) return;
    context.detail(doubt.message);
    // Of a server that cannot be reached, the next round waits for it.
    if (clock.now() > endsAtMs && !isAppError(doubt, 'unreachable', 'circuit_open')) throw doubt;
    await pause(clock, ASK_PAUSE_MS, signal);
  }

  /** Why the gateway does not work as before; null when it does. */
  async function doubtOf(serverId: string, signal: AbortSignal): Promise<AppError | null> {
    try {
      const hello = await gateways.hello(serverId, { deadlineMs: CALL_MS, signal, retry: true });
      // A correction may call itself as the release that it corrects (openclaw/openclaw#12859); what is in place was compared by the swap.
      if (hello.version !== version && hello.version !== withoutCorrection(version))
        return new AppError(
          'not_ready',
          `The gateway that answers is OpenClaw ${hello.version}, not ${version}.`,
          {
            hint: 'Another gateway may run on this server, or its service starts another installation.',
          },
        );
      if (before === null) return null;
      const missing = missingFrom(before, await takeInventory(inventorySources, serverId, signal));
      return missing === null
        ? null
        : new AppError('not_ready', missing, {
            hint: 'Look at the log of the gateway before you try again.',
          });
    } catch (error) {
      if (!isAppError(error) || signal.aborted) throw error;
      return error;
    }
  }
}
