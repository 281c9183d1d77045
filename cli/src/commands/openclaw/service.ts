// The gateway of a server: status, start, stop, restart.
import type { EndpointKey, OpenclawStatus } from '@buoy/contract';
import { type Command, type Context, isSet } from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { followStarted } from '../../follow-task.ts';
import { ago, size } from '../../output/ago.ts';
import type { Colour } from '../../output/output.ts';
import { told, whole } from '../../output/table.ts';
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

async function status(context: Context): Promise<void> {
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
          ['CHANNEL', 'ACCOUNT', whole('STATE'), told('ERROR')],
          channels.map((one) => [one.id, one.account, one.state, one.error]),
        );
    });
  });
}

type ServiceVerb = Extract<EndpointKey, `POST /servers/:id/openclaw/${'restart' | 'start' | 'stop'}`>;

/** @param question the confirmation to ask for; null: do not ask */
function service(key: ServiceVerb, question: ((name: string) => string) | null) {
  return async (context: Context): Promise<number | undefined> => {
    const { api, id, name } = await serverIn(context);
    if (question !== null) await confirm(context, question(name));
    const { task } = await api(key, { params: { id } });
    return followStarted(context, task, {
      wait: !isSet(context, 'no-wait'),
      showOutput: isSet(context, 'output'),
    });
  };
}

const serviceOptions = { 'no-wait': waitOption, output: outputOption } as const;

export const serviceCommands: readonly Command[] = [
  {
    name: 'openclaw status',
    summary: 'Show the state of the gateway',
    args: ['server'],
    options: { watch: watchOption },
    run: status,
  },
  {
    name: 'openclaw start',
    summary: 'Start the gateway and wait until it is healthy',
    args: ['server'],
    options: serviceOptions,
    run: service('POST /servers/:id/openclaw/start', null),
  },
  {
    name: 'openclaw stop',
    summary: 'Stop the gateway and wait until it has stopped',
    args: ['server'],
    options: { ...serviceOptions, yes: yesOption },
    run: service(
      'POST /servers/:id/openclaw/stop',
      (name) => `Stop the gateway of ${name}? Its agents do not answer until you start it again.`,
    ),
  },
  {
    name: 'openclaw restart',
    summary: 'Restart the gateway and wait until it is healthy',
    args: ['server'],
    options: serviceOptions,
    run: service('POST /servers/:id/openclaw/restart', null),
  },
];
