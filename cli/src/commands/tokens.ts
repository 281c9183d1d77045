// API tokens, for scripts.
import type { Scope } from '@buoy/contract';
import { choose } from '../choose.ts';
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  type Flags,
  type Lists,
  numberOption,
  type Texts,
  textsOption,
  UsageError,
} from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { ago } from '../output/ago.ts';
import { fixedColumn } from '../output/table.ts';

const scopes = ['read', 'operate', 'admin', 'metrics'] as const satisfies readonly Scope[];
const DAY_MS = 86_400_000;

async function list(context: Context): Promise<void> {
  const { output, terminal } = context;
  const answer = await context.api()('GET /me/tokens');
  output.result(answer, () =>
    output.table(
      ['TOKEN', 'NAME', fixedColumn('SCOPES'), 'USED', fixedColumn('EXPIRES')],
      answer.tokens.map((one) => [
        one.id,
        one.name,
        one.scopes.join(','),
        ago(one.lastUsedAt, terminal.now()),
        one.expiresAt ?? 'never',
      ]),
      'No tokens. Create one: buoy tokens create NAME --scope SCOPE',
    ),
  );
}

async function create(context: Context & Args<'name'> & Texts<'days'> & Lists<'scope'>): Promise<void> {
  const { output, terminal } = context;
  const wanted = textsOption(context, 'scope') ?? ['read'];
  const chosen = wanted.map((name) => {
    const scope = scopes.find((one) => one === name);
    if (scope === undefined)
      throw new UsageError(`--scope takes one of ${scopes.join(', ')}, not "${name}".`);
    return scope;
  });
  const days = numberOption(context, 'days', 1, 3650);
  const answer = await context.api()('POST /me/tokens', {
    body: {
      name: arg(context, 'name'),
      scopes: chosen,
      ...(days === undefined ? {} : { expiresAt: new Date(terminal.now() + days * DAY_MS).toISOString() }),
    },
  });
  output.result(answer, () => {
    output.line(answer.token.secret);
    output.note('Shown only once. Use it as BUOY_TOKEN.');
  });
}

async function revoke(context: Context & Args<'token'> & Flags<'yes'>): Promise<void> {
  const api = context.api();
  const { tokens } = await api('GET /me/tokens');
  const { id, name } = choose(tokens, arg(context, 'token'), {
    singular: 'token',
    plural: 'tokens',
    where: ' of yours',
    id: (one) => one.id,
    names: (one) => [one.name],
    list: 'buoy tokens list',
  });
  await confirm(context, `Revoke the token ${name} (${id})? Everything that uses it loses access at once.`);
  await api('DELETE /me/tokens/:id', { params: { id } });
  context.output.result({ revoked: id }, () => context.output.line(`Revoked ${name}.`));
}

export const tokenCommands: readonly Command[] = [
  command({ name: 'tokens list', summary: 'List your API tokens', run: list }),
  command({
    name: 'tokens create',
    summary: 'Create an API token; it is shown only once',
    args: ['name'],
    options: {
      scope: {
        type: 'string',
        value: 'SCOPE',
        multiple: true,
        summary: `${scopes.join(', ')} (default read); repeatable`,
      },
      days: { type: 'string', value: 'DAYS', summary: 'Valid for this many days (default: no end)' },
    },
    run: create,
  }),
  command({
    name: 'tokens revoke',
    summary: 'Revoke an API token at once',
    args: ['token'],
    options: { yes: yesOption },
    run: revoke,
  }),
];
