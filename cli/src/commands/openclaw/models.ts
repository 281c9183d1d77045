// The models that a server's agents may use.
import { type Args, type Command, type Context, command } from '../../command.ts';
import { number } from '../../output/figures.ts';
import { serverIn } from '../../resolve-server.ts';
import { noteSource } from '../../source-note.ts';

async function list(context: Context & Args<'server'>): Promise<void> {
  const { output } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/models', { params: { id } });
  const keys = new Map(answer.providers.map((one) => [one.id, one.hasKey]));
  output.result(answer, () => {
    noteSource(context, answer);
    output.table(
      ['MODEL', 'NAME', 'DEFAULT', 'CONTEXT', 'KEY'],
      answer.models.map((one) => [
        `${one.provider}/${one.id}`,
        one.name,
        one.isDefault ? '*' : '',
        one.contextWindow === null ? null : number(one.contextWindow),
        keyWord(keys.get(one.provider) ?? null),
      ]),
      'No models.',
    );
  });
}

function keyWord(hasKey: boolean | null): string | null {
  return hasKey === null ? null : hasKey ? 'yes' : 'no';
}

/** Without MODEL it prints the current default. */
async function byDefault(context: Context & Args<'server' | 'model'>): Promise<void> {
  const { output, args } = context;
  const { api, id, name } = await serverIn(context);
  if (args.model === undefined) {
    const { models } = await api('GET /servers/:id/openclaw/models', { params: { id } });
    const found = models.find(({ isDefault }) => isDefault);
    const model = found === undefined ? null : `${found.provider}/${found.id}`;
    return output.result({ model }, () => output.line(model ?? 'none'));
  }
  const answer = await api('PUT /servers/:id/openclaw/models/default', {
    params: { id },
    body: { model: args.model },
  });
  output.result(answer, () => {
    output.line(`Agents of ${name} without a model of their own now use ${answer.model}.`);
    if (answer.applied === false) output.note('Saved, but the gateway has not applied it yet.');
  });
}

export const modelCommands: readonly Command[] = [
  command({
    name: 'openclaw models list',
    summary: 'List the configured models',
    args: ['server'],
    run: list,
  }),
  command({
    name: 'openclaw models default',
    summary: 'Show the default model of agents; with MODEL (provider/name), change it',
    args: ['server', 'model?'],
    run: byDefault,
  }),
];
