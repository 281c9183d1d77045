// Schedules a job.
import {
  type Args,
  arg,
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
import { serverIn } from '../../resolve-server.ts';
import { showJob } from './cron.ts';
import { deliveryIn, deliveryOptions, scheduleIn, scheduleOptions } from './cron-job-fields.ts';

async function add(
  context: Context &
    Args<'server' | 'name'> &
    Given<typeof scheduleOptions & typeof deliveryOptions> &
    Texts<'agent' | 'message' | 'session'> &
    Flags<'disabled'>,
): Promise<void> {
  const { terminal, output } = context;
  const schedule = scheduleIn(context);
  if (schedule === undefined)
    throw new UsageError(
      'When should it run? Give one of --cron, --every and --at.',
      'See buoy openclaw cron add --help',
    );
  const delivery = deliveryIn(context);
  const { api, id } = await serverIn(context);
  const said = textOption(context, 'message');
  const message = said === undefined || said === '-' ? await terminal.readStdin() : said;
  if (message.trim() === '')
    throw new UsageError(
      'What should the agent be told? --message is missing.',
      'Or give it on standard input.',
    );
  const answer = await api('POST /servers/:id/openclaw/cron', {
    params: { id },
    body: {
      name: arg(context, 'name'),
      message,
      schedule,
      delivery,
      agentId: textOption(context, 'agent'),
      sessionTarget: choiceOption(context, 'session', ['isolated', 'main']),
      enabled: !isSet(context, 'disabled'),
    },
  });
  output.result(answer, () => showJob(context, answer.job));
}

export const addCronJobCommands: readonly Command[] = [
  command({
    name: 'openclaw cron add',
    summary: 'Schedule a job: send a message to an agent once, or repeatedly',
    args: ['server', 'name'],
    options: {
      message: {
        type: 'string',
        value: 'TEXT',
        summary: 'Message to the agent; read from standard input if left out',
      },
      ...scheduleOptions,
      agent: {
        type: 'string',
        value: 'AGENT',
        summary: 'Agent id (default: the default agent)',
      },
      session: {
        type: 'string',
        value: 'SESSION',
        summary: 'isolated: a new session each time (default); main: the main session of the agent',
      },
      ...deliveryOptions,
      disabled: { type: 'boolean', summary: 'Create the job switched off' },
    },
    run: add,
  }),
];
