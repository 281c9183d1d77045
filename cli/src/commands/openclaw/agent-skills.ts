// Which skills an agent may use: all, or only those on a list.
import type { AgentSkills, AgentSkillsChange } from '@buoy/contract';
import {
  type Args,
  type Command,
  type Context,
  command,
  type Flags,
  isSet,
  type Lists,
  textsOption,
  UsageError,
} from '../../command.ts';
import { noteSource } from '../../source-note.ts';
import { agentIn } from './choose-agent.ts';

async function show(context: Context & Args<'server' | 'agent'>): Promise<void> {
  const { api, params } = await agentIn(context);
  const answer = await api('GET /servers/:id/openclaw/agents/:agentId/skills', { params });
  context.output.result(answer, () => {
    noteSource(context, answer);
    showSkills(context, answer.skills);
  });
}

function showSkills({ output }: Context, { mode, names, inherited, unknown }: AgentSkills): void {
  output.pairs([
    ['May use', mode === 'all' ? 'all skills' : names.length === 0 ? 'none' : names.join(', ')],
    ['Set for', inherited ? 'all agents' : 'this agent'],
  ]);
  if (unknown !== null && unknown.length > 0)
    output.note(output.colour('yellow', `The server has no skill named: ${unknown.join(', ')}`));
}

async function set(
  context: Context & Args<'server' | 'agent'> & Lists<'only'> & Flags<'all'>,
): Promise<void> {
  const { api, params } = await agentIn(context);
  const only = textsOption(context, 'only')?.filter((name) => name !== '');
  const all = isSet(context, 'all');
  if (all === (only !== undefined))
    throw new UsageError('Give --all, or --only SKILL for each skill it may use.', "None: --only ''");
  const body: AgentSkillsChange = only === undefined ? { mode: 'all' } : { mode: 'only', names: only };
  const answer = await api('PUT /servers/:id/openclaw/agents/:agentId/skills', { params, body });
  context.output.result(answer, () => showSkills(context, answer.skills));
}

export const agentSkillCommands: readonly Command[] = [
  command({
    name: 'openclaw agents skills show',
    summary: 'Which skills an agent may use',
    args: ['server', 'agent'],
    run: show,
  }),
  command({
    name: 'openclaw agents skills set',
    summary: 'Set which skills an agent may use',
    args: ['server', 'agent'],
    options: {
      all: { type: 'boolean', summary: 'All skills' },
      only: {
        type: 'string',
        value: 'SKILL',
        multiple: true,
        summary: 'Only this skill; repeatable',
      },
    },
    run: set,
  }),
];
