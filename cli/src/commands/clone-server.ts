// Adds a server that copies the settings of another one.
import type { ServerClone } from '@buoy/contract';
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  type Given,
  textOption,
  textsOption,
} from '../command.ts';
import { addressIn } from '../login-of.ts';
import { commandLine } from '../output/command-line.ts';
import { resolveServer } from '../resolve-server.ts';
import { expectedHostKey, hostKeyOptions } from './new-host-key.ts';
import { credentialIn, fieldOptions } from './server-fields.ts';

async function clone(
  context: Context & Args<'server' | 'login'> & Given<typeof fieldOptions & typeof hostKeyOptions>,
): Promise<void> {
  const address = addressIn(arg(context, 'login'));
  const api = context.api();
  const source = await resolveServer(api, arg(context, 'server'));
  const jump = textOption(context, 'jump');
  const tags = textsOption(context, 'tag');
  const jumpServerId =
    jump === undefined ? source.jumpServerId : jump === '' ? null : (await resolveServer(api, jump)).id;
  const { host, port = source.port } = address;
  const expected = await expectedHostKey(context, api, { host, port, jumpServerId });
  const given = await credentialIn(context);
  const body: ServerClone = {
    name: textOption(context, 'name') ?? address.host,
    ...address,
    ...given,
    ...(tags === undefined ? {} : { tags: tags.filter((tag) => tag !== '') }),
    ...(jump === undefined ? {} : { jumpServerId }),
    ...expected,
  };
  const { server } = await api('POST /servers/:id/clone', { params: { id: source.id }, body });
  context.output.result({ server }, () =>
    context.output.line(
      `Added ${server.name} (${server.id}), like ${source.name}. Test it: ${commandLine('buoy', 'servers', 'test', server.id)}`,
    ),
  );
}

export const cloneServerCommands: readonly Command[] = [
  command({
    name: 'servers clone',
    summary: 'Add a server like SERVER at another LOGIN: host, user@host or user@host:port',
    args: ['server', 'login'],
    options: { ...fieldOptions, ...hostKeyOptions },
    run: clone,
  }),
];
