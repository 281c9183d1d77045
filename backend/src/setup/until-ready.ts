// Waits for a gateway that a setup has started or restarted.
import { z } from 'zod';
import { AppError, isAppError } from '../lib/app-error.ts';
import { pause } from '../lib/pause.ts';
import type { CallOptions } from '../ssh/ssh.ts';
import { type StepContext, serverOf } from '../tasks/task-kind.ts';

/** Asks a page of the gateway for its JSON. Throws AppError. */
export type ProbeGateway = (
  serverId: string,
  path: '/readyz',
  options: CallOptions,
) => Promise<{ status: number; body: unknown }>;

/** Milliseconds for a first start: 13 s on a fast machine, minutes on a small one. */
const READY_MS = 5 * 60_000;
const PROBE_MS = 5_000;
const POLL_MS = 500;

const readyPage = z.looseObject({ ready: z.boolean() });

/** Throws AppError `not_ready` when the time is over. */
export async function untilReady<Input>(
  context: StepContext<Input, unknown>,
  probeGateway: ProbeGateway,
): Promise<void> {
  const { signal, clock } = context;
  const serverId = serverOf(context);
  const endsAt = clock.now() + READY_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      const { status, body } = await probeGateway(serverId, '/readyz', { deadlineMs: PROBE_MS, signal });
      if (status === 200 && readyPage.safeParse(body).data?.ready === true) return;
      context.detail('The gateway is starting.');
    } catch (error) {
      if (!isAppError(error) || signal.aborted) throw error;
      context.detail('The gateway does not answer yet.');
    }
    if (clock.now() > endsAt)
      throw new AppError(
        'not_ready',
        'The gateway was started, but did not become ready within five minutes.',
        {
          hint: 'Its log names the cause.',
        },
      );
    await pause(clock, POLL_MS, signal);
  }
}
