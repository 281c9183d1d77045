// Updates OpenClaw on a server and follows the task.
import {
  type Args,
  type Command,
  type Context,
  choiceOption,
  command,
  type Flags,
  isSet,
  type Texts,
  textOption,
} from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { followStarted } from '../../follow-task.ts';
import { serverIn } from '../../resolve-server.ts';
import { openclawOptions } from '../setup-tasks.ts';
import { outputOption, waitOption } from '../tasks.ts';

const busyChoices = ['wait', 'refuse'] as const;

async function update(
  context: Context &
    Args<'server'> &
    Flags<'yes' | 'no-wait' | 'output'> &
    Texts<'openclaw-version' | 'when-busy'>,
): Promise<number | undefined> {
  const version = textOption(context, 'openclaw-version');
  const whenBusy = choiceOption(context, 'when-busy', busyChoices);
  const { api, id, name } = await serverIn(context);
  const wanted = version ?? 'the newest version';
  await confirm(context, `Update OpenClaw on ${name} to ${wanted}? Its gateway is down for about a minute.`);
  const { task } = await api('POST /servers/:id/setup/update-component', {
    params: { id },
    body: { component: 'openclaw', version, whenBusy },
  });
  return followStarted(context, task, {
    wait: !isSet(context, 'no-wait'),
    showOutput: isSet(context, 'output'),
  });
}

export const updateCommand: Command = command({
  name: 'openclaw update',
  summary: 'Update OpenClaw; if a step fails, Buoy goes back to the old version and its state',
  args: ['server'],
  options: {
    ...openclawOptions,
    'when-busy': {
      type: 'string',
      value: 'ACTION',
      choices: busyChoices,
      summary: 'When agents are at work: wait for them, or refuse (default: wait)',
    },
    yes: yesOption,
    'no-wait': waitOption,
    output: outputOption,
  },
  run: update,
});
