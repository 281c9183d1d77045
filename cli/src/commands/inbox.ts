// Requests that wait for a decision: pairing, access to Buoy, and commands that agents want to run.
import type { AccessRequest, ApprovalDecision, Inbox, InboxItem } from '@buoy/contract';
import { visibleText } from '@buoy/contract/visible-text';
import { choose, hasUserIdForm, withId } from '../choose.ts';
import {
  type Args,
  arg,
  type Command,
  CommandError,
  type Context,
  command,
  type Flags,
  isSet,
  type OptionSpec,
  type Texts,
  textOption,
} from '../command.ts';
import { confirm, confirmNamed, yesOption } from '../confirm.ts';
import { ago } from '../output/ago.ts';
import { fixedColumn, wrappedColumn } from '../output/table.ts';
import { cleanLine } from '../output/terminal-text.ts';
import { hiddenIn, wrapped } from '../output/wrapped.ts';
import { resolveServer } from '../resolve-server.ts';
import { watched, watchOption } from '../watch.ts';

type Waiting = InboxItem | ({ type: 'access' } & AccessRequest);

const idOf = (item: Waiting): string => {
  if (item.type === 'access') return item.userId;
  return item.type === 'pairing' ? item.pairing.id : item.approval.id;
};

const requestedAt = (item: Waiting): string | null => {
  if (item.type === 'access') return item.requestedAt;
  return item.type === 'pairing' ? item.pairing.requestedAt : item.approval.requestedAt;
};

/** Describes the request in one line. */
function requestText(item: Waiting): string {
  if (item.type === 'access') return `${item.name} asks for access to Buoy`;
  if (item.type === 'approval') return `${item.approval.agentId ?? 'an agent'} wants to run a command`;
  const { kind, channel, from, device } = item.pairing;
  const who = from.name === null ? from.id : `${from.name} (${from.id})`;
  if (kind === 'dm') return `${who} writes on ${channel ?? 'a channel'}`;
  return `the device ${[who, device?.client, device?.platform].filter(Boolean).join(', ')}`;
}

async function read(context: Context & Texts<'server'>) {
  const api = context.api();
  const answer = await api('GET /inbox', {});
  const server = textOption(context, 'server');
  if (server === undefined) return { api, ...answer };
  const { id } = await resolveServer(api, server);
  const isThere = ({ serverId }: { serverId: string }) => serverId === id;
  return {
    api,
    items: answer.items.filter(isThere),
    accessRequests: [],
    unreachable: answer.unreachable.filter(isThere),
  };
}

/** Puts requests for access to Buoy first. */
function waitingIn({
  items,
  accessRequests,
}: {
  items: readonly InboxItem[];
  accessRequests: readonly AccessRequest[];
}): Waiting[] {
  return [...accessRequests.map((request) => ({ type: 'access' as const, ...request })), ...items];
}

function noteUnreachable({ output }: Context, { items, unreachable }: Pick<Inbox, 'items' | 'unreachable'>) {
  for (const { serverId, serverName, reason } of unreachable) {
    const isPart = items.some((item) => item.serverId === serverId);
    const what = isPart
      ? `The requests on ${serverName} are not all here`
      : `The requests on ${serverName} could not be read`;
    output.note(output.colour('yellow', `${what}: ${reason}`));
  }
}

/** The facts for the decision. Line breaks in a value are removed: they could fake another fact or another command. */
function askedLines({ output }: Context, item: InboxItem): string[] {
  const line = (name: string, value: string) => cleanLine(`  ${name.padEnd(9)} ${value}`);
  const fact = (name: string, value: string) => line(name, visibleText(value, 'name'));
  if (item.type === 'pairing') {
    const { kind, channel, account, code, from, device } = item.pairing;
    return [
      fact('Server:', item.serverName),
      fact(kind === 'dm' ? 'Person:' : 'Device:', [from.name, from.id].filter(Boolean).join(', id ')),
      ...(channel === null ? [] : [fact('Channel:', `${channel}${account === null ? '' : `/${account}`}`)]),
      ...(code === null ? [] : [fact('Code:', code)]),
      ...(device === null
        ? []
        : [fact('Rights:', [device.role, ...device.scopes].filter(Boolean).join(', ') || 'not named')]),
    ];
  }
  const { agentId, command, cwd, env, host, node, warning } = item.approval;
  const hidden = hiddenIn(command);
  return [
    fact('Server:', item.serverName),
    fact('Agent:', agentId ?? 'not named'),
    fact('Folder:', cwd ?? 'not named'),
    ...(host === null ? [] : [fact('Runs on:', [host, node].filter(Boolean).join(' '))]),
    ...(env.length === 0
      ? []
      : [
          output.colour('yellow', fact('Sets:', `${env.join(', ')} (variables whose values OpenClaw hides)`)),
        ]),
    '  Command:',
    wrapped(command, output.columns),
    ...(hidden === null
      ? []
      : [output.colour('red', `  It has hidden or blank characters, shown above as escapes: ${hidden}.`)]),
    ...(warning === null ? [] : [output.colour('yellow', line('Warning:', warning))]),
  ];
}

type Approval = Context & Args<'request'> & Flags<'always' | 'yes'>;

/** Shows the whole request before it asks. */
async function confirmApproval(context: Approval, item: Waiting): Promise<void> {
  if (item.type === 'access')
    return confirmNamed(context, {
      ...{ id: item.userId, word: 'request' },
      question: `Give ${item.name} (${item.userId}) access to this Buoy?`,
    });
  for (const line of askedLines(context, item)) context.output.note(line);
  if (item.type === 'pairing') return confirm(context, `Approve this request on ${item.serverName}?`);
  return confirm(
    context,
    isSet(context, 'always') ? 'Allow this command from now on?' : 'Allow this command once?',
  );
}

async function list(context: Context & Texts<'server'> & Flags<'watch'>): Promise<void> {
  const { output, terminal } = context;
  await watched(context, async () => {
    const { items, accessRequests, unreachable } = await read(context);
    output.result({ items, accessRequests, unreachable }, () => {
      output.table(
        ['REQUEST', 'SERVER', 'ASKED', fixedColumn('CODE'), wrappedColumn('WHO OR WHAT')],
        waitingIn({ items, accessRequests }).map((item) => [
          idOf(item),
          item.type === 'access' ? '' : item.serverName,
          ago(requestedAt(item), terminal.now()),
          item.type === 'pairing' ? item.pairing.code : '',
          requestText(item),
        ]),
        'No open requests.',
      );
      for (const item of items)
        if (item.type === 'approval') {
          output.line(`\n${cleanLine(idOf(item))}:`);
          for (const line of askedLines(context, item)) output.line(line);
        }
      noteUnreachable(context, { items, unreachable });
    });
  });
}

type OneRequest = Context & Args<'request'> & Texts<'server'>;

/** Strangers choose their names, and gateways the ids of their requests: ids of Buoy come first, and with --yes no name passes for an id. */
function chosen(context: OneRequest, waiting: readonly Waiting[]): Waiting {
  const { options } = context;
  const wanted = arg(context, 'request');
  const person = waiting.find((item) => item.type === 'access' && item.userId === wanted);
  if (person !== undefined) return person;
  return choose(waiting, wanted, {
    singular: 'request',
    plural: 'requests',
    where: ' that waits for you',
    id: idOf,
    names: (item) => {
      if (item.type === 'access') return [item.name];
      return [item.type === 'pairing' ? item.pairing.from.name : item.approval.id];
    },
    list: 'buoy inbox list',
    isPerson: true,
    ids: (item) => [
      idOf(item),
      ...(item.type === 'pairing' ? [item.pairing.from.id, item.pairing.code] : []),
    ],
    isId: 'yes' in options && options.yes === true ? hasIdForm : hasUserIdForm,
    place: {
      of: (item) => (item.type === 'access' ? '' : ` on ${withId(item.serverName, item.serverId)}`),
      hint: 'Their ids are the same. Choose the server: --server SERVER',
    },
  });
}

/** Of a request, a device, a person or a code, also of its beginning: one word with a digit. */
function hasIdForm(wanted: string): boolean {
  return /^[\w-]*\d[\w-]*$/.test(wanted);
}

/** @param ask called before the decision is sent */
function deciding<C extends OneRequest>(
  decisionIn: (context: C) => ApprovalDecision,
  ask: (context: C, item: Waiting) => Promise<void> = async () => {},
) {
  return async (context: C): Promise<void> => {
    const { output } = context;
    const decision = decisionIn(context);
    const isAllowed = decision !== 'deny';
    const { api, items, accessRequests, unreachable } = await read(context);
    noteUnreachable(context, { items, unreachable });
    const item = chosen(context, waitingIn({ items, accessRequests }));
    if (item.type === 'access') {
      const verb = isAllowed ? 'approve' : 'refuse';
      await ask(context, item);
      const answer = await api(`POST /admin/users/:id/${verb}`, { params: { id: item.userId } });
      return output.result(answer, () =>
        output.line(`${isAllowed ? 'Approved' : 'Refused'}: ${item.name} (${item.userId}).`),
      );
    }
    const id = item.serverId;
    if (item.type === 'pairing') {
      const verb = isAllowed ? 'approve' : 'reject';
      await ask(context, item);
      const answer = await api(`POST /servers/:id/openclaw/pairing/:requestId/${verb}`, {
        params: { id, requestId: item.pairing.id },
      });
      return output.result(answer, () => {
        output.line(`${isAllowed ? 'Approved' : 'Rejected'} on ${item.serverName}: ${requestText(item)}.`);
        if (answer.note !== null) output.note(answer.note);
      });
    }
    if (!item.approval.allowedDecisions.includes(decision))
      throw new CommandError(
        `OpenClaw does not offer this decision. Possible: ${item.approval.allowedDecisions.join(', ')}.`,
      );
    await ask(context, item);
    const answer = await api('POST /servers/:id/openclaw/approvals/:approvalId/resolve', {
      params: { id, approvalId: item.approval.id },
      body: { decision },
    });
    output.result(answer, () =>
      output.line(
        `${words[decision]} on ${item.serverName}: ${visibleText(item.approval.command, 'command')}`,
      ),
    );
  };
}

const words: Record<ApprovalDecision, string> = {
  'allow-once': 'Allowed once',
  'allow-always': 'Allowed from now on',
  deny: 'Denied',
};

const server = { type: 'string', value: 'SERVER', summary: 'Only this server' } as const satisfies OptionSpec;

export const inboxCommands: readonly Command[] = [
  command({
    name: 'inbox list',
    summary: 'List what waits for your decision on all servers, oldest first',
    options: { server, watch: watchOption },
    run: list,
  }),
  command({
    name: 'inbox approve',
    summary: 'Approve a person, a device or a command, by id, name or code',
    args: ['request'],
    options: {
      always: { type: 'boolean', summary: 'Allow a command from now on, not only once' },
      server,
      yes: yesOption,
    },
    run: deciding(
      (context: Approval & OneRequest) => (isSet(context, 'always') ? 'allow-always' : 'allow-once'),
      confirmApproval,
    ),
  }),
  command({
    name: 'inbox deny',
    summary: 'Deny a request',
    args: ['request'],
    options: { server },
    run: deciding(() => 'deny'),
  }),
];
