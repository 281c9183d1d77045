// The servers of a command that takes one by name, or those with a tag.
import type { Client } from '@buoy/contract/client';
import { type Args, type Context, type OptionSpec, type Texts, textOption, UsageError } from './command.ts';
import { resolveServer } from './resolve-server.ts';

export type ServerOrTag = Context & Args<'server'> & Texts<'tag'>;
/** One server, or those with a tag that the caller is an admin of. */
export type ServerScope = { id: string; words: string } | { tag: string; words: string };

export const tagOption = {
  type: 'string',
  value: 'TAG',
  summary: 'The servers with this tag that you are an admin of, in place of SERVER',
} as const satisfies OptionSpec;

export async function serverOrTag(context: ServerOrTag, api: Client): Promise<ServerScope> {
  const { server } = context.args;
  const tag = textOption(context, 'tag');
  if ((server === undefined) === (tag === undefined))
    throw new UsageError('Which server? Name one, or give --tag TAG.');
  if (tag !== undefined) return { tag, words: `the servers with the tag "${tag}"` };
  const { id, name } = await resolveServer(api, server ?? '');
  return { id, words: name };
}
