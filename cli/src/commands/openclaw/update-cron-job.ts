// Changes a job; fields left out stay as they are.
import type { CronJobChange } from '@buoy/contract';
import {
  type Args,
  type Command,
  type Context,
  choiceOption,
  command,
  type Flags,
  type Given,
  isSet,
  type Texts,
  textOption,
  UsageError,
} from '../../command.ts';
import { jobIn, showJob } from './cron.ts';
import { deliveryIn, deliveryOptions, scheduleIn, scheduleOptions } from './cron-job-fields.ts';

async function update(
  context: Context &
    Args<'server' | 'job'> &
    Given<typeof scheduleOptions & typeof deliveryOptions> &
    Texts<'agent' | 'message' | 'name' | 'session'> &
    Flags<'no-delivery'>,
): Promise<void> {
  const { terminal, output } = context;
  const delivery = deliveryIn(context);
  const isSilent = isSet(context, 'no-delivery');
  if (isSilent && delivery !== undefined)
    throw new UsageError('--no-delivery does not go with --announce and --webhook.');
  const typed = textOption(context, 'message');
  const fields = {
    name: textOption(context, 'name'),
    message: typed === '-' ? await terminal.readStdin() : typed,
    schedule: scheduleIn(context),
    agentId: textOption(context, 'agent'),
    sessionTarget: choiceOption(context, 'session', ['isolated', 'main']),
    delivery: isSilent ? { mode: 'none' as const } : delivery,
  };
  const body: CronJobChange = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  );
  if (Object.keys(body).length === 0)
    throw new UsageError('Nothing to change.', 'See buoy openclaw cron update --help');
  const { api, params } = await jobIn(context);
  const answer = await api('PUT /servers/:id/openclaw/cron/:jobId', { params, body });
  output.result(answer, () => showJob(context, answer.job));
}

export const updateCronJobCommands: readonly Command[] = [
  command({
    name: 'openclaw cron update',
    summary: 'Change a job; options you leave out stay as they are',
    args: ['server', 'job'],
    options: {
      name: { type: 'string', value: 'NAME', summary: 'Display name' },
      message: { type: 'string', value: 'TEXT', summary: 'Message to the agent; - for standard input' },
      ...scheduleOptions,
      agent: { type: 'string', value: 'AGENT', summary: 'Agent id' },
      session: {
        type: 'string',
        value: 'SESSION',
        summary: 'isolated: a new session each time; main: the main session of the agent',
      },
      ...deliveryOptions,
      'no-delivery': { type: 'boolean', summary: 'Do not send the answer anywhere' },
    },
    run: update,
  }),
];
