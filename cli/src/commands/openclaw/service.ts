// The gateway of a server: status, start, stop, restart, repair.
import type { Contract, EndpointKey, OpenclawStatus, ResponseOf } from '@buoy/contract';
import { repairSteps } from '@buoy/contract/constants';
import {
  type Args,
  type Command,
  CommandError,
  type Context,
  choiceOption,
  command,
  type Flags,
  type Given,
  isSet,
} from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { followStarted } from '../../follow-task.ts';
import { ago, size } from '../../output/ago.ts';
import type { Colour } from '../../output/output.ts';
import { fixedColumn, wrappedColumn } from '../../output/table.ts';
import { serverIn } from '../../resolve-server.ts';
import { watched, watchOption } from '../../watch.ts';
import { outputOption, waitOption } from '../tasks.ts';

const stateColours: Record<OpenclawStatus['gateway']['state'], Colour> = {
  running: 'green',
  starting: 'yellow',
  stopped: 'red',
  failed: 'red',
  not_installed: 'dim',
};

async function status(context: Context & Args<'server'> & Flags<'watch'>): Promise<void> {
  const { output, terminal } = context;
  const { api, id } = await serverIn(context);
  await watched(context, async () => {
    const answer = await api('GET /servers/:id/openclaw/status', { params: { id } });
    const { gateway, service, channels, update, disk, memory, version, agents, sessions } = answer.status;
    output.result(answer, () => {
      const free = (one: { totalBytes: number; availableBytes: number } | null) =>
        one === null ? null : `${size(one.availableBytes)} of ${size(one.totalBytes)} free`;
      const state = output.colour(stateColours[gateway.state], gateway.state.replace('_', ' '));
      output.pairs([
        ['Gateway', `${state}${gateway.state === 'running' && !gateway.ready ? ', not ready' : ''}`],
        ['Version', update.behind ? `${version} (${update.latest} is available)` : version],
        [
          'Service',
          `${service.unit ?? service.manager}: ${service.activeState ?? '-'}${service.startLimitHit ? ', restarted too often' : ''}`,
        ],
        ['Agents', agents],
        ['Sessions', sessions],
        ['Disk', free(disk)],
        ['Memory', free(memory)],
        ['Seen', `${ago(answer.observedAt, terminal.now())}, from the ${answer.source}`],
      ]);
      if (channels.length > 0)
        output.table(
          ['CHANNEL', 'ACCOUNT', fixedColumn('STATE'), wrappedColumn('ERROR')],
          channels.map((one) => [one.id, one.account, one.state, one.error]),
        );
    });
  });
}

type ServiceVerb = Extract<EndpointKey, `POST /servers/:id/openclaw/${'restart' | 'start' | 'stop'}`>;

type OneService = Context & Args<'server'> & Flags<'no-wait' | 'output'>;

/** @param ask called before the change, with the name of the server */
function service<C extends OneService>(
  key: ServiceVerb,
  ask: (context: C, server: string) => Promise<void> = async () => {},
) {
  return async (context: C): Promise<number | undefined> => {
    const { api, id, name } = await serverIn(context);
    await ask(context, name);
    const { task } = await api(key, { params: { id } });
    return followStarted(context, task, {
      wait: !isSet(context, 'no-wait'),
      showOutput: isSet(context, 'output'),
    });
  };
}

const askToStop = (context: OneService & Flags<'yes'>, server: string) =>
  confirm(context, `Stop the gateway of ${server}? Its agents do not answer until you start it again.`);

const serviceOptions = { 'no-wait': waitOption, output: outputOption } as const;

const repairOptions = {
  step: { type: 'string', value: 'STEP', summary: `Run it: ${repairSteps.join(', ')}, or next` },
  ...serviceOptions,
  yes: yesOption,
} as const;

/** The step that Buoy suggests. */
const NEXT = 'next';

type Ladder = ResponseOf<Contract['GET /servers/:id/openclaw/repair']>;

/** Without a step, shows what each one runs. A step that is named is shown before it runs, and nothing else runs. */
async function repair(
  context: OneService & Flags<'yes'> & Given<typeof repairOptions>,
): Promise<number | undefined> {
  const wanted = choiceOption(context, 'step', [...repairSteps, NEXT]);
  const { output } = context;
  const { api, id, name } = await serverIn(context);
  const ladder = await api('GET /servers/:id/openclaw/repair', { params: { id } });
  if (wanted === undefined) {
    output.result(ladder, () => showLadder(context, ladder));
    return undefined;
  }
  const step = ladder.steps.find((one) => one.id === (wanted === NEXT ? ladder.suggested : wanted));
  if (step === undefined) throw new CommandError(`No step is suggested: ${ladder.reason}`);
  if (step.unavailable !== null || step.choice === null)
    throw new CommandError(`${step.title}: ${step.unavailable ?? 'it cannot run now.'}`);
  for (const line of [...step.runs, ...changeLines(step.changes)]) output.note(line);
  await confirm(context, `${step.title} on ${name}?`);
  const { task } = await api('POST /servers/:id/openclaw/repair', {
    params: { id },
    body: { step: step.id, choice: step.choice },
  });
  return followStarted(context, task, {
    wait: !isSet(context, 'no-wait'),
    showOutput: isSet(context, 'output'),
  });
}

function showLadder({ output }: Context, { steps, suggested, reason }: Ladder): void {
  output.table(
    [fixedColumn('STEP'), wrappedColumn('WHAT IT DOES'), wrappedColumn('RUNS')],
    steps.map((one) => [
      one.id === suggested ? `${one.id} *` : one.id,
      one.tried === null ? one.title : `${one.title} (tried: ${one.tried.message})`,
      [one.unavailable ?? one.runs.join('; '), ...changeLines(one.changes)].join('; '),
    ]),
  );
  output.line(suggested === null ? reason : `* Next: ${suggested}. ${reason}`);
}

function changeLines(changes: Ladder['steps'][number]['changes']): string[] {
  return (changes ?? []).map(({ path, kind, before, after }) => {
    if (kind === 'added') return `+ ${path} = ${JSON.stringify(after)}`;
    if (kind === 'removed') return `- ${path} (${JSON.stringify(before)})`;
    return `~ ${path}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`;
  });
}

export const serviceCommands: readonly Command[] = [
  command({
    name: 'openclaw status',
    summary: 'Show the state of the gateway',
    args: ['server'],
    options: { watch: watchOption },
    run: status,
  }),
  command({
    name: 'openclaw start',
    summary: 'Start the gateway and wait until it is healthy',
    args: ['server'],
    options: serviceOptions,
    run: service('POST /servers/:id/openclaw/start'),
  }),
  command({
    name: 'openclaw stop',
    summary: 'Stop the gateway and wait until it has stopped',
    args: ['server'],
    options: { ...serviceOptions, yes: yesOption },
    run: service('POST /servers/:id/openclaw/stop', askToStop),
  }),
  command({
    name: 'openclaw restart',
    summary: 'Restart the gateway and wait until it is healthy',
    args: ['server'],
    options: serviceOptions,
    run: service('POST /servers/:id/openclaw/restart'),
  }),
  command({
    name: 'openclaw repair',
    summary: 'Show what can be done about a gateway that does not work, or do it',
    args: ['server'],
    options: repairOptions,
    run: repair,
  }),
];
