// Reads a server's status from its gateway: several calls in parallel over the kept connection.
import { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import { toldTime } from '../../lib/clock.ts';
import { MAX_AGENTS } from '../agents/agents-config.ts';
import type { CallLimit } from '../gateway/call-limit.ts';
import type { Gateways, Hello } from '../gateway/gateways.ts';
import {
  boundedArray,
  cutText,
  figure,
  firstOf,
  nameText,
  textOrNull,
  wordOrNull,
} from '../reads/bounded.ts';
import { channelsStatus } from './channels.ts';

const size = z.number().int().nonnegative().optional().catch(undefined);
const systemInfo = z.looseObject({
  port: size,
  pid: size,
  uptimeMs: z.number().nonnegative().optional().catch(undefined),
  memoryTotalBytes: size,
  memoryFreeBytes: size,
  diskTotalBytes: size,
  diskAvailableBytes: size,
  processMemory: z.looseObject({ rssBytes: size }).optional().catch(undefined),
});
const agentsList = z.looseObject({ agents: boundedArray(z.unknown(), MAX_AGENTS) });
const sessionsList = z.looseObject({ totalCount: size, count: size });
const readiness = z.looseObject({ ready: z.boolean(), failing: firstOf(nameText, 50).catch([]) });

export type Readiness = {
  ready: boolean;
  /** Parts that are not ready yet: startup-sidecars, gateway-draining, a channel … */
  failing: string[];
};

export type GatewayReading = {
  hello: Hello;
  info: z.output<typeof systemInfo> | null;
  sessions: number | null;
  channels: z.output<typeof channelsStatus> | null;
};

/** Throws AppError when the gateway cannot be asked; a single question that it does not understand becomes null. */
export async function readGateway(
  gateways: Gateways,
  serverId: string,
  limit: CallLimit,
): Promise<GatewayReading> {
  const hello = await gateways.hello(serverId, limit);
  const ask = <S extends z.ZodType>(method: string, params: Record<string, unknown>, schema: S) =>
    orNull(gateways.call(serverId, method, params, schema, limit));
  const [info, sessions, channels] = await Promise.all([
    ask('system.info', {}, systemInfo),
    ask('sessions.list', { limit: 1 }, sessionsList),
    ask('channels.status', {}, channelsStatus),
  ]);
  return {
    hello,
    info,
    sessions: sessions?.totalCount ?? null,
    channels,
  };
}

/** The number of agents; null when the gateway does not support the call. Throws AppError. */
export async function countAgents(
  gateways: Gateways,
  serverId: string,
  limit: CallLimit,
): Promise<number | null> {
  const answer = await orNull(gateways.call(serverId, 'agents.list', {}, agentsList, limit));
  return answer?.agents.length ?? null;
}

/** GET /readyz. Throws AppError when nothing or something else answers. */
export async function readReadiness(
  gateways: Gateways,
  serverId: string,
  limit: CallLimit,
): Promise<Readiness> {
  const { body } = await gateways.probe(serverId, '/readyz', limit);
  const parsed = readiness.safeParse(body);
  return parsed.success
    ? { ready: parsed.data.ready, failing: parsed.data.failing }
    : { ready: true, failing: [] };
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isAppError(error, 'unsupported', 'refused', 'bad_gateway', 'output_too_large')) return null;
    throw error;
  }
}

const updateStatus = z.looseObject({
  updateAvailable: z
    .looseObject({ latestVersion: cutText(64).nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
  lastRun: z
    .looseObject({
      status: wordOrNull,
      reason: textOrNull(300),
      finishedAtMs: figure,
      target: z.looseObject({ version: wordOrNull }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
});

/** How OpenClaw's last update of itself failed. */
export type OwnUpdateFailure = { version: string | null; reason: string | null; at: string | null };
/** `ownFailure` undefined: the gateway cannot say. */
export type UpdateFacts = { latest: string | null; ownFailure: OwnUpdateFailure | null | undefined };

/** The newest version that the gateway knows of (null: of none newer, or it has not checked), and how its own last update ended. Throws AppError. */
export async function readUpdates(
  gateways: Gateways,
  serverId: string,
  limit: CallLimit,
): Promise<UpdateFacts> {
  const answer = await orNull(gateways.call(serverId, 'update.status', {}, updateStatus, limit));
  return {
    latest: answer?.updateAvailable?.latestVersion ?? null,
    ownFailure: answer === null ? undefined : ownFailureOf(answer.lastRun),
  };
}

function ownFailureOf(run: z.output<typeof updateStatus>['lastRun']): OwnUpdateFailure | null {
  if (run == null || (run.status !== 'failed' && run.status !== 'error')) return null;
  return {
    version: run.target?.version ?? null,
    reason: run.reason ?? null,
    at: toldTime(run.finishedAtMs),
  };
}
