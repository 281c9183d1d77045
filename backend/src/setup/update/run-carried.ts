// A script of an update that takes what Buoy has sent, where the server does not download by itself.
import type { z } from 'zod';
import { isShuttingDown, type StepContext, serverOf } from '../../tasks/task-kind.ts';
import { CARRY_MS, type Carried, type Carrier, carried } from '../carry/carrier.ts';
import { commandState, SCRIPT_MS } from './update-parts.ts';

/** Milliseconds for the step `stage`, in which Buoy may download and send. */
export const STAGE_MS = CARRY_MS + 2 * SCRIPT_MS;

export const stageState = commandState.extend({ carried: carried.nullable().default(null) });

/**
 * @param run gets the variables of what was sent, which is removed where it fails
 */
export async function runCarried(
  { carrier }: { carrier: Pick<Carrier, 'remove'> },
  context: StepContext<unknown, z.output<typeof stageState>>,
  { bring, run }: { bring: () => Promise<Carried>; run: (sent: Carried) => Promise<unknown> },
): Promise<void> {
  const { state } = context;
  if (state.carried === null) {
    state.carried = await bring();
    await context.saveState();
  }
  const sent = state.carried;
  try {
    await run(sent);
  } catch (error) {
    if (!isShuttingDown(context.signal)) await carrier.remove(serverOf(context), sent);
    throw error;
  }
}
