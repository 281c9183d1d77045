// Proves a start: the answering process is new where it has to be, and reports over RPC that it is healthy.

import type { GatewayStarted } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { pause } from '../../lib/pause.ts';
import { reachServer } from '../../tasks/retry-while-unreachable.ts';
import { serverOf, type TaskStepKind, taskStep } from '../../tasks/task-kind.ts';
import type { ServiceFacts } from '../host/installation.ts';
import { failedStart, gatewayDidNotStart } from './failure.ts';
import {
  type GatewayBefore,
  gatewayBefore,
  gatewayReady,
  POLL_MS,
  PROBE_MS,
  type ServiceTools,
  serviceBegun,
} from './parts.ts';

const VERIFY_MS = 10 * 60_000;
/** Milliseconds for a ready gateway to answer RPC, counted anew when the server was away. */
const HEALTHY_WITHIN_MS = 60_000;

const health = z.looseObject({ ok: z.boolean().optional().catch(undefined) });

type Answer =
  | { doubt: null; hello: { bootId: string | null; version: string } }
  | { doubt: AppError; hello: null };

/**
 * The step whose success means that the start is proved. Its result is the result of the task.
 * @param options.begun the id of the step that gave the order
 * @param options.mustBeNew whether a gateway that answered before does not count
 */
export function createVerifyStep(
  tools: ServiceTools,
  options: { begun: 'start' | 'restart'; mustBeNew(before: GatewayBefore): boolean },
): TaskStepKind {
  const { gateways, installations, clock } = tools;

  return taskStep<unknown>({
    id: 'verify',
    title: 'Prove that it works',
    deadlineMs: VERIFY_MS,
    async run(context): Promise<GatewayStarted> {
      const serverId = serverOf(context);
      const before = context.resultOf('inspect', gatewayBefore);
      const { startedAtMs } = context.resultOf(options.begun, serviceBegun);
      const { readyAtMs } = context.resultOf('ready', gatewayReady);
      const endsAt = clock.now() + VERIFY_MS;
      let healthyBy = clock.now() + HEALTHY_WITHIN_MS;
      const extend = () => {
        healthyBy = clock.now() + HEALTHY_WITHIN_MS;
      };
      for (;;) {
        context.signal.throwIfAborted();
        const service = await reachServer(
          context,
          endsAt - clock.now(),
          (limits) => installations.service(serverId, limits),
          extend,
        );
        const problem = failedStart(service, service.restarts ?? 0);
        if (problem !== null) throw await gatewayDidNotStart(tools, context, before.hostTimeMs, problem);
        const { doubt, hello } = await askGateway(serverId, before, service, context.signal);
        if (doubt === null) {
          context.detail('It answers, and says that it is healthy.');
          return {
            bootId: hello.bootId,
            pid: service.pid,
            version: hello.version,
            downtimeMs: Math.max(0, readyAtMs - startedAtMs),
          };
        }
        context.detail(doubt.message);
        if (clock.now() > healthyBy) throw doubt;
        await pause(clock, POLL_MS, context.signal);
      }
    },
  });

  /** Asks over RPC whether this is another process than before, and whether it is healthy. */
  async function askGateway(
    serverId: string,
    before: GatewayBefore,
    service: ServiceFacts,
    signal: AbortSignal,
  ): Promise<Answer> {
    const limits = { deadlineMs: PROBE_MS, signal, retry: true };
    try {
      const hello = await gateways.hello(serverId, limits);
      const canTell = before.bootId !== null && hello.bootId !== null;
      const isSame = canTell
        ? hello.bootId === before.bootId
        : before.pid !== null && service.pid === before.pid;
      if (isSame && options.mustBeNew(before))
        return {
          doubt: new AppError(
            'refused',
            'The gateway that answers is still the process from before the restart.',
            {
              hint: 'Another gateway may be running on this server outside its service; check its processes.',
            },
          ),
          hello: null,
        };
      const { ok } = await gateways.call(serverId, 'health', {}, health, limits);
      if (ok !== false) return { doubt: null, hello };
      return {
        doubt: new AppError('refused', 'The gateway runs, but reports that it is not healthy.', {
          hint: 'Check its status and log.',
        }),
        hello: null,
      };
    } catch (error) {
      if (!isAppError(error) || signal.aborted) throw error;
      return { doubt: error, hello: null };
    }
  }
}
