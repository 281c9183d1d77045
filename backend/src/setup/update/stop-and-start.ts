// The moment of an update or a restore at which the gateway goes down, and the one at which it comes back.
import { z } from 'zod';
import type { GatewayBefore } from '../../openclaw/service/gateway-service.ts';
import { serverOf } from '../../tasks/task-kind.ts';
import { expectSilence } from './prove.ts';
import {
  AWAY_MS,
  commandState,
  READY_WITHIN_MS,
  type startResult,
  type stopResult,
  type UpdateContext,
  type UpdateTools,
} from './update-parts.ts';

export const stopState = commandState.extend({ stoppedAtMs: z.number().nullable().default(null) });

/** Stops the gateway, once also over a restart of Buoy. Throws AppError, `refused` where one answers all the same. */
export async function stopGateway(
  tools: UpdateTools,
  context: UpdateContext<z.output<typeof stopState>>,
  service: GatewayBefore,
): Promise<z.output<typeof stopResult>> {
  context.state.stoppedAtMs ??= tools.clock.now();
  const { stoppedAtMs, command } = context.state;
  await context.saveState();
  await tools.gatewayService.stop(context, service, { state: command });
  await expectSilence(tools, context);
  return { stoppedAtMs };
}

/** Starts what is in place now, and waits until it is ready. Throws AppError. */
export function startGateway(
  tools: UpdateTools,
  context: UpdateContext<z.output<typeof commandState>>,
  service: GatewayBefore,
): Promise<z.output<typeof startResult>> {
  // It may have another version, port or token.
  tools.onInstalled(serverOf(context));
  return tools.gatewayService.start(context, service, {
    state: context.state.command,
    ...{ readyWithinMs: READY_WITHIN_MS, awayMs: AWAY_MS },
  });
}
