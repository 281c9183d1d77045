// The jobs of OpenClaw's scheduler: list, create, change, run. The scheduler answers when a change is stored, so no wait is needed.
import { type CronJob, type CronJobChange, cronJob, cronRun, type NewCronJob } from '@buoy/contract';
import { z } from 'zod';
import type { AuditRecorder } from '../../audit/audit-recorder.ts';
import { AppError } from '../../lib/app-error.ts';
import { MAX_AGENTS } from '../agents/agents-config.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { explained } from '../gateway/refusals.ts';
import { boundedArray, nameText } from '../reads/bounded.ts';
import type { GatewayCall, Reader } from '../reads/reader.ts';
import { type GatewayJob, gatewayJob, gatewayRun, isSystemJob, presentJob, presentRun } from './jobs.ts';
import { jobRefusals, missingJob } from './refused-job.ts';
import { addressFor } from './webhook-address.ts';

type Change = { signal: AbortSignal; audit: AuditRecorder };

/** Jobs in one answer of the gateway, its own limit, and such answers in one of ours. */
const PAGE = 200;
const MAX_PAGES = 5;

const jobsPage = z.looseObject({
  jobs: boundedArray(gatewayJob, PAGE),
  hasMore: z.boolean().catch(false),
  nextOffset: z.number().int().positive().nullish().catch(null),
});
const runsPage = z.looseObject({
  entries: boundedArray(gatewayRun, PAGE),
  hasMore: z.boolean().catch(false),
  nextOffset: z.number().int().positive().nullish().catch(null),
});
const started = z.looseObject({
  enqueued: z.boolean().nullish().catch(null),
  ran: z.boolean().nullish().catch(null),
  reason: nameText.nullish().catch(null),
  runId: nameText.nullish().catch(null),
});
const agentsList = z.looseObject({ agents: boundedArray(z.looseObject({ id: nameText }), MAX_AGENTS) });

export type OpenclawCron = ReturnType<typeof createOpenclawCron>;

export function createOpenclawCron({ gateways, reader }: { gateways: Gateways; reader: Reader }) {
  const call = <S extends z.ZodType>(
    serverId: string,
    method: string,
    params: Record<string, unknown>,
    schema: S,
    signal: AbortSignal,
  ) =>
    explained(
      gateways.call(serverId, method, params, schema, { deadlineMs: CHANGE_MS, signal }),
      jobRefusals,
    );

  const find = (serverId: string, jobId: string, signal: AbortSignal): Promise<GatewayJob> =>
    call(serverId, 'cron.get', { id: jobId }, gatewayJob, signal);

  async function findOwn(serverId: string, jobId: string, signal: AbortSignal): Promise<GatewayJob> {
    const job = await find(serverId, jobId, signal);
    if (!isSystemJob(job)) return job;
    throw new AppError(
      'conflict',
      'OpenClaw manages this job itself: a change would be undone or break it.',
      {
        hint: 'Set heartbeats and similar jobs in the config of OpenClaw.',
      },
    );
  }

  /** 2026.9.6 reports UNAVAILABLE for an unknown agent; 2026.7.35 accepts the job and never runs it. */
  async function expectAgent(
    serverId: string,
    agentId: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (agentId === undefined) return;
    const { agents } = await call(serverId, 'agents.list', {}, agentsList, signal);
    if (agents.some(({ id }) => id === agentId)) return;
    const message = `This server has no agent "${agentId}".`;
    throw new AppError('invalid_request', message, { details: [{ path: 'agentId', message }] });
  }

  return {
    list: (serverId: string, options: { signal: AbortSignal }) =>
      reader.read(
        serverId,
        {
          what: 'cron',
          schema: z.object({ jobs: z.array(cronJob) }),
          fromGateway: async (ask) => ({ jobs: await allJobs(ask) }),
        },
        options,
      ),

    /** Throws AppError: `refused` with OpenClaw's words for a schedule that it does not understand or that is over. */
    async add(serverId: string, job: NewCronJob, { signal, audit }: Change): Promise<CronJob> {
      await expectAgent(serverId, job.agentId, signal);
      const { name, enabled, agentId, schedule, sessionTarget } = job;
      const made = await call(
        serverId,
        'cron.add',
        {
          name,
          enabled,
          ...(agentId === undefined ? {} : { agentId }),
          schedule,
          sessionTarget,
          wakeMode: 'now',
          payload: payloadOf(sessionTarget, job.message),
          delivery: job.delivery,
        },
        gatewayJob,
        signal,
      );
      audit.note({ target: name, details: { jobId: made.id } });
      return presentJob(made);
    },

    /** Throws AppError: `not_found`, `conflict` for a job that OpenClaw keeps, `refused` as for `add`. */
    async change(
      serverId: string,
      jobId: string,
      change: CronJobChange,
      { signal, audit }: Change,
    ): Promise<CronJob> {
      const before = await findOwn(serverId, jobId, signal);
      audit.note({ target: before.name, details: { jobId, fields: Object.keys(change) } });
      await expectAgent(serverId, change.agentId, signal);
      const { message, delivery, ...same } = change;
      const target = change.sessionTarget ?? before.sessionTarget;
      const retargeted = change.sessionTarget !== undefined && change.sessionTarget !== before.sessionTarget;
      const text = message ?? (retargeted ? (presentJob(before).message ?? undefined) : undefined);
      const patch = {
        ...same,
        ...(delivery === undefined ? {} : { delivery: deliveryFor(delivery, before) }),
        ...(text === undefined ? {} : { payload: payloadOf(target, text) }),
      };
      if (Object.keys(patch).length === 0) return presentJob(before);
      return presentJob(await call(serverId, 'cron.update', { id: jobId, patch }, gatewayJob, signal));
    },

    /** Throws AppError: `not_found`, `conflict` for a job that OpenClaw keeps. */
    async remove(serverId: string, jobId: string, { signal, audit }: Change): Promise<void> {
      const { name } = await findOwn(serverId, jobId, signal);
      audit.note({ target: name, details: { jobId } });
      await call(serverId, 'cron.remove', { id: jobId }, z.looseObject({}), signal);
    },

    /** Answers when the run is queued. Throws AppError: `not_found`, `conflict` when OpenClaw did not start it. */
    async run(serverId: string, jobId: string, { signal }: { signal: AbortSignal }) {
      const answer = await call(serverId, 'cron.run', { id: jobId, mode: 'force' }, started, signal);
      if (answer.enqueued !== true && answer.ran !== true) {
        throw new AppError(
          'conflict',
          `OpenClaw did not start this job: ${answer.reason ?? 'no reason given'}.`,
          {
            hint: 'It may be running already.',
          },
        );
      }
      return { id: answer.runId ?? null, jobId };
    },

    runs: (
      serverId: string,
      jobId: string,
      { limit, cursor }: { limit: number; cursor?: string | undefined },
      options: { signal: AbortSignal },
    ) => {
      const offset = offsetIn(cursor);
      return reader.read(
        serverId,
        {
          what: `cron/${jobId}/runs/${limit}/${offset}`,
          schema: z.object({ runs: z.array(cronRun), nextCursor: z.string().nullable() }),
          keep: 'memory',
          async fromGateway(ask) {
            const page = await explained(ask('cron.runs', { id: jobId, limit, offset }, runsPage), [
              missingJob,
            ]);
            // 2026.7.35 returns no runs for an unknown job instead of an error.
            if (page.entries.length === 0)
              await explained(ask('cron.get', { id: jobId }, z.looseObject({})), [missingJob]);
            const next = page.hasMore ? (page.nextOffset ?? offset + page.entries.length) : null;
            return { runs: page.entries.map(presentRun), nextCursor: next === null ? null : String(next) };
          },
        },
        options,
      );
    },
  };
}

function deliveryFor(delivery: NonNullable<CronJobChange['delivery']>, before: GatewayJob) {
  return delivery.mode === 'webhook'
    ? { ...delivery, to: addressFor(delivery.to, before.delivery?.to) }
    : delivery;
}

/** Each page is put into our words as it comes: a page of long errors takes some 30 ms, and others have their time before the next one. */
async function allJobs(ask: GatewayCall): Promise<CronJob[]> {
  const jobs: CronJob[] = [];
  for (let pages = 0, offset = 0; pages < MAX_PAGES; pages += 1) {
    const page = await ask('cron.list', { includeDisabled: true, limit: PAGE, offset }, jobsPage);
    jobs.push(...page.jobs.map(presentJob));
    if (!page.hasMore || page.jobs.length === 0) break;
    offset = page.nextOffset ?? offset + page.jobs.length;
  }
  return jobs;
}

/** OpenClaw takes turns of an agent in sessions of their own, and words for the main session. */
function payloadOf(sessionTarget: string, message: string) {
  return sessionTarget === 'main' ? { kind: 'systemEvent', text: message } : { kind: 'agentTurn', message };
}

function offsetIn(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,9}$/.test(cursor)) return Number(cursor);
  throw new AppError('invalid_request', 'Buoy did not issue this cursor.', {
    hint: 'Pass the nextCursor of the previous page unchanged, or leave it out.',
    details: [{ path: 'cursor', message: 'is not a cursor of this list' }],
  });
}
