// A person's own account: display name, passkeys, and a sign-in link to keep.
import type { Passkey } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { choose } from '../choose.ts';
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  type Flags,
  isSet,
  UsageError,
} from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { ago } from '../output/ago.ts';

async function rename(context: Context & Args<'name'> & Flags<'reset'>): Promise<void> {
  const name = context.args.name ?? null;
  if ((name === null) !== isSet(context, 'reset'))
    throw new UsageError(
      'Which name should others see?',
      'Give NAME, or --reset for the name you signed in with.',
    );
  const answer = await context.api()('PUT /me', { body: { displayName: name } });
  context.output.result(answer, () =>
    context.output.line(`Others see you as ${answer.user.firstName ?? answer.user.id}.`),
  );
}

async function link(context: Context & Flags<'yes'>): Promise<void> {
  const { output } = context;
  await confirm(context, 'Create a link that signs in as you? It replaces your current link.');
  const answer = await context.api()('POST /me/sign-in-link');
  output.result(answer, () => {
    output.line(answer.signInUrl);
    output.note(`Shown only once. The link works once, until ${answer.expiresAt}. Keep it like a password.`);
  });
}

async function voidLink(context: Context): Promise<void> {
  await context.api()('DELETE /me/sign-in-link');
  context.output.result({ voided: true }, () => context.output.line('Your sign-in link is revoked.'));
}

async function list(context: Context): Promise<void> {
  const { output, terminal } = context;
  const answer = await context.api()('GET /me/passkeys');
  output.result(answer, () =>
    output.table(
      ['PASSKEY', 'NAME', 'FOR', 'USED', 'SINCE'],
      answer.passkeys.map((one) => [
        one.id,
        one.name,
        one.domain,
        ago(one.lastUsedAt, terminal.now()),
        ago(one.createdAt, terminal.now()),
      ]),
      'No passkeys. Add one in the web app, under Account.',
    ),
  );
}

async function passkeyIn(context: Context & Args<'passkey'>, api: Client): Promise<Passkey> {
  const { passkeys } = await api('GET /me/passkeys');
  return choose(passkeys, arg(context, 'passkey'), {
    singular: 'passkey',
    plural: 'passkeys',
    where: ' of yours',
    id: ({ id }) => id,
    names: ({ name }) => [name],
    list: 'buoy passkeys list',
  });
}

async function renamePasskey(context: Context & Args<'name' | 'passkey'>): Promise<void> {
  const api = context.api();
  const { id } = await passkeyIn(context, api);
  const answer = await api('PUT /me/passkeys/:id', { params: { id }, body: { name: arg(context, 'name') } });
  context.output.result(answer, () => context.output.line(`Renamed to ${answer.passkey.name}.`));
}

async function remove(context: Context & Args<'passkey'> & Flags<'yes'>): Promise<void> {
  const api = context.api();
  const { id, name } = await passkeyIn(context, api);
  await confirm(context, `Remove the passkey ${name} (${id})? It can no longer be used to sign in.`);
  await api('DELETE /me/passkeys/:id', { params: { id } });
  context.output.result({ removed: id }, () => context.output.line(`Removed ${name}.`));
}

export const accountCommands: readonly Command[] = [
  command({
    name: 'account rename',
    summary: 'Change your display name',
    args: ['name?'],
    options: { reset: { type: 'boolean', summary: 'Go back to the name you signed in with' } },
    run: rename,
  }),
  command({
    name: 'account link',
    summary: 'Create a sign-in link to keep: it works once, within a year',
    options: { yes: yesOption },
    run: link,
  }),
  command({ name: 'account void-link', summary: 'Revoke your sign-in link', run: voidLink }),
  command({ name: 'passkeys list', summary: 'List your passkeys', run: list }),
  command({
    name: 'passkeys rename',
    summary: 'Rename a passkey',
    args: ['passkey', 'name'],
    run: renamePasskey,
  }),
  command({
    name: 'passkeys remove',
    summary: 'Remove a passkey; sessions it started stay signed in',
    args: ['passkey'],
    options: { yes: yesOption },
    run: remove,
  }),
];
