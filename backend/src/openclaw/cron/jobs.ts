// Converts jobs and runs of the scheduler to the contract (cron.list, cron.get, cron.add, cron.runs of 2026.7.35 and 2026.9.6).
import type { CronJob, CronRun, CronSchedule } from '@buoy/contract';
import { z } from 'zod';
import { isoTime, LAST_TIME_MS, toldTime } from '../../lib/clock.ts';
import { redactText } from '../../lib/redact.ts';
import { cutText, figure, nameText, wordText } from '../reads/bounded.ts';
import { shownAddress } from './webhook-address.ts';

/** Milliseconds since the epoch that the API can represent. */
const moment = z.number().int().nonnegative().max(LAST_TIME_MS).nullish().catch(null);
/** UTF-16 units of a job's text; Buoy itself accepts no longer ones. */
const MAX_MESSAGE = 100_000;
/** The same of what OpenClaw says of a run. */
const MAX_REPORT = 10_000;

const words = nameText.nullish().catch(null);
const message = cutText(MAX_MESSAGE).nullish().catch(null);
/** As long as Buoy accepts one: it goes back as it came. */
const address = cutText(2_000).nullish().catch(null);
const report = cutText(MAX_REPORT).nullish().catch(null);

export const gatewayJob = z.looseObject({
  id: nameText,
  name: nameText.catch(''),
  displayName: words,
  description: words,
  enabled: z.boolean().catch(true),
  agentId: words,
  declarationKey: words,
  schedule: z.looseObject({ kind: wordText }).catch({ kind: 'unknown' }),
  sessionTarget: nameText.catch('isolated'),
  payload: z
    .looseObject({ kind: wordText, message, text: message })
    .catch({ kind: 'unknown', message: null, text: null }),
  delivery: z.looseObject({ mode: words, channel: words, to: address }).nullish().catch(null),
  nextRunAtMs: moment,
  state: z
    .looseObject({
      nextRunAtMs: moment,
      runningAtMs: moment,
      lastRunAtMs: moment,
      lastRunStatus: words,
      lastStatus: words,
      lastError: report,
      lastDurationMs: figure,
    })
    .nullish()
    .catch(null),
});
export type GatewayJob = z.output<typeof gatewayJob>;

export const gatewayRun = z.looseObject({
  runId: words,
  ts: moment,
  runAtMs: moment,
  status: words,
  error: report,
  summary: report,
  durationMs: figure,
  sessionKey: words,
  deliveryStatus: words,
  usage: z.looseObject({ total_tokens: figure }).nullish().catch(null),
});

/** OpenClaw declares the jobs that it keeps by itself; an older version only says so in the description. */
export function isSystemJob({ declarationKey, payload, description }: GatewayJob): boolean {
  return (
    declarationKey != null || payload.kind === 'heartbeat' || (description ?? '').startsWith('[managed-by=')
  );
}

export function presentJob(job: GatewayJob): CronJob {
  const { payload, delivery, state } = job;
  const nextRunAtMs = job.nextRunAtMs ?? state?.nextRunAtMs ?? null;
  return {
    id: job.id,
    name: job.displayName ?? job.name,
    enabled: job.enabled,
    agentId: job.agentId ?? null,
    schedule: presentSchedule(job.schedule),
    message: payload.message ?? payload.text ?? null,
    sessionTarget: job.sessionTarget,
    delivery: {
      mode: delivery?.mode === 'announce' || delivery?.mode === 'webhook' ? delivery.mode : 'none',
      channel: delivery?.channel ?? null,
      to: delivery?.to == null ? null : shownAddress(delivery.to),
    },
    nextRunAt: nextRunAtMs === null ? null : isoTime(nextRunAtMs),
    running: state?.runningAtMs != null,
    lastRun:
      state?.lastRunAtMs == null
        ? null
        : {
            at: isoTime(state.lastRunAtMs),
            status: runStatus(state.lastRunStatus ?? state.lastStatus),
            error: shownError(state.lastError),
            durationMs: whole(state.lastDurationMs),
          },
    system: isSystemJob(job),
  };
}

export function presentRun(run: z.output<typeof gatewayRun>): CronRun {
  return {
    id: run.runId ?? null,
    at: isoTime(run.runAtMs ?? run.ts ?? 0),
    status: runStatus(run.status),
    error: shownError(run.error),
    summary: run.summary ?? null,
    durationMs: whole(run.durationMs),
    sessionKey: run.sessionKey ?? null,
    tokens: whole(run.usage?.total_tokens),
    delivered:
      run.deliveryStatus == null || run.deliveryStatus === 'not-requested'
        ? null
        : run.deliveryStatus === 'delivered',
  };
}

const knownSchedule = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('cron'), expr: nameText, tz: words }),
  z.looseObject({ kind: z.literal('every'), everyMs: z.number().int().nonnegative() }),
  z.looseObject({ kind: z.literal('at'), at: wordText }),
]);

function presentSchedule(schedule: GatewayJob['schedule']): CronSchedule {
  const known = knownSchedule.safeParse(schedule).data;
  switch (known?.kind) {
    case 'cron':
      return { kind: 'cron', expr: known.expr, tz: known.tz ?? null };
    case 'every':
      return { kind: 'every', everyMs: known.everyMs };
    case 'at': {
      const at = toldTime(Date.parse(known.at));
      if (at !== null) return { kind: 'at', at };
    }
  }
  return { kind: 'other', name: schedule.kind };
}

/** The words of a model provider or a webhook, which may repeat a key. */
function shownError(error: string | null | undefined): string | null {
  return error == null ? null : redactText(error);
}

function runStatus(status: string | null | undefined): CronRun['status'] {
  return status === 'ok' || status === 'error' || status === 'skipped' ? status : null;
}

function whole(value: number | null | undefined): number | null {
  return value == null ? null : Math.round(value);
}
