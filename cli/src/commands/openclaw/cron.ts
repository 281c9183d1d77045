// Scheduled jobs of OpenClaw: list, show, switch on and off, remove, and their runs.
import type { CronJob } from '@buoy/contract';
import { choose } from '../../choose.ts';
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  type Flags,
  numberOption,
  type Texts,
} from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { ago } from '../../output/ago.ts';
import { commandLine } from '../../output/command-line.ts';
import { duration } from '../../output/duration.ts';
import { number } from '../../output/figures.ts';
import { fixedColumn, wrappedColumn } from '../../output/table.ts';
import { serverIn } from '../../resolve-server.ts';
import { noteSource } from '../../source-note.ts';

const RUNS = 20;

export function scheduleText(schedule: CronJob['schedule']): string {
  if (schedule.kind === 'cron') return `${schedule.expr}${schedule.tz === null ? '' : ` ${schedule.tz}`}`;
  if (schedule.kind === 'every') return `every ${duration(schedule.everyMs)}`;
  return schedule.kind === 'at' ? `at ${schedule.at}` : schedule.name;
}

function lastRun({ running, lastRun: last }: CronJob, now: number): string {
  if (running) return 'running';
  return last === null ? '-' : `${last.status ?? 'ended'} ${ago(last.at, now)}`;
}

async function list(context: Context & Args<'server'>): Promise<void> {
  const { output, terminal } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/cron', { params: { id } });
  output.result(answer, () => {
    noteSource(context, answer);
    output.table(
      ['JOB', 'NAME', 'ON', 'SCHEDULE', fixedColumn('LAST'), 'NEXT', 'AGENT'],
      answer.jobs.map((one) => [
        one.id,
        one.system ? `${one.name} (OpenClaw's own)` : one.name,
        one.enabled ? 'yes' : 'no',
        scheduleText(one.schedule),
        lastRun(one, terminal.now()),
        one.nextRunAt,
        one.agentId,
      ]),
      'No jobs.',
    );
  });
}

/** Resolves the arguments SERVER and JOB. */
export async function jobIn(context: Context & Args<'server' | 'job'>) {
  const { api, id, name: serverName } = await serverIn(context);
  const { jobs, source, observedAt } = await api('GET /servers/:id/openclaw/cron', { params: { id } });
  const job = choose(jobs, arg(context, 'job'), {
    singular: 'job',
    plural: 'jobs',
    where: ` on ${serverName}`,
    id: (one) => one.id,
    names: ({ name }) => [name],
    list: commandLine('buoy', 'openclaw', 'cron', 'list', id),
  });
  return { api, serverName, job, params: { id, jobId: job.id }, source, observedAt };
}

async function show(context: Context & Args<'server' | 'job'>): Promise<void> {
  const { job, source, observedAt } = await jobIn(context);
  context.output.result({ job, source, observedAt }, () => {
    noteSource(context, { source, observedAt });
    showJob(context, job);
  });
}

export function showJob({ output, terminal }: Context, job: CronJob): void {
  const { mode, channel, to } = job.delivery;
  output.pairs([
    ['Job', job.id],
    ['Name', job.name],
    ['On', job.enabled ? 'yes' : 'no'],
    ['Schedule', scheduleText(job.schedule)],
    ['Agent', job.agentId ?? 'the default one'],
    ['Session', job.sessionTarget],
    ['Answer', [mode === 'none' ? 'stays in the session' : mode, channel, to].filter(Boolean).join(' ')],
    ['Message', job.message],
    ['Last run', lastRun(job, terminal.now())],
    ...(job.lastRun?.error == null ? [] : [['Error', job.lastRun.error] as const]),
    ['Next run', job.nextRunAt],
  ]);
}

function enabling(enabled: boolean) {
  return async (context: Context & Args<'server' | 'job'>): Promise<void> => {
    const { api, params } = await jobIn(context);
    const answer = await api('PUT /servers/:id/openclaw/cron/:jobId', { params, body: { enabled } });
    context.output.result(answer, () =>
      context.output.line(`${answer.job.name} is switched ${answer.job.enabled ? 'on' : 'off'}.`),
    );
  };
}

async function remove(context: Context & Args<'server' | 'job'> & Flags<'yes'>): Promise<void> {
  const { api, params, job, serverName } = await jobIn(context);
  await confirm(context, `Remove the job ${job.name} (${job.id}) from ${serverName}?`);
  await api('DELETE /servers/:id/openclaw/cron/:jobId', { params });
  context.output.result({ removed: job.id }, () => context.output.line(`Removed ${job.name}.`));
}

async function runs(context: Context & Args<'server' | 'job'> & Texts<'limit'>): Promise<void> {
  const { output, terminal } = context;
  const { api, params } = await jobIn(context);
  const answer = await api('GET /servers/:id/openclaw/cron/:jobId/runs', {
    params,
    query: { limit: numberOption(context, 'limit', 1, 200) ?? RUNS },
  });
  output.result(answer, () => {
    noteSource(context, answer);
    output.table(
      ['AT', fixedColumn('STATUS'), 'TOOK', 'TOKENS', wrappedColumn('ANSWER')],
      answer.runs.map((one) => [
        ago(one.at, terminal.now()),
        one.status,
        one.durationMs === null ? null : `${(one.durationMs / 1000).toFixed(1)} s`,
        one.tokens === null ? null : number(one.tokens),
        one.error ?? one.summary,
      ]),
      'The job has not run yet.',
    );
  });
}

const args = ['server', 'job'] as const;

export const cronCommands: readonly Command[] = [
  command({ name: 'openclaw cron list', summary: 'List scheduled jobs', args: ['server'], run: list }),
  command({ name: 'openclaw cron show', summary: 'Show one job', args, run: show }),
  command({ name: 'openclaw cron enable', summary: 'Switch a job on', args, run: enabling(true) }),
  command({ name: 'openclaw cron disable', summary: 'Switch a job off', args, run: enabling(false) }),
  command({
    name: 'openclaw cron remove',
    summary: 'Remove a job',
    args,
    options: { yes: yesOption },
    run: remove,
  }),
  command({
    name: 'openclaw cron runs',
    summary: 'List the runs of a job and how they ended, newest first',
    args,
    options: {
      limit: { type: 'string', value: 'NUMBER', summary: 'Maximum number of results (default 20)' },
    },
    run: runs,
  }),
];
