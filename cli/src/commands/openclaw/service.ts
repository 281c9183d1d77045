// The gateway of a server: status, start, stop, restart, repair.
import type { EndpointKey, OpenclawStatus } from '@buoy/contract';
import { repairSteps } from '@buoy/contract/constants';
import {
  type Args,
  type Command,
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
  step: { type: 'string', value: 'STEP', summary: `Run it: ${repairSteps.join(' or ')}` },
  ...serviceOptions,
} as const;

/** Without a step, shows what each one runs. */
async function repair(context: OneService & Given<typeof repairOptions>): Promise<number | undefined> {
  const step = choiceOption(context, 'step', repairSteps);
  const { api, id } = await serverIn(context);
  if (step === undefined) {
    const answer = await api('GET /servers/:id/openclaw/repair', { params: { id } });
    context.output.result(answer, () =>
      context.output.table(
        [fixedColumn('STEP'), wrappedColumn('WHAT IT DOES'), wrappedColumn('RUNS')],
        answer.steps.map((one) => [one.id, one.title, one.runs.join('; ')]),
      ),
    );
    return undefined;
  }
  const { task } = await api('POST /servers/:id/openclaw/repair', { params: { id }, body: { step } });
  return followStarted(context, task, {
    wait: !isSet(context, 'no-wait'),
    showOutput: isSet(context, 'output'),
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
