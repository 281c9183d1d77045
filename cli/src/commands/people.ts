// People of this Buoy, for super-admins: pending, active and disabled.
import type { Person } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { choose } from '../choose.ts';
import {
  type Args,
  arg,
  type Command,
  type Context,
  choiceOption,
  command,
  type Flags,
  numberOption,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { confirm, confirmNamed, yesOption } from '../confirm.ts';
import { ago } from '../output/ago.ts';
import { fixedColumn } from '../output/table.ts';

const statuses = ['pending', 'active', 'disabled'] as const;
/** Largest page of the API. */
const MAX_PEOPLE = 200;

function nameOf({ id, username, firstName, lastName }: Person): string {
  const name = [firstName, lastName].filter((part) => part !== null).join(' ');
  return name !== '' ? name : (username ?? id);
}

async function list(context: Context & Texts<'limit' | 'search' | 'status'>): Promise<void> {
  const { output, terminal } = context;
  const [q, status] = [textOption(context, 'search'), choiceOption(context, 'status', statuses)];
  const answer = await context.api()('GET /admin/users', {
    query: {
      ...(q === undefined ? {} : { q }),
      ...(status === undefined ? {} : { status }),
      limit: numberOption(context, 'limit', 1, MAX_PEOPLE) ?? MAX_PEOPLE,
    },
  });
  output.result(answer, () =>
    output.table(
      ['USER', 'NAME', fixedColumn('STATUS'), 'SUPER', 'ADDS SERVERS', 'SERVERS', 'SEEN'],
      answer.users.map((one) => [
        one.id,
        nameOf(one),
        one.status,
        one.isSuperAdmin ? 'yes' : '',
        one.mayAddServers ? 'yes' : 'no',
        one.servers,
        ago(one.lastSeenAt, terminal.now()),
      ]),
      'No matching people.',
    ),
  );
}

/** Resolves the argument USER, an id or a name. */
async function personIn(context: Context & Args<'user'>, api: Client): Promise<Person> {
  const wanted = arg(context, 'user').replace(/^@/, '');
  const { users } =
    wanted.trim() === ''
      ? { users: [] }
      : await api('GET /admin/users', { query: { q: wanted, limit: MAX_PEOPLE } });
  return choose(users, wanted, {
    singular: 'person',
    plural: 'people',
    where: ' on this Buoy',
    id: ({ id }) => id,
    names: (one) => [nameOf(one), one.username, one.firstName],
    list: 'buoy admin users list',
    isPerson: true,
  });
}

const verbs = { approve: 'approved', refuse: 'refused', disable: 'disabled', enable: 'enabled' } as const;

type OnePerson = Context & Args<'user'>;

/** @param ask called before the change */
function deciding<C extends OnePerson>(
  verb: keyof typeof verbs,
  ask: (context: C, person: Person) => Promise<void> = async () => {},
) {
  return async (context: C): Promise<void> => {
    const api = context.api();
    const person = await personIn(context, api);
    const who = `${nameOf(person)} (${person.id})`;
    await ask(context, person);
    const answer = await api(`POST /admin/users/:id/${verb}`, { params: { id: person.id } });
    context.output.result(answer, () => context.output.line(`${who} is ${verbs[verb]}.`));
  };
}

const askIfNamed =
  (questionFor: (who: string) => string) => (context: OnePerson & Flags<'yes'>, person: Person) =>
    confirmNamed(context, {
      id: person.id,
      word: 'user',
      question: questionFor(`${nameOf(person)} (${person.id})`),
    });

const askToApprove = askIfNamed((who) => `Give ${who} access to this Buoy?`);
const askToEnable = askIfNamed((who) => `Let ${who} sign in again?`);
const askToLetAddServers = askIfNamed((who) => `Let ${who} add servers?`);

const askToDisable = (context: OnePerson & Flags<'yes'>, person: Person) =>
  confirm(
    context,
    `Disable ${nameOf(person)} (${person.id})? Sessions, API tokens, streams and terminals end at once.`,
  );

async function change(context: OnePerson & Texts<'add-servers' | 'name'> & Flags<'yes'>): Promise<void> {
  const right = choiceOption(context, 'add-servers', ['yes', 'no']);
  const displayName = textOption(context, 'name');
  if (right === undefined && displayName === undefined)
    throw new UsageError('Nothing to change.', 'Give --add-servers yes or no, or --name NAME.');
  const api = context.api();
  const person = await personIn(context, api);
  if (right === 'yes') await askToLetAddServers(context, person);
  const answer = await api('PUT /admin/users/:id', {
    params: { id: person.id },
    body: {
      ...(right === undefined ? {} : { mayAddServers: right === 'yes' }),
      ...(displayName === undefined ? {} : { displayName }),
    },
  });
  const who = `${nameOf(person)} (${person.id})`;
  context.output.result(answer, () => {
    if (displayName !== undefined) context.output.line(`${who} is now called ${nameOf(answer.user)}.`);
    if (right !== undefined)
      context.output.line(`${who} ${right === 'yes' ? 'may add servers' : 'may no longer add servers'}.`);
  });
}

async function invite(context: Context & Args<'name'>): Promise<void> {
  const { output } = context;
  const answer = await context.api()('POST /admin/users', { body: { name: arg(context, 'name') } });
  output.result(answer, () => {
    output.line(answer.signInUrl ?? '');
    output.note(
      `This link signs ${nameOf(answer.user)} (${answer.user.id}) in, once, within a day. Send it privately.`,
    );
  });
}

async function link(context: Context & Args<'user'> & Flags<'yes'>): Promise<void> {
  const { output } = context;
  const api = context.api();
  const person = await personIn(context, api);
  const who = `${nameOf(person)} (${person.id})`;
  await confirm(context, `Create a link that signs in as ${who}? It replaces the previous link.`);
  const answer = await api('POST /admin/users/:id/sign-in-link', { params: { id: person.id } });
  output.result(answer, () => {
    output.line(answer.signInUrl);
    output.note(`This link signs ${who} in, once, within a day. Send it privately.`);
  });
}

export const peopleCommands: readonly Command[] = [
  command({
    name: 'admin users list',
    summary: 'List everyone who has signed in',
    options: {
      search: { type: 'string', value: 'TEXT', summary: 'Part of a name, username or id' },
      status: { type: 'string', value: 'STATUS', summary: 'pending, active or disabled' },
      limit: { type: 'string', value: 'NUMBER', summary: 'Maximum number of results' },
    },
    run: list,
  }),
  command({
    name: 'admin users invite',
    summary: 'Create an account for a person without Telegram, with a sign-in link',
    args: ['name'],
    run: invite,
  }),
  command({
    name: 'admin users link',
    summary: 'Create a sign-in link for a person: it works once, within a day',
    args: ['user'],
    options: { yes: yesOption },
    run: link,
  }),
  command({
    name: 'admin users approve',
    summary: 'Approve a person who is waiting for access',
    args: ['user'],
    options: { yes: yesOption },
    run: deciding('approve', askToApprove),
  }),
  command({
    name: 'admin users refuse',
    summary: 'Refuse an access request; the person may ask again after 24 hours',
    args: ['user'],
    run: deciding('refuse'),
  }),
  command({
    name: 'admin users disable',
    summary: 'Disable a person at once; their servers stay',
    args: ['user'],
    options: { yes: yesOption },
    run: deciding('disable', askToDisable),
  }),
  command({
    name: 'admin users enable',
    summary: 'Let a disabled person sign in again',
    args: ['user'],
    options: { yes: yesOption },
    run: deciding('enable', askToEnable),
  }),
  command({
    name: 'admin users change',
    summary: 'Change the rights or the name of a person',
    args: ['user'],
    options: {
      'add-servers': { type: 'string', value: 'yes|no', summary: 'Whether they may add servers' },
      name: { type: 'string', value: 'NAME', summary: 'Display name' },
      yes: yesOption,
    },
    run: change,
  }),
];
