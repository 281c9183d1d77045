// Updates OpenClaw on a server and follows the task.
import type { Contract, EffectivePolicy, ResponseOf } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
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
import type { Output } from '../../output/output.ts';
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
  const known = isSet(context, 'yes') || !context.terminal.canAsk ? null : await updatesOf(api, id);
  if (known !== null) showWindow(context.output, known.policy);
  const wanted = version ?? pinIn(known) ?? 'the newest version';
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

type Updates = ResponseOf<Contract['GET /servers/:id/setup/check-updates']>;

/** null where the server cannot be asked: its update waits until it can. */
async function updatesOf(api: Client, id: string): Promise<Updates | null> {
  try {
    return await api('GET /servers/:id/setup/check-updates', { params: { id } });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return null;
  }
}

function pinIn(updates: Updates | null): string | null {
  return updates?.components.find(({ component }) => component === 'openclaw')?.pinned ?? null;
}

/** Says that rollouts would not update the server now; a person may. */
export function showWindow(output: Output, { windowTags, isOpen, opensAt }: EffectivePolicy): void {
  if (isOpen) return;
  const tags = windowTags.map((tag) => `"${tag}"`).join(', ');
  output.note(
    opensAt === null
      ? `The update windows of this server (tags ${tags}) are never open at the same time.`
      : `The update window of this server (tag ${tags}) is closed until ${opensAt}.`,
  );
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
