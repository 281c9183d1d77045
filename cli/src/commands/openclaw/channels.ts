// The chat channels of a server: list, start, stop.
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  type Flags,
  type OptionSpec,
  type Texts,
  textOption,
} from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { ago } from '../../output/ago.ts';
import { fixedColumn, wrappedColumn } from '../../output/table.ts';
import { serverIn } from '../../resolve-server.ts';
import { noteSource } from '../../source-note.ts';

async function list(context: Context & Args<'server'>): Promise<void> {
  const { output, terminal } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/channels', { params: { id } });
  output.result(answer, () => {
    noteSource(context, answer);
    output.table(
      ['CHANNEL', 'ACCOUNT', 'NAME', fixedColumn('STATE'), 'ACTIVE', wrappedColumn('ERROR')],
      answer.channels.map((one) => [
        one.id,
        one.account,
        one.name,
        one.state.replace('_', ' '),
        ago(one.lastActivityAt, terminal.now()),
        one.error,
      ]),
      'No channels.',
    );
  });
}

type OneChannel = Context & Args<'server' | 'channel'> & Texts<'account'>;

/** @param ask called before the change, with the names of the channel and of the server */
function switching<C extends OneChannel>(
  verb: 'start' | 'stop',
  ask: (context: C, channel: string, server: string) => Promise<void> = async () => {},
) {
  return async (context: C): Promise<void> => {
    const { output } = context;
    const { api, id, name } = await serverIn(context);
    const channelId = arg(context, 'channel');
    await ask(context, channelId, name);
    const answer = await api(`POST /servers/:id/openclaw/channels/:channelId/${verb}`, {
      params: { id, channelId },
      body: { account: textOption(context, 'account') },
    });
    output.result(answer, () => {
      output.line(`${channelId} (${answer.channel.account}) is ${answer.channel.state.replace('_', ' ')}.`);
      if (answer.note !== null) output.note(answer.note);
    });
  };
}

const askToStop = (context: OneChannel & Flags<'yes'>, channel: string, server: string) =>
  confirm(context, `Stop ${channel} on ${server}? Messages there get no answer until you start it again.`);

const account = {
  type: 'string',
  value: 'ACCOUNT',
  summary: 'Account, if the channel has several',
} as const satisfies OptionSpec;

export const channelCommands: readonly Command[] = [
  command({
    name: 'openclaw channels list',
    summary: 'List chat channels and their state',
    args: ['server'],
    run: list,
  }),
  command({
    name: 'openclaw channels start',
    summary: 'Start a channel',
    args: ['server', 'channel'],
    options: { account },
    run: switching('start'),
  }),
  command({
    name: 'openclaw channels stop',
    summary: 'Stop a channel',
    args: ['server', 'channel'],
    options: { account, yes: yesOption },
    run: switching('stop', askToStop),
  }),
];
