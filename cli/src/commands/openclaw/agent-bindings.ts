// Which channels and conversations an agent answers.
import type { AgentBinding } from '@buoy/contract';
import {
  type Args,
  arg,
  type Command,
  CommandError,
  type Context,
  command,
  type OptionSpec,
  type Texts,
  textOption,
  UsageError,
} from '../../command.ts';
import { commandLine } from '../../output/command-line.ts';
import { noteSource } from '../../source-note.ts';
import { agentIn } from './choose-agent.ts';

const peerKinds = ['direct', 'group', 'channel'] as const;
type PeerKind = (typeof peerKinds)[number];

async function list(context: Context & Args<'server' | 'agent'>): Promise<void> {
  const { api, params } = await agentIn(context);
  const answer = await api('GET /servers/:id/openclaw/agents/:agentId/bindings', { params });
  context.output.result(answer, () => {
    noteSource(context, answer);
    showBindings(context, answer.bindings);
  });
}

function showBindings({ output }: Context, bindings: readonly AgentBinding[]): void {
  output.table(
    ['CHANNEL', 'ACCOUNT', 'CONVERSATION'],
    bindings.map(({ channel, account, peer }) => [
      channel,
      account === '*' ? 'each' : (account ?? 'the default one'),
      peer === null ? 'all' : `${peer.kind}:${peer.id}`,
    ]),
    'No bindings. The default agent answers everything that no other agent is bound to.',
  );
}

type Binding = { channel: string; account: string | null; peer: { kind: PeerKind; id: string } | null };

function bindingIn(context: Context & Args<'channel'> & Texts<'account' | 'peer'>): Binding {
  const peer = textOption(context, 'peer');
  const [, kindWord, id] = /^([^:]+):(.+)$/.exec(peer ?? '') ?? [];
  const kind = peerKinds.find((one) => one === kindWord);
  if (peer !== undefined && (kind === undefined || id === undefined))
    throw new UsageError(`--peer takes KIND:ID, with one of ${peerKinds.join(', ')} as KIND, not "${peer}".`);
  return {
    channel: arg(context, 'channel'),
    account: textOption(context, 'account') ?? null,
    peer: kind === undefined || id === undefined ? null : { kind, id },
  };
}

const isSame = (one: AgentBinding, other: AgentBinding): boolean =>
  one.channel === other.channel &&
  one.account === other.account &&
  one.peer?.kind === other.peer?.kind &&
  one.peer?.id === other.peer?.id;

/** The API takes all bindings of an agent at once. */
async function change(
  context: Context & Args<'server' | 'agent'>,
  next: (bindings: readonly AgentBinding[]) => AgentBinding[],
): Promise<void> {
  const { api, params } = await agentIn(context);
  const { bindings } = await api('GET /servers/:id/openclaw/agents/:agentId/bindings', { params });
  const answer = await api('PUT /servers/:id/openclaw/agents/:agentId/bindings', {
    params,
    body: { bindings: next(bindings) as Binding[] },
  });
  context.output.result(answer, () => showBindings(context, answer.bindings));
}

async function add(
  context: Context & Args<'server' | 'agent' | 'channel'> & Texts<'account' | 'peer'>,
): Promise<void> {
  const binding = bindingIn(context);
  await change(context, (bindings) => [...bindings.filter((one) => !isSame(one, binding)), binding]);
}

async function remove(
  context: Context & Args<'server' | 'agent' | 'channel'> & Texts<'account' | 'peer'>,
): Promise<void> {
  const binding = bindingIn(context);
  await change(context, (bindings) => {
    const left = bindings.filter((one) => !isSame(one, binding));
    if (left.length === bindings.length)
      throw new CommandError(
        `${arg(context, 'agent')} has no such binding.`,
        `List them: ${commandLine('buoy', 'openclaw', 'agents', 'bindings', 'list', arg(context, 'server'), arg(context, 'agent'))}`,
      );
    return left;
  });
}

const options = {
  account: { type: 'string', value: 'ACCOUNT', summary: 'Account of the channel; * for all' },
  peer: {
    type: 'string',
    value: 'KIND:ID',
    summary: `Only this conversation: ${peerKinds.join(', ')} and its id`,
  },
} as const satisfies Record<string, OptionSpec>;

export const agentBindingCommands: readonly Command[] = [
  command({
    name: 'openclaw agents bindings list',
    summary: 'Which channels and conversations an agent answers',
    args: ['server', 'agent'],
    run: list,
  }),
  command({
    name: 'openclaw agents bindings add',
    summary: 'Let an agent answer a channel, or one conversation of it',
    args: ['server', 'agent', 'channel'],
    options,
    run: add,
  }),
  command({
    name: 'openclaw agents bindings remove',
    summary: 'Stop an agent from answering a channel or conversation',
    args: ['server', 'agent', 'channel'],
    options,
    run: remove,
  }),
];
