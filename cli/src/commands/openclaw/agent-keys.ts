// API keys of model providers that an agent can use: list, set, remove, test.
import { askSecret } from '../../ask-secret.ts';
import { type Args, arg, type Command, type Context, command, type Flags } from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { noteSource } from '../../source-note.ts';
import { agentIn } from './choose-agent.ts';

async function list(context: Context & Args<'server' | 'agent'>): Promise<void> {
  const { output } = context;
  const { api, params } = await agentIn(context);
  const answer = await api('GET /servers/:id/openclaw/agents/:agentId/keys', { params });
  output.result(answer, () => {
    noteSource(context, answer);
    output.table(
      ['PROVIDER', 'KEY', 'TYPE', 'FOR', 'STORED IN'],
      answer.keys.map((one) => [
        one.provider,
        one.masked,
        one.type,
        one.scope === 'agent' ? 'this agent' : 'all agents',
        one.source,
      ]),
      'No keys.',
    );
  });
}

async function set(context: Context & Args<'server' | 'agent' | 'provider'>): Promise<void> {
  const { output } = context;
  const { api, params } = await agentIn(context);
  const provider = arg(context, 'provider');
  const apiKey = await askSecret(context, `Key for ${provider}`);
  const answer = await api('PUT /servers/:id/openclaw/agents/:agentId/keys/:provider', {
    params: { ...params, provider },
    body: { apiKey },
  });
  const { masked, scope } = answer.key;
  output.result(answer, () =>
    output.line(
      `Saved the key ${masked ?? ''} for ${provider}, ${scope === 'agent' ? `only for ${params.agentId}` : 'shared by all agents'}.`,
    ),
  );
}

async function remove(
  context: Context & Args<'server' | 'agent' | 'provider'> & Flags<'yes'>,
): Promise<void> {
  const { api, params } = await agentIn(context);
  const target = { ...params, provider: arg(context, 'provider') };
  const { key } = await api('GET /servers/:id/openclaw/agents/:agentId/keys/:provider', { params: target });
  await confirm(
    context,
    `Remove the key ${key.masked ?? ''} for ${key.provider}${key.scope === 'gateway' ? ' from all agents' : ''}?`,
  );
  await api('DELETE /servers/:id/openclaw/agents/:agentId/keys/:provider', { params: target });
  context.output.result({ removed: key.provider }, () =>
    context.output.line(`Removed the key for ${key.provider}.`),
  );
}

async function test(context: Context & Args<'server' | 'agent' | 'provider'>): Promise<number | undefined> {
  const { output } = context;
  const { api, params } = await agentIn(context);
  const provider = arg(context, 'provider');
  const answer = await api('POST /servers/:id/openclaw/agents/:agentId/keys/:provider/test', {
    params: { ...params, provider },
  });
  const { ok, status, latencyMs, error } = answer.test;
  output.result(answer, () => {
    if (ok) output.line(output.colour('green', `${provider} accepts the key (${latencyMs ?? '?'} ms).`));
    else output.line(output.colour('red', `The test of the key for ${provider} failed: ${error ?? status}`));
  });
  return ok ? undefined : 1;
}

const args = ['server', 'agent', 'provider'] as const;

export const agentKeyCommands: readonly Command[] = [
  command({
    name: 'openclaw agents keys list',
    summary: 'List the keys that an agent can use, masked',
    args: ['server', 'agent'],
    run: list,
  }),
  command({
    name: 'openclaw agents keys set',
    summary: 'Save a key: asked for, or read from standard input',
    args,
    run: set,
  }),
  command({
    name: 'openclaw agents keys remove',
    summary: 'Remove a saved key',
    args,
    options: { yes: yesOption },
    run: remove,
  }),
  command({
    name: 'openclaw agents keys test',
    summary: 'Test a key with one short question to the provider',
    args,
    run: test,
  }),
];
