// Runs a job now, and with --wait prints the result.
import type { CronRun } from '@buoy/contract';
import {
  type Args,
  type Command,
  CommandError,
  type Context,
  command,
  type Flags,
  isSet,
} from '../../command.ts';
import { isFinal } from '../../follow-stream.ts';
import { commandLine } from '../../output/command-line.ts';
import { jobIn } from './cron.ts';

const POLL_INTERVAL_MS = 2_000;
const RECENT = 20;
/** Gives up when the job is neither running nor finished for this long. */
const MAX_IDLE_MS = 30_000;

async function run(context: Context & Args<'server' | 'job'> & Flags<'wait'>): Promise<number | undefined> {
  const { output } = context;
  const { api, params, job } = await jobIn(context);
  const endedRuns = async () =>
    (await api('GET /servers/:id/openclaw/cron/:jobId/runs', { params, query: { limit: RECENT } })).runs;
  const isWaiting = isSet(context, 'wait');
  const before = new Set(isWaiting ? (await endedRuns()).map(nameOf) : []);
  const answer = await api('POST /servers/:id/openclaw/cron/:jobId/run', { params });
  const laterHint = `See how it went: ${commandLine('buoy', 'openclaw', 'cron', 'runs', params.id, job.id)}`;
  if (!isWaiting) {
    output.result(answer, () => output.line(`Started ${job.name}. ${laterHint}`));
    return undefined;
  }
  if (!output.json) output.note(`Started ${job.name}.`);
  const ended = await untilEnded(context, {
    async find() {
      const runs = await endedRuns();
      return (
        runs.find(({ id }) => id !== null && id === answer.run.id) ??
        runs.find((one) => !before.has(nameOf(one)))
      );
    },
    isAtWork: async () =>
      (await api('GET /servers/:id/openclaw/cron', { params: { id: params.id } })).jobs.some(
        ({ id, running }) => id === job.id && running,
      ),
    laterHint,
  });
  output.result({ run: ended }, () => {
    if (ended.summary !== null && ended.summary !== '') output.text(`${ended.summary.trimEnd()}\n`);
    if (ended.status !== 'ok')
      output.note(
        `buoy: the run ended with ${ended.status ?? 'no status'}${ended.error === null ? '.' : `: ${ended.error}`}`,
      );
  });
  return ended.status === 'ok' ? undefined : 1;
}

const nameOf = ({ id, at }: CronRun): string => `${id ?? ''} ${at}`;

/** @throws CommandError on Ctrl-C, or when the run leaves no result */
async function untilEnded(
  { terminal }: Context,
  poll: { find(): Promise<CronRun | undefined>; isAtWork(): Promise<boolean>; laterHint: string },
): Promise<CronRun> {
  let seenAt = terminal.now();
  while (terminal.now() - seenAt <= MAX_IDLE_MS) {
    await terminal.pause(POLL_INTERVAL_MS, terminal.signal);
    if (terminal.signal.aborted)
      throw new CommandError('Stopped waiting; the job continues.', poll.laterHint);
    try {
      const found = await poll.find();
      if (found !== undefined) return found;
      if (await poll.isAtWork()) seenAt = terminal.now();
    } catch (error) {
      if (isFinal(error)) throw error;
    }
  }
  throw new CommandError(
    'The job is not running, and OpenClaw reports no result of this run.',
    poll.laterHint,
  );
}

export const runCronJobCommands: readonly Command[] = [
  command({
    name: 'openclaw cron run',
    summary: 'Run a job now, regardless of its schedule',
    args: ['server', 'job'],
    options: {
      wait: {
        type: 'boolean',
        summary: 'Wait for the end and print the answer; exits with 1 if the run failed',
      },
    },
    run,
  }),
];
