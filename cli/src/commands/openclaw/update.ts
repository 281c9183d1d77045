// Updates OpenClaw on a server, or the Node, npm or Ollama there, and follows the task.
import type { Contract, EffectivePolicy, ResponseOf, UpdateComponent } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { updateComponents } from '@buoy/contract/constants';
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
import { confirm, yesOption } from '../../confirm.ts';
import type { Output } from '../../output/output.ts';
import { serverIn } from '../../resolve-server.ts';
import { sudoOptions } from '../setup-secrets.ts';
import { followWithSudo, openclawOptions, viaIn, viaOptions } from '../setup-tasks.ts';
import { outputOption, waitOption } from '../tasks.ts';

const busyChoices = ['wait', 'refuse'] as const;

export const componentNames: Record<UpdateComponent, string> = {
  openclaw: 'OpenClaw',
  node: 'Node',
  npm: 'npm',
  ollama: 'Ollama',
};
const effects: Record<UpdateComponent, string> = {
  openclaw: 'Its gateway is down for about a minute.',
  node: 'Its gateway is down for about a minute.',
  npm: 'Its gateway keeps running.',
  ollama: 'Its installer runs as root and restarts Ollama.',
};

async function update(
  context: Context &
    Args<'server'> &
    Flags<'yes' | 'no-wait' | 'output'> &
    Given<typeof sudoOptions & typeof viaOptions> &
    Texts<'component' | 'to' | 'openclaw-version' | 'when-busy'>,
): Promise<number | undefined> {
  const component = choiceOption(context, 'component', updateComponents) ?? 'openclaw';
  const version = versionIn(context, component);
  const whenBusy = choiceOption(context, 'when-busy', busyChoices);
  const via = viaIn(context);
  const { api, id, name } = await serverIn(context);
  const known = isSet(context, 'yes') || !context.terminal.canAsk ? null : await updatesOf(api, id);
  if (known !== null && component === 'openclaw') showWindow(context.output, known.policy);
  const wanted = version ?? targetIn(known, component) ?? 'the newest version';
  const question = `Update ${componentNames[component]} on ${name} to ${wanted}?`;
  await confirm(context, `${question} ${effects[component]}`);
  return followWithSudo(context, name, (sudoPassword) =>
    api('POST /servers/:id/setup/update-component', {
      params: { id },
      body: { component, version, whenBusy, via, sudoPassword },
    }),
  );
}

/** undefined: the newest one, or the pinned one. @throws UsageError where it is given twice, or is needed */
function versionIn(
  context: Context & Texts<'to' | 'openclaw-version'>,
  component: UpdateComponent,
): string | undefined {
  const to = textOption(context, 'to');
  const ofOpenclaw = textOption(context, 'openclaw-version');
  if (ofOpenclaw !== undefined && component !== 'openclaw')
    throw new UsageError(
      '--openclaw-version is the version of OpenClaw.',
      `Give that of ${componentNames[component]} with --to VERSION.`,
    );
  if (to !== undefined && ofOpenclaw !== undefined)
    throw new UsageError('--to and --openclaw-version do not go together.');
  if (component === 'ollama' && to === undefined)
    throw new UsageError('Which version of Ollama? Its newest one is not known.', 'Give --to VERSION.');
  return to ?? ofOpenclaw;
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

/** As the server gets it when no version is asked for; null: not known. OpenClaw without a pin gets what is newest when its turn comes. */
function targetIn(updates: Updates | null, wanted: UpdateComponent): string | null {
  const found = updates?.components.find(({ component }) => component === wanted);
  return (wanted === 'openclaw' ? found?.pinned : found?.latest) ?? null;
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
  summary:
    'Update OpenClaw, or the Node, npm or Ollama of its server; if a step fails, Buoy goes back to the old version',
  args: ['server'],
  options: {
    component: {
      type: 'string',
      value: 'COMPONENT',
      choices: updateComponents,
      summary: `What is updated: ${updateComponents.join(', ')} (default: openclaw)`,
    },
    to: { type: 'string', value: 'VERSION', summary: 'Its new version (default: the newest)' },
    ...openclawOptions,
    ...viaOptions,
    'when-busy': {
      type: 'string',
      value: 'ACTION',
      choices: busyChoices,
      summary: 'When agents are at work: wait for them, or refuse (default: wait)',
    },
    ...sudoOptions,
    yes: yesOption,
    'no-wait': waitOption,
    output: outputOption,
  },
  run: update,
});
