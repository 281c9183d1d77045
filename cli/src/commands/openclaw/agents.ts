// The agents of a server: list, show, create, change, remove.
import type { Agent, AgentChange } from '@buoy/contract';
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  type Flags,
  isSet,
  type OptionSpec,
  type Texts,
  textOption,
  UsageError,
} from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { serverIn } from '../../resolve-server.ts';
import { noteSource } from '../../source-note.ts';
import { agentIn } from './choose-agent.ts';

async function list(context: Context & Args<'server'>): Promise<void> {
  const { output } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/agents', { params: { id } });
  output.result(answer, () => {
    noteSource(context, answer);
    output.table(
      ['AGENT', 'NAME', 'DEFAULT', 'MODEL', 'BINDINGS', 'WORKSPACE'],
      answer.agents.map((one) => [
        one.id,
        [one.emoji, one.name].filter(Boolean).join(' '),
        one.isDefault ? '*' : '',
        one.model,
        one.bindings,
        one.workspace,
      ]),
      'No agents.',
    );
  });
}

async function show(context: Context & Args<'server' | 'agent'>): Promise<void> {
  const { agent, source, observedAt } = await agentIn(context);
  context.output.result({ agent, source, observedAt }, () => {
    noteSource(context, { source, observedAt });
    showAgent(context, agent);
  });
}

function showAgent({ output }: Context, agent: Agent): void {
  const { sandbox, heartbeat, inherited } = agent;
  const own = (part: Agent['inherited'][number], value: string | null) =>
    value === null ? null : `${value}${inherited.includes(part) ? ' (agent default)' : ''}`;
  output.pairs([
    ['Id', agent.id],
    ['Name', [agent.emoji, agent.name].filter(Boolean).join(' ')],
    ['Default', agent.isDefault ? 'yes' : 'no'],
    ['Model', own('model', agent.model)],
    ['Thinking', own('thinking', agent.thinking)],
    ['Tools', own('toolsProfile', agent.toolsProfile)],
    ['Sandbox', own('sandbox', sandbox?.mode ?? null)],
    ['Heartbeat', own('heartbeat', heartbeat?.every ?? null)],
    ['Bindings', agent.bindings],
    ['Workspace', agent.workspace],
  ]);
}

async function create(
  context: Context & Args<'server' | 'agent'> & Texts<'emoji' | 'model' | 'name' | 'workspace'>,
): Promise<void> {
  const { api, id, name: serverName } = await serverIn(context);
  const answer = await api('POST /servers/:id/openclaw/agents', {
    params: { id },
    body: {
      id: arg(context, 'agent'),
      name: textOption(context, 'name'),
      emoji: textOption(context, 'emoji'),
      workspace: textOption(context, 'workspace'),
      model: textOption(context, 'model'),
    },
  });
  context.output.result(answer, () =>
    context.output.line(
      `Created ${answer.agent.id} on ${serverName}, with its files in ${answer.agent.workspace}.`,
    ),
  );
}

type ChangeOption = 'emoji' | 'model' | 'thinking' | 'tools';

async function update(
  context: Context &
    Args<'server' | 'agent'> &
    Texts<ChangeOption | 'heartbeat' | 'name' | 'sandbox'> &
    Flags<'default'>,
): Promise<void> {
  const { api, params } = await agentIn(context);
  /** An empty value resets the field to the agent default. */
  const change = <K extends string>(key: K, option: ChangeOption): { [key in K]?: string | null } => {
    const value = textOption(context, option);
    return (value === undefined ? {} : { [key]: value === '' ? null : value }) as {
      [key in K]?: string | null;
    };
  };
  const name = textOption(context, 'name');
  const sandbox = textOption(context, 'sandbox');
  const heartbeat = textOption(context, 'heartbeat');
  const body: AgentChange = {
    ...(name === undefined ? {} : { name }),
    ...change('emoji', 'emoji'),
    ...change('model', 'model'),
    ...change('thinking', 'thinking'),
    ...change('toolsProfile', 'tools'),
    ...(sandbox === undefined ? {} : { sandbox: sandbox === '' ? null : { mode: sandbox } }),
    ...(heartbeat === undefined ? {} : { heartbeat: heartbeat === '' ? null : { every: heartbeat } }),
    ...(isSet(context, 'default') ? { isDefault: true } : {}),
  };
  if (Object.keys(body).length === 0)
    throw new UsageError('Nothing to change.', 'See buoy openclaw agents update --help');
  const answer = await api('PUT /servers/:id/openclaw/agents/:agentId', { params, body });
  context.output.result(answer, () => showAgent(context, answer.agent));
}

async function remove(context: Context & Args<'server' | 'agent'> & Flags<'files' | 'yes'>): Promise<void> {
  const { api, params, agent, serverName } = await agentIn(context);
  const deleteFiles = isSet(context, 'files');
  const files = deleteFiles ? `All files in ${agent.workspace} are deleted too.` : 'Its files stay.';
  await confirm(context, `Remove the agent ${agent.id} from ${serverName}? ${files}`);
  await api('DELETE /servers/:id/openclaw/agents/:agentId', {
    params,
    query: { deleteFiles: deleteFiles ? 'true' : 'false' },
  });
  context.output.result({ removed: agent.id, filesDeleted: deleteFiles }, () =>
    context.output.line(
      `Removed ${agent.id}.${deleteFiles || agent.workspace === null ? '' : ` Its files stay in ${agent.workspace}.`}`,
    ),
  );
}

const nameOption = { type: 'string', value: 'NAME', summary: 'Display name' } as const satisfies OptionSpec;

export const agentCommands: readonly Command[] = [
  command({ name: 'openclaw agents list', summary: 'List agents', args: ['server'], run: list }),
  command({ name: 'openclaw agents show', summary: 'Show one agent', args: ['server', 'agent'], run: show }),
  command({
    name: 'openclaw agents create',
    summary: 'Create an agent: AGENT is its id, of lowercase letters, digits and hyphens',
    args: ['server', 'agent'],
    options: {
      name: nameOption,
      emoji: { type: 'string', value: 'EMOJI', summary: 'Emoji next to the name' },
      workspace: {
        type: 'string',
        value: 'FOLDER',
        summary: 'Folder on the server (default: a folder of its own)',
      },
      model: { type: 'string', value: 'MODEL', summary: 'provider/name (default: the agent default)' },
    },
    run: create,
  }),
  command({
    name: 'openclaw agents update',
    summary: "Change an agent; options you leave out stay as they are, '' resets to the agent default",
    args: ['server', 'agent'],
    options: {
      name: nameOption,
      emoji: { type: 'string', value: 'EMOJI', summary: 'Emoji next to the name' },
      model: { type: 'string', value: 'MODEL', summary: 'provider/name' },
      thinking: { type: 'string', value: 'LEVEL', summary: 'Thinking level, as in off, low, high' },
      tools: { type: 'string', value: 'PROFILE', summary: 'Tool profile' },
      sandbox: { type: 'string', value: 'MODE', summary: 'Which of its sessions run in a sandbox' },
      heartbeat: {
        type: 'string',
        value: 'TIME',
        summary: 'Interval of the heartbeat, as in 30m; 0m for never',
      },
      default: { type: 'boolean', summary: 'Make it the default agent' },
    },
    run: update,
  }),
  command({
    name: 'openclaw agents delete',
    summary: 'Remove an agent; its files stay unless --files',
    args: ['server', 'agent'],
    options: { files: { type: 'boolean', summary: 'Delete its files too' }, yes: yesOption },
    run: remove,
  }),
];
