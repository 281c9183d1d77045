// OpenClaw on a server.
import type { EndpointKey } from '@buoy/contract';
import { arg, type Command, type Context, isSet } from '../command.ts';
import { followTask, taskResult } from '../follow-task.ts';
import { ago, size } from '../output/ago.ts';
import { resolveServer } from '../resolve-server.ts';
import { watched, watchOption } from '../watch.ts';
import { outputOption } from './tasks.ts';

async function status(context: Context): Promise<void> {
  const { output, terminal } = context;
  const api = context.api();
  const { id } = await resolveServer(api, arg(context, 'server'));
  await watched(context, async () => {
    const answer = await api('GET /servers/:id/openclaw/status', { params: { id } });
    const { gateway, service, channels, update, disk, memory, version, agents, sessions } = answer.status;
    output.result(answer, () => {
      const free = (one: { totalBytes: number; availableBytes: number } | null) =>
        one === null ? null : `${size(one.availableBytes)} of ${size(one.totalBytes)} free`;
      output.pairs([
        ['Gateway', `${gateway.state}${gateway.state === 'running' && !gateway.ready ? ', not ready' : ''}`],
        ['Version', update.behind ? `${version} (${update.latest} is out)` : version],
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
          ['CHANNEL', 'ACCOUNT', 'STATE', 'ERROR'],
          channels.map((one) => [one.id, one.account, one.state, one.error]),
        );
    });
  });
}

type ServiceVerb = Extract<EndpointKey, `POST /servers/:id/openclaw/${'restart' | 'start' | 'stop'}`>;

/** Starts the task and follows it, or with --no-wait answers it at once. */
function service(key: ServiceVerb) {
  return async (context: Context): Promise<number | undefined> => {
    const api = context.api();
    const { id } = await resolveServer(api, arg(context, 'server'));
    const { task } = await api(key, { params: { id } });
    if (isSet(context, 'no-wait')) {
      context.output.result({ task }, () =>
        context.output.line(`Started. Follow it: buoy tasks watch ${task.id}`),
      );
      return undefined;
    }
    return taskResult(context, await followTask(context, task, isSet(context, 'output')));
  };
}

const serviceOptions = {
  'no-wait': { type: 'boolean', summary: 'Do not wait for the end' },
  output: outputOption,
} as const;

export const openclawCommands: readonly Command[] = [
  {
    name: 'openclaw status',
    summary: 'How the gateway is',
    args: ['server'],
    options: { watch: watchOption },
    run: status,
  },
  {
    name: 'openclaw restart',
    summary: 'Restart the gateway and wait until it is proved healthy',
    args: ['server'],
    options: serviceOptions,
    run: service('POST /servers/:id/openclaw/restart'),
  },
];
