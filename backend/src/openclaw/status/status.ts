// Reads the status of OpenClaw on a server: from its gateway when that answers, else from its host, else from the last snapshot.
import type { OpenclawStatus } from '@buoy/contract';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import type { Ssh } from '../../ssh/ssh.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import { FIRST_READ_MS, READ_MS } from '../gateway/deadlines.ts';
import { unanswered } from '../gateway/failures.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { Cli } from '../host/cli.ts';
import type { GatewayFailure, HostInspection, Installations } from '../host/installation.ts';
import { type HostLimits, readWithFallback } from '../reads/fallback.ts';
import type { SnapshotStore } from '../reads/snapshots.store.ts';
import { type CliCounts, createCliCounter } from './cli-counts.ts';
import { createFailureReader } from './failure-reader.ts';
import { type OwnUpdateFailure, readGateway, readReadiness } from './gateway-reading.ts';
import { statusFromGateway } from './gateway-status.ts';
import { gatewayStateOf, statusFromHost } from './host-status.ts';
import { type Observe, observationOf } from './observation.ts';
import { createRecorder } from './recorder.ts';
import { createSideFacts } from './side-facts.ts';

export type StatusAnswer = {
  status: OpenclawStatus;
  /** `cli`: the gateway did not answer, the host and OpenClaw's own command did. `snapshot`: the server did not answer. */
  source: 'gateway' | 'cli' | 'snapshot';
  /** ISO 8601 UTC. */
  observedAt: string;
  /** false: the channels could not be read, and an empty list says nothing. Not for clients. */
  channelsSeen: boolean;
  /** OpenClaw's last update of itself, if it failed; undefined: not read. Not for clients. */
  ownUpdateFailure?: OwnUpdateFailure | null | undefined;
  /** Why the gateway is down, as its log says; null or absent: not known. Not for clients. */
  failure?: GatewayFailure | null;
  /** Why nothing newer could be read; only for a snapshot, and not for clients. */
  problem?: unknown;
};

export type OpenclawStatusReader = {
  /** Concurrent callers share one read. Throws AppError for an unreachable server without a snapshot, or a changed host key. */
  read(serverId: string, options?: { signal?: AbortSignal }): Promise<StatusAnswer>;
};

/** Milliseconds for /readyz when the WebSocket could not be used. */
const READINESS_MS = 1_000;
/** Milliseconds after which a caller is released in any case: more than any read takes. */
const CALLER_MS = 10_000;

export function createOpenclawStatus({
  gateways,
  installations,
  ssh,
  cli,
  snapshots,
  observe,
  clock,
  logger,
}: {
  gateways: Gateways;
  installations: Installations;
  ssh: Ssh;
  cli: Cli;
  snapshots: SnapshotStore;
  observe: Observe;
  clock: Clock;
  logger: Logger;
}): OpenclawStatusReader {
  const flights = new Map<string, Promise<StatusAnswer>>();
  /** The last read of each server: an earlier one must not overwrite its result. */
  const lastReads = new Map<string, symbol>();
  const recorder = createRecorder({ snapshots, observe, clock, logger });
  const sideFacts = createSideFacts({ installations, gateways, clock, logger });
  const counter = createCliCounter({ cli, clock });
  const failures = createFailureReader({ installations, clock });

  gateways.onStateChange((serverId, state) => {
    sideFacts.forget(serverId);
    counter.forget(serverId);
    failures.forget(serverId);
    if (state === 'reset') {
      recorder.forget(serverId);
      lastReads.delete(serverId);
      flights.delete(serverId);
    } else {
      sideFacts.refreshService(serverId);
    }
  });

  async function readNow(serverId: string): Promise<StatusAnswer> {
    lastReads.set(serverId, Symbol());
    return readWithFallback(
      {
        fromGateway: ({ deadlineMs }) => fromGateway(serverId, deadlineMs),
        isAnswer: (error) => isAppError(error, 'not_found'),
        mayAskHost: () => true,
        fromHost: (problem, limits) => fromHost(serverId, problem, limits),
        problemAfter: (_problem, hostError) => hostError,
        fromSnapshot: (problem) => fromSnapshot(serverId, problem),
      },
      (await isFirstContact(serverId)) ? FIRST_READ_MS : READ_MS,
      clock,
    );
  }

  async function isFirstContact(serverId: string): Promise<boolean> {
    const state = ssh.state(serverId);
    if (installations.lastInspection(serverId) !== null || (state !== 'idle' && state !== 'connecting'))
      return false;
    return (await recorder.lastSnapshot(serverId)) === null;
  }

  async function fromGateway(serverId: string, deadlineMs: number): Promise<StatusAnswer> {
    const [reading, agents, readiness, updates] = await Promise.all([
      readGateway(gateways, serverId, { deadlineMs }),
      sideFacts.agents(serverId, deadlineMs),
      sideFacts.readiness(serverId, deadlineMs),
      sideFacts.updates(serverId, deadlineMs),
    ]);
    const status = statusFromGateway(
      reading,
      agents,
      readiness,
      installations.lastInspection(serverId),
      sideFacts.service(serverId),
      updates.latest,
    );
    await recorder.snapshot(serverId, status);
    await recorder.observation(serverId, observationOf(status));
    return { ...answer(status, 'gateway', reading.channels !== null), ownUpdateFailure: updates.ownFailure };
  }

  async function fromHost(
    serverId: string,
    problem: unknown,
    { startedAtMs, budgetMs, left }: HostLimits,
  ): Promise<StatusAnswer> {
    const inspection = await inspectSince(serverId, startedAtMs, left(budgetMs));
    const { installation, service } = inspection;
    const mayRun = installation.installed && service.pid !== null;
    const readiness = mayRun
      ? await readReadiness(gateways, serverId, { deadlineMs: Math.min(READINESS_MS, left(budgetMs)) }).catch(
          () => null,
        )
      : null;
    const isDown = ['stopped', 'failed'].includes(gatewayStateOf(installation, service, readiness));
    const [counts, failure] = await Promise.all([
      isDown ? countWithin(serverId, inspection, left(READ_MS.host)) : withoutCli(inspection),
      failures.read(serverId, service, left(budgetMs)),
    ]);
    const status = statusFromHost(inspection, readiness, counts);
    await recorder.snapshot(serverId, status);
    await recorder.observation(
      serverId,
      observationOf(status, {
        problem: sentence(problem),
        isOther: isAppError(problem, 'bad_gateway'),
        cause: failure?.cause ?? null,
      }),
    );
    return { ...answer(status, 'cli', false), failure };
  }

  /** The failed gateway call may have inspected the host already; once is enough. */
  async function inspectSince(serverId: string, since: number, deadlineMs: number): Promise<HostInspection> {
    const last = installations.lastInspection(serverId);
    return last !== null && last.observedAtMs >= since
      ? last
      : installations.inspect(serverId, { deadlineMs });
  }

  /** The counts when they come in time; else they are added to the snapshot when they come, and to the next answer. */
  async function countWithin(
    serverId: string,
    inspection: HostInspection,
    deadlineMs: number,
  ): Promise<CliCounts> {
    const thisRead = lastReads.get(serverId);
    const counting = counter.read(serverId, inspection);
    try {
      return await withTimeout(counting, { deadlineMs }, clock, deadlineError);
    } catch {
      void counting.then(async (counts) => {
        if (thisRead === undefined || lastReads.get(serverId) !== thisRead) return;
        await recorder.snapshot(serverId, statusFromHost(inspection, null, counts));
      });
      return withoutCli(inspection);
    }
  }

  async function fromSnapshot(serverId: string, problem: unknown): Promise<StatusAnswer> {
    await recorder.observation(serverId, {
      state: 'unreachable',
      reasons: [sentence(problem)],
      openclaw: null,
    });
    // Another machine may answer at that address: a person must decide, so no old status may hide the error.
    if (isAppError(problem, 'host_key_changed')) throw problem;
    const last = await recorder.lastSnapshot(serverId);
    if (last === null) throw unanswered(problem);
    return {
      status: last.status,
      source: 'snapshot',
      observedAt: last.observedAt,
      channelsSeen: false,
      problem: unanswered(problem),
    };
  }

  function answer(status: OpenclawStatus, source: 'gateway' | 'cli', channelsSeen: boolean): StatusAnswer {
    return { status, source, observedAt: isoTime(clock.now()), channelsSeen };
  }

  return {
    read(serverId, { signal } = {}) {
      let flight = flights.get(serverId);
      if (flight === undefined) {
        const started = readNow(serverId).finally(() => {
          if (flights.get(serverId) === started) flights.delete(serverId);
        });
        flights.set(serverId, started);
        flight = started;
      }
      return withTimeout(flight, { deadlineMs: CALLER_MS, signal }, clock, deadlineError);
    },
  };
}

function withoutCli({ agentsInConfig }: HostInspection): CliCounts {
  return { agents: agentsInConfig, sessions: null };
}

function sentence(error: unknown): string {
  return error instanceof AppError ? error.message : 'The server could not be read for an unknown reason.';
}
