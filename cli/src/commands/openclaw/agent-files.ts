// The files that define an agent for OpenClaw: identity, knowledge, behaviour.
import { ApiError } from '@buoy/contract/client';
import {
  type Args,
  arg,
  type Command,
  CommandError,
  type Context,
  command,
  type Texts,
  textOption,
} from '../../command.ts';
import { ago, size } from '../../output/ago.ts';
import { commandLine } from '../../output/command-line.ts';
import { fixedColumn } from '../../output/table.ts';
import { rawOption } from '../../raw-option.ts';
import { readInput } from '../../read-input.ts';
import { noteSource } from '../../source-note.ts';
import { agentIn } from './choose-agent.ts';

async function list(context: Context & Args<'server' | 'agent'>): Promise<void> {
  const { output, terminal } = context;
  const { api, params } = await agentIn(context);
  const answer = await api('GET /servers/:id/openclaw/agents/:agentId/files', { params });
  output.result(answer, () => {
    noteSource(context, answer);
    output.table(
      ['FILE', fixedColumn('SIZE'), 'CHANGED'],
      answer.files.map((one) => [
        one.name,
        one.missing ? 'missing' : one.size === null ? null : size(one.size),
        ago(one.updatedAt, terminal.now()),
      ]),
    );
  });
}

async function get(context: Context & Args<'server' | 'agent' | 'name'>): Promise<void> {
  const { output, terminal } = context;
  const { api, params } = await agentIn(context);
  const answer = await api('GET /servers/:id/openclaw/agents/:agentId/files/:name', {
    params: { ...params, name: arg(context, 'name') },
  });
  const { file } = answer;
  if (file.missing && !output.json)
    throw new CommandError(
      `${file.name} does not exist.`,
      `Create it: ${commandLine('buoy', 'openclaw', 'agents', 'files', 'put', params.id, params.agentId, file.name, 'FILE')}`,
    );
  output.result(answer, () => {
    output.text(file.content);
    if (terminal.isErrTty) {
      if (!file.content.endsWith('\n')) output.note('');
      output.note(output.colour('dim', `Hash: ${file.hash}`));
    }
  });
}

type FileParams = { id: string; agentId: string; name: string };

/**
 * Writes the file if it still has this hash (null: if it does not exist), and prints the result.
 * @throws CommandError when someone else changed it
 */
export async function writeAgentFile(
  context: Context,
  params: FileParams,
  { content, hash, serverName }: { content: string; hash: string | null; serverName: string },
): Promise<void> {
  const { output } = context;
  const { id, agentId, name } = params;
  try {
    const answer = await context.api()('PUT /servers/:id/openclaw/agents/:agentId/files/:name', {
      params,
      body: { content, hash },
    });
    output.result(answer, () => {
      output.line(`Wrote ${name} of ${agentId} on ${serverName}.`);
      output.note(output.colour('dim', `Hash: ${answer.file.hash}`));
    });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'stale_version') throw error;
    throw new CommandError(
      `${name} of ${agentId} was changed by someone else since you read it; nothing was written.`,
      `See the current text: ${commandLine('buoy', 'openclaw', 'agents', 'files', 'get', id, agentId, name)}`,
      error.code,
    );
  }
}

/** Refused if the file changed since --hash, or since it was read right before writing. */
async function put(
  context: Context & Args<'server' | 'agent' | 'file' | 'name'> & Texts<'hash'>,
): Promise<void> {
  const { api, params, serverName } = await agentIn(context);
  const target = { ...params, name: arg(context, 'name') };
  const content = await readInput(context, context.args.file);
  const hash =
    textOption(context, 'hash') ??
    (await api('GET /servers/:id/openclaw/agents/:agentId/files/:name', { params: target })).file.hash;
  await writeAgentFile(context, target, { content, hash, serverName });
}

export const agentFileCommands: readonly Command[] = [
  command({
    name: 'openclaw agents files list',
    summary: 'List the files of an agent',
    args: ['server', 'agent'],
    run: list,
  }),
  command({
    name: 'openclaw agents files get',
    summary: 'Print a file; --json includes its hash',
    args: ['server', 'agent', 'name'],
    options: { raw: rawOption },
    run: get,
  }),
  command({
    name: 'openclaw agents files put',
    summary: 'Write a file, from FILE or from standard input',
    args: ['server', 'agent', 'name', 'file?'],
    options: {
      hash: {
        type: 'string',
        value: 'HASH',
        summary: 'Hash of the file as you read it: refused if the file has changed since',
      },
    },
    run: put,
  }),
];
