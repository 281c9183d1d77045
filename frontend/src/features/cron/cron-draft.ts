// The draft of a job: form values, validation, and the request body.
import type { Contract, CronJob, CronSchedule, RequestOf } from '@buoy/contract';

export const intervalUnits = ['seconds', 'minutes', 'hours', 'days'] as const;
export type IntervalUnit = (typeof intervalUnits)[number];

/** `kept`: a kind that Buoy shows but does not make stays as it is. */
export type CronDraft = {
  name: string;
  /** Empty: the default agent. */
  agentId: string;
  kind: 'cron' | 'every' | 'at' | 'kept';
  expr: string;
  /** An IANA zone; empty: the server's own. */
  tz: string;
  count: string;
  unit: IntervalUnit;
  /** As `<input type="datetime-local">` has it, in the reader's time zone. */
  at: string;
  message: string;
  sessionTarget: 'isolated' | 'main' | 'kept';
  delivery: 'none' | 'announce' | 'webhook';
  channel: string;
  to: string;
};

export type NewJob = RequestOf<Contract['POST /servers/:id/openclaw/cron']>['body'];
export type JobChange = RequestOf<Contract['PUT /servers/:id/openclaw/cron/:jobId']>['body'];

/** The fields that can be wrong, and how. */
export type DraftProblems = Partial<
  Record<
    'name' | 'expr' | 'count' | 'at' | 'message' | 'to',
    'missing' | 'fields' | 'number' | 'past' | 'url'
  >
>;

const unitMs: Record<IntervalUnit, number> = {
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};
const MAX_EVERY_MS = 366 * unitMs.days;

export const emptyDraft: CronDraft = {
  name: '',
  agentId: '',
  kind: 'cron',
  expr: '0 9 * * *',
  tz: '',
  count: '30',
  unit: 'minutes',
  at: '',
  message: '',
  sessionTarget: 'isolated',
  delivery: 'none',
  channel: '',
  to: '',
};

export function draftOf(job: CronJob): CronDraft {
  const { schedule, delivery, sessionTarget } = job;
  return {
    ...emptyDraft,
    name: job.name,
    agentId: job.agentId ?? '',
    ...scheduleFields(schedule),
    message: job.message ?? '',
    sessionTarget: sessionTarget === 'isolated' || sessionTarget === 'main' ? sessionTarget : 'kept',
    delivery: delivery.mode,
    channel: delivery.channel ?? '',
    to: delivery.to ?? '',
  };
}

function scheduleFields(schedule: CronSchedule): Partial<CronDraft> {
  switch (schedule.kind) {
    case 'cron':
      return { kind: 'cron', expr: schedule.expr, tz: schedule.tz ?? '' };
    case 'every': {
      const unit =
        intervalUnits.findLast((one) => schedule.everyMs % unitMs[one] === 0 && schedule.everyMs > 0) ??
        'seconds';
      return { kind: 'every', count: String(schedule.everyMs / unitMs[unit]), unit };
    }
    case 'at':
      return { kind: 'at', at: localInput(new Date(schedule.at)) };
    case 'other':
      return { kind: 'kept' };
  }
}

/** A moment as `<input type="datetime-local">` takes it. */
export function localInput(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** @param nowMs milliseconds since the epoch. What only OpenClaw can judge, such as the name of a zone, is left to it. */
export function problemsOf(draft: CronDraft, nowMs: number): DraftProblems {
  const problems: DraftProblems = {};
  if (draft.name.trim() === '') problems.name = 'missing';
  if (draft.message.trim() === '') problems.message = 'missing';
  if (draft.kind === 'cron' && ![5, 6].includes(draft.expr.trim().split(/\s+/).length))
    problems.expr = 'fields';
  if (draft.kind === 'every') {
    const everyMs = Number(draft.count) * unitMs[draft.unit];
    if (!/^\d{1,9}$/.test(draft.count.trim()) || everyMs < 1_000 || everyMs > MAX_EVERY_MS)
      problems.count = 'number';
  }
  if (draft.kind === 'at') {
    const at = Date.parse(draft.at);
    if (Number.isNaN(at)) problems.at = 'missing';
    else if (at <= nowMs) problems.at = 'past';
  }
  if (draft.delivery === 'webhook' && !/^https?:\/\/\S+$/.test(draft.to.trim())) problems.to = 'url';
  return problems;
}

/** The schedule as it would be sent; null for one that stays as it is. */
export function scheduleOf(draft: CronDraft): NewJob['schedule'] | null {
  switch (draft.kind) {
    case 'cron': {
      const tz = draft.tz.trim();
      return { kind: 'cron', expr: draft.expr.trim(), ...(tz === '' ? {} : { tz }) };
    }
    case 'every':
      return { kind: 'every', everyMs: Number(draft.count) * unitMs[draft.unit] };
    case 'at':
      return { kind: 'at', at: new Date(draft.at).toISOString() };
    case 'kept':
      return null;
  }
}

function deliveryOf(draft: CronDraft): NonNullable<NewJob['delivery']> {
  const [channel, to] = [draft.channel.trim(), draft.to.trim()];
  switch (draft.delivery) {
    case 'none':
      return { mode: 'none' };
    case 'announce':
      return { mode: 'announce', ...(channel === '' ? {} : { channel }), ...(to === '' ? {} : { to }) };
    case 'webhook':
      return { mode: 'webhook', to };
  }
}

/** A new job of a draft without problems. */
export function newJobOf(draft: CronDraft): NewJob {
  const schedule = scheduleOf(draft);
  if (schedule === null || draft.sessionTarget === 'kept')
    throw new Error('A new job has nothing that could stay as it is.');
  return {
    name: draft.name.trim(),
    ...(draft.agentId === '' ? {} : { agentId: draft.agentId }),
    schedule,
    message: draft.message,
    sessionTarget: draft.sessionTarget,
    delivery: deliveryOf(draft),
  };
}

/** What a draft without problems changes about the job that it was made from; nothing else is sent. */
export function changeOf(before: CronDraft, draft: CronDraft): JobChange {
  const differs = (...fields: Array<keyof CronDraft>) =>
    fields.some((field) => before[field] !== draft[field]);
  const schedule = differs('kind', 'expr', 'tz', 'count', 'unit', 'at') ? scheduleOf(draft) : null;
  return {
    ...(differs('name') ? { name: draft.name.trim() } : {}),
    ...(differs('agentId') && draft.agentId !== '' ? { agentId: draft.agentId } : {}),
    ...(schedule === null ? {} : { schedule }),
    ...(differs('message') ? { message: draft.message } : {}),
    ...(differs('sessionTarget') && draft.sessionTarget !== 'kept'
      ? { sessionTarget: draft.sessionTarget }
      : {}),
    ...(differs('delivery', 'channel', 'to') ? { delivery: deliveryOf(draft) } : {}),
  };
}
