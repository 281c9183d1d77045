// Shared by the service tasks: their tools and the result of the first step.
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import type { RemoteRuns } from '../../tasks/remote-run.ts';
import type { StepContext } from '../../tasks/task-kind.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { Installations } from '../host/installation.ts';

export type ServiceTools = {
  ssh: Pick<Ssh, 'script'>;
  gateways: Pick<Gateways, 'hello' | 'call' | 'probe'>;
  installations: Pick<Installations, 'find' | 'service' | 'journal' | 'access'>;
  remoteRuns: RemoteRuns;
  clock: Clock;
};

/** Any step of these tasks, whatever it keeps. */
export type ServiceContext = StepContext<unknown, unknown>;

/** Starting, stopping, restarting, setting up and updating exclude each other on a server. */
export const oneServiceTask = 'openclaw.service';

/** The gateway before anything was done: the result of the step `inspect`. */
export const gatewayBefore = z.object({
  manager: z.enum(['systemd-user', 'systemd-system', 'supervised']),
  unit: z.string(),
  port: z.number().nullable(),
  bootId: z.string().nullable(),
  /** A gateway answers, if not necessarily the one of the service. */
  answers: z.boolean(),
  activeState: z.string().nullable(),
  pid: z.number().nullable(),
  /** Milliseconds since the epoch by the server's own clock. */
  hostTimeMs: z.number(),
});
export type GatewayBefore = z.output<typeof gatewayBefore>;

/** Result of the step `start` or `restart`. */
export const serviceBegun = z.object({ startedAtMs: z.number() });
/** Result of the step `ready`. */
export const gatewayReady = z.object({ readyAtMs: z.number() });

/** Milliseconds for one question to the gateway itself. */
export const PROBE_MS = 5_000;
/** Milliseconds between two checks of a starting gateway. */
export const POLL_MS = 1_000;
