// Tests that a model answers: the default model of a server, or that of an agent with its keys.
import type { ModelCheck } from '@buoy/contract';
import { type Args, type Command, type Context, command, type Texts, textOption } from '../../command.ts';
import { serverIn } from '../../resolve-server.ts';
import { agentIn } from './choose-agent.ts';

async function check(
  context: Context & Args<'server'> & Texts<'agent' | 'provider'>,
): Promise<number | undefined> {
  const { output } = context;
  const agent = textOption(context, 'agent');
  const found = agent === undefined ? await ofServer(context) : await ofAgent(context, agent);
  const { ok, status, provider, model, latencyMs, detail } = found;
  output.result({ check: found }, () =>
    output.pairs([
      ['Answers', output.colour(ok ? 'green' : 'red', ok ? 'yes' : `no: ${status.replace('_', ' ')}`)],
      ['Provider', provider],
      ['Model', model],
      ['Took', latencyMs === null ? null : `${latencyMs} ms`],
      ['Detail', detail],
    ]),
  );
  return ok ? undefined : 1;
}

/** The status of an agent's test comes from OpenClaw and may differ from those of a server's check. */
type Found = Omit<ModelCheck, 'status' | 'detail'> & { status: string; detail: string | null };

async function ofServer(context: Context & Args<'server'> & Texts<'provider'>): Promise<Found> {
  const { api, id } = await serverIn(context);
  const { check: found } = await api('POST /servers/:id/openclaw/model-check', {
    params: { id },
    body: { provider: textOption(context, 'provider') },
  });
  return found;
}

/** Tests with the key that this agent uses for the provider of its model. */
async function ofAgent(
  context: Context & Args<'server'> & Texts<'provider'>,
  wanted: string,
): Promise<Found> {
  const { api, agent, params } = await agentIn({ ...context, args: { ...context.args, agent: wanted } });
  const { model } = agent;
  const provider = textOption(context, 'provider') ?? model?.split('/')[0] ?? null;
  if (provider === null)
    return {
      ok: false,
      status: 'no_model',
      provider,
      model,
      latencyMs: null,
      detail: 'The agent has no model.',
    };
  const answer = await api('POST /servers/:id/openclaw/agents/:agentId/keys/:provider/test', {
    params: { ...params, provider },
  });
  const { ok, status, latencyMs, error } = answer.test;
  return { ok, status, provider, model, latencyMs, detail: error };
}

const options = {
  agent: { type: 'string', value: 'AGENT', summary: 'Test the model of this agent, with its own keys' },
  provider: { type: 'string', value: 'PROVIDER', summary: 'Test this provider instead of the default' },
} as const;

export const checkModelCommands: readonly Command[] = [
  command({
    name: 'openclaw models check',
    summary: 'Test a model with one short question',
    args: ['server'],
    options,
    run: check,
  }),
  // Old name, kept for scripts that predate `models check`.
  command({
    name: 'openclaw check-model',
    summary: 'Test a model with one short question',
    isHidden: true,
    args: ['server'],
    options,
    run: check,
  }),
];
