// The skills of a server: list, search, install, enable, disable, remove.
import type { Skill } from '@buoy/contract';
import { choose } from '../../choose.ts';
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
} from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { followStarted } from '../../follow-task.ts';
import { commandLine } from '../../output/command-line.ts';
import { fixedColumn, wrappedColumn } from '../../output/table.ts';
import { cleanLine } from '../../output/terminal-text.ts';
import { serverIn } from '../../resolve-server.ts';
import { noteSource } from '../../source-note.ts';
import { outputOption, waitOption } from '../tasks.ts';

export const agentOption = {
  type: 'string',
  value: 'AGENT',
  summary: 'Only for the agent with this id',
} as const satisfies OptionSpec;

/** Why an agent cannot use the skill; empty if it can. */
function obstacles({ enabled, blockedByAgent, missing }: Skill): string {
  const { bins, anyBins, env, config, os } = missing;
  return [
    ...(enabled ? [] : ['switched off']),
    ...(blockedByAgent ? ['not on the skill list of the agent'] : []),
    ...(bins.length === 0 ? [] : [`needs ${bins.join(', ')}`]),
    ...(anyBins.length === 0 ? [] : [`needs one of ${anyBins.join(', ')}`]),
    ...(env.length === 0 ? [] : [`needs the variable ${env.join(', ')}`]),
    ...(config.length === 0 ? [] : [`needs the setting ${config.join(', ')}`]),
    ...(os.length === 0 ? [] : [`is for ${os.join(', ')}`]),
  ].join('; ');
}

async function list(context: Context & Args<'server'> & Texts<'agent'> & Flags<'all'>): Promise<void> {
  const { output } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/skills', {
    params: { id },
    query: { agentId: textOption(context, 'agent') },
  });
  output.result(answer, () => {
    noteSource(context, answer);
    const shown = answer.skills.filter((one) => isSet(context, 'all') || one.enabled || one.removable);
    output.table(
      ['SKILL', fixedColumn('READY'), 'FROM', wrappedColumn('WHY NOT'), 'WHAT'],
      shown.map((one) => [
        one.name,
        one.enabled && one.eligible && !one.blockedByAgent ? 'yes' : 'no',
        one.source,
        obstacles(one),
        one.description,
      ]),
      'No skills.',
    );
    const hidden = answer.skills.length - shown.length;
    if (hidden > 0) output.note(`${hidden} more are switched off; show them with --all`);
  });
}

async function search(context: Context & Args<'server' | 'text'>): Promise<void> {
  const { output } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/skills/search', {
    params: { id },
    query: { q: arg(context, 'text') },
  });
  output.result(answer, () =>
    output.table(
      ['SKILL', 'VERSION', 'OWNER', 'WHAT'],
      answer.results.map((one) => [one.slug, one.version, one.owner, one.summary ?? one.name]),
      'No matching skills on ClawHub.',
    ),
  );
}

async function install(
  context: Context &
    Args<'server' | 'skill'> &
    Texts<'agent' | 'needs' | 'version'> &
    Flags<'no-wait' | 'output'>,
): Promise<number | undefined> {
  const { api, id } = await serverIn(context);
  const skill = arg(context, 'skill');
  const agentId = textOption(context, 'agent');
  const installId = textOption(context, 'needs');
  const { task } = await api('POST /servers/:id/openclaw/skills/install', {
    params: { id },
    body:
      installId === undefined
        ? { source: 'clawhub', slug: skill, version: textOption(context, 'version'), agentId }
        : { source: 'dependency', name: skill, installId, agentId },
  });
  return followStarted(context, task, {
    wait: !isSet(context, 'no-wait'),
    showOutput: isSet(context, 'output'),
  });
}

async function skillIn(context: Context & Args<'server' | 'skill'> & Texts<'agent'>) {
  const { api, id, name: serverName } = await serverIn(context);
  const query = { agentId: textOption(context, 'agent') };
  const { skills } = await api('GET /servers/:id/openclaw/skills', { params: { id }, query });
  const skill = choose(skills, arg(context, 'skill'), {
    singular: 'skill',
    plural: 'skills',
    where: ` on ${serverName}`,
    id: ({ key }) => key,
    names: ({ name }) => [name],
    list: commandLine('buoy', 'openclaw', 'skills', 'list', id, '--all'),
  });
  return { api, serverName, skill, params: { id, name: skill.name }, query };
}

function enabling(enabled: boolean) {
  return async (context: Context & Args<'server' | 'skill'> & Texts<'agent'>): Promise<void> => {
    const { output } = context;
    const { api, params, query, serverName } = await skillIn(context);
    const answer = await api('PUT /servers/:id/openclaw/skills/:name', { params, query, body: { enabled } });
    output.result(answer, () => {
      output.line(`Switched ${params.name} ${enabled ? 'on' : 'off'} for the agents of ${serverName}.`);
      const why = obstacles(answer.skill);
      if (!enabled || why === '') return;
      output.note(`It cannot be used yet: ${why}.`);
      for (const one of answer.skill.installable)
        output.note(
          `${cleanLine(one.label)}: ${commandLine('buoy', 'openclaw', 'skills', 'install', params.id, params.name, '--needs', one.installId)}`,
        );
    });
  };
}

async function remove(
  context: Context & Args<'server' | 'skill'> & Texts<'agent'> & Flags<'yes'>,
): Promise<void> {
  const { api, params, query, serverName } = await skillIn(context);
  await confirm(context, `Remove the skill ${params.name} from ${serverName}?`);
  await api('DELETE /servers/:id/openclaw/skills/:name', { params, query });
  context.output.result({ removed: params.name }, () => context.output.line(`Removed ${params.name}.`));
}

export const skillCommands: readonly Command[] = [
  command({
    name: 'openclaw skills list',
    summary: 'List the skills that an agent sees',
    args: ['server'],
    options: {
      agent: {
        ...agentOption,
        summary: 'Agent id (default: the default agent)',
      },
      all: { type: 'boolean', summary: 'Also skills that are switched off' },
    },
    run: list,
  }),
  command({
    name: 'openclaw skills search',
    summary: 'Search ClawHub from the server',
    args: ['server', 'text'],
    run: search,
  }),
  command({
    name: 'openclaw skills install',
    summary: 'Install a skill from ClawHub, or with --needs a program that a skill needs',
    args: ['server', 'skill'],
    options: {
      version: { type: 'string', value: 'VERSION', summary: 'This version instead of the newest' },
      needs: {
        type: 'string',
        value: 'ID',
        summary: 'The program that an installed skill needs, by the id that `enable` shows',
      },
      agent: agentOption,
      'no-wait': waitOption,
      output: outputOption,
    },
    run: install,
  }),
  command({
    name: 'openclaw skills enable',
    summary: 'Switch a skill on for all agents',
    args: ['server', 'skill'],
    options: { agent: { ...agentOption, summary: 'Find the skill as the agent with this id sees it' } },
    run: enabling(true),
  }),
  command({
    name: 'openclaw skills disable',
    summary: 'Switch a skill off for all agents',
    args: ['server', 'skill'],
    options: { agent: { ...agentOption, summary: 'Find the skill as the agent with this id sees it' } },
    run: enabling(false),
  }),
  command({
    name: 'openclaw skills remove',
    summary: 'Remove a skill that was uploaded or installed',
    args: ['server', 'skill'],
    options: { agent: agentOption, yes: yesOption },
    run: remove,
  }),
];
