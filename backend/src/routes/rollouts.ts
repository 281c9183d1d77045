// Rollouts: updates of many servers.
import { signedIn } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { Rollouts } from '../rollouts/rollouts.ts';

export function rolloutRoutes(rollouts: Rollouts): Route[] {
  return [
    route('POST /rollouts', signedIn, async ({ body, callerNow, audit }) => ({
      rollout: await rollouts.create(body, { callerNow }, audit),
    })),
    route('GET /rollouts', signedIn, ({ caller, query }) => rollouts.list(caller, query)),
    route('GET /rollouts/:id', signedIn, async ({ caller, params }) => ({
      rollout: await rollouts.find(caller, params.id),
    })),
    route('POST /rollouts/:id/pause', signedIn, async ({ caller, params, audit }) => ({
      rollout: await rollouts.pause(caller, params.id, audit),
    })),
    route('POST /rollouts/:id/resume', signedIn, async ({ caller, params, body, audit }) => ({
      rollout: await rollouts.resume(caller, params.id, body ?? { skipFailed: false }, audit),
    })),
    route('POST /rollouts/:id/cancel', signedIn, async ({ caller, params, audit }) => ({
      rollout: await rollouts.cancel(caller, params.id, audit),
    })),
  ];
}
