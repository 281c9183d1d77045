// Schedules a job.
import type { Contract, RequestOf } from '@buoy/contract';
import {
  arg,
  type Command,
  type Context,
  choiceOption,
  isSet,
  textOption,
  UsageError,
} from '../../command.ts';
import { durationOf } from '../../output/duration.ts';
import { serverIn } from '../../resolve-server.ts';
import { showJob } from './cron.ts';

type Body = RequestOf<Contract['POST /servers/:id/openclaw/cron']>['body'];

function scheduleIn(context: Context): Body['schedule'] {
  const [expr, every, at] = (['cron', 'every', 'at'] as const).map((name) => textOption(context, name));
  const given = [expr, every, at].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new UsageError('Say when: one of --cron, --every and --at.', 'See buoy openclaw cron add --help');
  if (expr !== undefined) return { kind: 'cron', expr, tz: textOption(context, 'tz') };
  if (every !== undefined) return { kind: 'every', everyMs: durationOf(every, 'every') };
  const time = Date.parse(at ?? '');
  if (Number.isNaN(time))
    throw new UsageError(`--at takes a time such as 2026-03-01T09:00:00Z, not "${at}".`);
  return { kind: 'at', at: new Date(time).toISOString() };
}

function deliveryIn(context: Context): Body['delivery'] {
  const [announce, webhook] = [textOption(context, 'announce'), textOption(context, 'webhook')];
  if (announce !== undefined && webhook !== undefined)
    throw new UsageError('--announce and --webhook do not go together.');
  if (webhook !== undefined) return { mode: 'webhook', to: webhook };
  if (announce === undefined) return undefined;
  const [channel = '', ...to] = announce.split(':');
  return { mode: 'announce', channel, to: to.length === 0 ? undefined : to.join(':') };
}

async function add(context: Context): Promise<void> {
  const { terminal, output } = context;
  const schedule = scheduleIn(context);
  const delivery = deliveryIn(context);
  const { api, id } = await serverIn(context);
  const said = textOption(context, 'message');
  const message = said === undefined || said === '-' ? await terminal.readStdin() : said;
  if (message.trim() === '')
    throw new UsageError(
      'What shall the agent be told? --message is missing.',
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
  {
    name: 'openclaw cron add',
    summary: 'Schedule a job: tell an agent something at a time, or again and again',
    args: ['server', 'name'],
    options: {
      message: { type: 'string', value: 'TEXT', summary: 'What the agent is told; else from standard input' },
      cron: { type: 'string', value: 'EXPRESSION', summary: "When, as in '0 9 * * 1-5'" },
      tz: {
        type: 'string',
        value: 'ZONE',
        summary: "With --cron, as in Europe/Berlin; the server's own unless told",
      },
      every: { type: 'string', value: 'TIME', summary: 'Again and again after 30s, 10m, 2h or 1d' },
      at: { type: 'string', value: 'TIME', summary: 'Once, as in 2026-03-01T09:00:00Z' },
      agent: {
        type: 'string',
        value: 'AGENT',
        summary: 'The agent with this id; the default one unless told',
      },
      session: {
        type: 'string',
        value: 'SESSION',
        summary: 'isolated: a new one each time, which is the default; main: the main one of the agent',
      },
      announce: {
        type: 'string',
        value: 'CHANNEL[:TO]',
        summary: 'Send the answer there, as in telegram:123456',
      },
      webhook: { type: 'string', value: 'URL', summary: 'Send the answer to this address' },
      disabled: { type: 'boolean', summary: 'Do not switch it on yet' },
    },
    run: add,
  },
];
