// Which commands agents may run on their host, and when they must ask a person.
import type { ExecPolicy, ExecPolicyChange } from '@buoy/contract';
import {
  type Args,
  type Command,
  type Context,
  choiceOption,
  command,
  type Flags,
  type Lists,
  type Texts,
  textOption,
  textsOption,
  UsageError,
} from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { fixedColumn, wrappedColumn } from '../../output/table.ts';
import { serverIn } from '../../resolve-server.ts';
import { noteSource } from '../../source-note.ts';

const securities = ['deny', 'allowlist', 'full', 'default'] as const;
const asks = ['off', 'on-miss', 'always', 'default'] as const;

async function get(context: Context & Args<'server'>): Promise<void> {
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/exec-policy', { params: { id } });
  context.output.result(answer, () => {
    noteSource(context, answer);
    showPolicy(context, answer.policy);
  });
}

function showPolicy({ output }: Context, { defaults, agents }: ExecPolicy): void {
  output.table(
    ['AGENT', fixedColumn('MAY RUN'), fixedColumn('ASKS'), wrappedColumn('ALLOWED')],
    [
      ['all others', defaults.security ?? 'default', defaults.ask ?? 'default', ''],
      ...agents.map((one) => [
        one.agentId,
        one.security ?? 'default',
        one.ask ?? 'default',
        one.allowlist.join(', '),
      ]),
    ],
  );
}

async function set(
  context: Context & Args<'server'> & Texts<'agent' | 'ask' | 'security'> & Lists<'allow'> & Flags<'yes'>,
): Promise<void> {
  const { output } = context;
  const security = choiceOption(context, 'security', securities);
  const ask = choiceOption(context, 'ask', asks);
  const allowlist = textsOption(context, 'allow')?.filter((one) => one !== '');
  const agentId = textOption(context, 'agent');
  const rules = {
    ...(security === undefined ? {} : { security: security === 'default' ? null : security }),
    ...(ask === undefined ? {} : { ask: ask === 'default' ? null : ask }),
  };
  if (security === undefined && ask === undefined && allowlist === undefined)
    throw new UsageError('Nothing to change.', 'See buoy openclaw exec-policy set --help');
  if (allowlist !== undefined && agentId === undefined) throw new UsageError('--allow needs --agent.');
  const { api, id, name } = await serverIn(context);
  const { policy } = await api('GET /servers/:id/openclaw/exec-policy', { params: { id } });
  const body: ExecPolicyChange = {
    ...(agentId === undefined ? { defaults: rules } : { agents: [{ agentId, ...rules, allowlist }] }),
    ...(policy.hash === null ? {} : { hash: policy.hash }),
  };
  await confirm(context, `Change what ${agentId ?? 'agents'} may run on ${name}?`);
  const answer = await api('PUT /servers/:id/openclaw/exec-policy', { params: { id }, body });
  output.result(answer, () => showPolicy(context, answer.policy));
}

export const execPolicyCommands: readonly Command[] = [
  command({
    name: 'openclaw exec-policy get',
    summary: 'Which commands agents may run, and when they must ask',
    args: ['server'],
    run: get,
  }),
  command({
    name: 'openclaw exec-policy set',
    summary: 'Change the policy for all agents, or for one with --agent',
    args: ['server'],
    options: {
      agent: { type: 'string', value: 'AGENT', summary: 'Only for the agent with this id' },
      security: { type: 'string', value: 'RULE', summary: `What may run: ${securities.join(', ')}` },
      ask: { type: 'string', value: 'WHEN', summary: `When a person is asked: ${asks.join(', ')}` },
      allow: {
        type: 'string',
        value: 'PATTERN',
        multiple: true,
        summary: "A pattern of what may run; repeatable, replaces the list; '' empties it",
      },
      yes: yesOption,
    },
    run: set,
  }),
];
