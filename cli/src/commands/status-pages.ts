// Status pages: what anybody with a link sees of some of your servers.
import type { Contract, RequestOf, StatusPage } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { choose, withId } from '../choose.ts';
import {
  type Args,
  arg,
  type Command,
  type Context,
  choiceOption,
  command,
  type Flags,
  isSet,
  numberOption,
  type OptionSpec,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { ago } from '../output/ago.ts';
import { fixedColumn } from '../output/table.ts';
import { resolveServers } from '../resolve-server.ts';
import { wantedItems } from '../since.ts';

const PAGE = 200;
const MAX_DAYS = 3_650;
const LIST = 'buoy status-pages list';

type Change = RequestOf<Contract['PUT /status-pages/:id']>['body'];
type OnePage = Context & Args<'page'>;
type Settings = Context & Texts<'tag' | 'names' | 'days'> & Flags<'history' | 'no-history'>;

async function list(context: Context): Promise<void> {
  const { output, terminal } = context;
  const statusPages = await allPages(context.api());
  output.result({ statusPages }, () =>
    output.table(
      ['PAGE', 'TITLE', 'SERVERS', fixedColumn('NAMES'), 'UNTIL', 'SEEN', 'LINK'],
      statusPages.map((page) => [
        ...[page.id, page.title, serversOf(page), page.names],
        ...[page.expiresAt, ago(page.lastSeenAt, terminal.now()), page.url],
      ]),
      'No status pages. To make one, see buoy status-pages create --help',
    ),
  );
}

function allPages(api: Client): Promise<StatusPage[]> {
  return wantedItems(
    async (cursor) => {
      const { statusPages, nextCursor } = await api('GET /status-pages', { query: { limit: PAGE, cursor } });
      return { items: statusPages, nextCursor };
    },
    { limit: Number.POSITIVE_INFINITY, isWanted: () => true, isOver: () => false },
  );
}

function serversOf({ tag, serverIds }: StatusPage): string {
  return tag === null ? `${serverIds?.length ?? 0} chosen` : `tag ${tag}`;
}

async function pageIn(context: OnePage): Promise<{ api: Client; page: StatusPage; params: { id: string } }> {
  const api = context.api();
  const page = choose(await allPages(api), arg(context, 'page'), {
    singular: 'status page',
    plural: 'status pages',
    where: ' of yours',
    id: ({ id }) => id,
    names: ({ title, id }) => [title, id],
    list: LIST,
  });
  return { api, page, params: { id: page.id } };
}

function showPage({ output, terminal }: Context, page: StatusPage): void {
  output.pairs([
    ['Page', page.id],
    ['Title', page.title],
    ['Servers', serversOf(page)],
    ['Names', page.names],
    ['History', page.showHistory ? 'shown' : 'hidden'],
    ['Until', page.expiresAt ?? 'removed'],
    ['Seen', ago(page.lastSeenAt, terminal.now())],
    ['Link', page.url ?? 'not shown to API tokens'],
  ]);
}

async function show(context: OnePage): Promise<void> {
  const { page: statusPage } = await pageIn(context);
  context.output.result({ statusPage }, () => showPage(context, statusPage));
}

/** @throws UsageError when both a tag and servers are given */
async function serversIn(context: Settings): Promise<Pick<Change, 'tag' | 'serverIds'>> {
  const { rest } = context;
  const tag = textOption(context, 'tag');
  if (tag !== undefined && rest.length > 0) throw new UsageError('SERVER and --tag do not go together.');
  if (tag !== undefined) return { tag };
  if (rest.length === 0) return {};
  const servers = await resolveServers(context.api(), rest);
  return { serverIds: [...new Set(servers.map(({ id }) => id))] };
}

function settingsIn(context: Settings): Omit<Change, 'title' | 'tag' | 'serverIds'> {
  const names = choiceOption(context, 'names', ['shown', 'numbered'] as const);
  const days = numberOption(context, 'days', 0, MAX_DAYS);
  if (isSet(context, 'history') && isSet(context, 'no-history'))
    throw new UsageError('--history and --no-history do not go together.');
  return {
    ...(names === undefined ? {} : { names }),
    ...(isSet(context, 'history') ? { showHistory: true } : {}),
    ...(isSet(context, 'no-history') ? { showHistory: false } : {}),
    ...(days === undefined ? {} : { expiresInDays: days === 0 ? null : days }),
  };
}

async function create(context: Settings & Args<'title'>): Promise<void> {
  const settings = settingsIn(context);
  const servers = await serversIn(context);
  if (Object.keys(servers).length === 0)
    throw new UsageError('Which servers? Give their names, or --tag TAG.', 'List them: buoy servers list');
  const body = { title: arg(context, 'title'), ...settings, ...servers };
  const answer = await context.api()('POST /status-pages', { body });
  context.output.result(answer, () => context.output.line(answer.url));
}

async function update(context: Settings & OnePage & Texts<'title'>): Promise<void> {
  const title = textOption(context, 'title');
  const body: Change = {
    ...(title === undefined ? {} : { title }),
    ...settingsIn(context),
    ...(await serversIn(context)),
  };
  if (Object.keys(body).length === 0)
    throw new UsageError('Nothing to change.', 'See buoy status-pages update --help');
  const { api, params } = await pageIn(context);
  const answer = await api('PUT /status-pages/:id', { params, body });
  context.output.result(answer, () => showPage(context, answer.statusPage));
}

async function rotate(context: OnePage & Flags<'yes'>): Promise<void> {
  const { api, page, params } = await pageIn(context);
  await confirm(context, `Make a new link for ${nameOf(page)}? The old one stops working at once.`);
  const answer = await api('POST /status-pages/:id/rotate', { params });
  context.output.result(answer, () => context.output.line(answer.url));
}

async function remove(context: OnePage & Flags<'yes'>): Promise<void> {
  const { api, page, params } = await pageIn(context);
  await confirm(context, `Remove the status page ${nameOf(page)}? Its link stops working at once.`);
  await api('DELETE /status-pages/:id', { params });
  context.output.result({ removed: page.id }, () => context.output.line(`Removed ${nameOf(page)}.`));
}

function nameOf({ title, id }: StatusPage): string {
  return withId(title, id);
}

const settingOptions = {
  tag: { type: 'string', value: 'TAG', summary: 'The servers with this tag that you are an admin of' },
  names: {
    type: 'string',
    value: 'NAMES',
    choices: ['shown', 'numbered'],
    summary: 'What visitors see of server names: shown, or numbered ("Server 1")',
  },
  history: { type: 'boolean', summary: 'Show the availability and the last 90 days' },
  'no-history': { type: 'boolean', summary: 'Show only how the servers are now' },
  days: {
    type: 'string',
    value: 'DAYS',
    summary: 'Days until the link stops working; 0: it works until you remove the page',
  },
} as const satisfies Record<string, OptionSpec>;

export const statusPageCommands: readonly Command[] = [
  command({
    name: 'status-pages list',
    summary: 'List your status pages with their links; super-admins see those of everybody',
    run: list,
  }),
  command({
    name: 'status-pages show',
    summary: 'Show the settings of a status page',
    args: ['page'],
    run: show,
  }),
  command({
    name: 'status-pages create',
    summary: 'Make a status page of servers that you are an admin of, and print its link',
    args: ['title', 'server?...'],
    options: settingOptions,
    run: create,
  }),
  command({
    name: 'status-pages update',
    summary: 'Change a status page; its link and what you leave out stay',
    args: ['page', 'server?...'],
    options: {
      title: { type: 'string', value: 'TEXT', summary: 'What visitors read above the servers' },
      ...settingOptions,
    },
    run: update,
  }),
  command({
    name: 'status-pages rotate',
    summary: 'Make a new link for a status page; the old one stops working at once',
    args: ['page'],
    options: { yes: yesOption },
    run: rotate,
  }),
  command({
    name: 'status-pages remove',
    summary: 'Remove a status page; its link stops working at once',
    args: ['page'],
    options: { yes: yesOption },
    run: remove,
  }),
];
