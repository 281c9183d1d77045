// Automatic repair: whether Buoy restarts the gateway of a server by itself.
import type { AutoRepair } from '@buoy/contract';
import { AUTO_REPAIRS_A_DAY } from '@buoy/contract/constants';
import {
  type Args,
  type Command,
  type Context,
  command,
  type Flags,
  isSet,
  numberOption,
  type Texts,
  UsageError,
} from '../command.ts';
import { ago } from '../output/ago.ts';
import { serverIn } from '../resolve-server.ts';

type OneServer = Context & Args<'server'>;

const { min, max } = AUTO_REPAIRS_A_DAY;

const results: Record<NonNullable<AutoRepair['lastResult']>, string> = {
  running: 'restarting the gateway',
  succeeded: 'restarted the gateway',
  failed: 'restarted the gateway, which did not help',
  cancelled: 'a restart was cancelled',
  switched_off: 'switched off: who switched it on may no longer restart the gateway',
};

async function show(context: OneServer): Promise<void> {
  const { api, id } = await serverIn(context);
  print(context, await api('GET /servers/:id/auto-repair', { params: { id } }));
}

async function set(context: OneServer & Flags<'on' | 'off'> & Texts<'per-day'>): Promise<void> {
  const enabled = isSet(context, 'on');
  if (enabled === isSet(context, 'off')) throw new UsageError('Say either --on or --off.');
  const { api, id } = await serverIn(context);
  const perDay =
    numberOption(context, 'per-day', min, max) ??
    (await api('GET /servers/:id/auto-repair', { params: { id } })).autoRepair.perDay;
  print(context, await api('PUT /servers/:id/auto-repair', { params: { id }, body: { enabled, perDay } }));
}

function print({ output, terminal }: Context, answer: { autoRepair: AutoRepair }): void {
  const { enabled, perDay, usedToday, setBy, lastAt, lastResult } = answer.autoRepair;
  output.result(answer, () =>
    output.pairs([
      ['Automatic repair', enabled ? output.colour('green', 'on') : 'off'],
      ['Restarts in 24 h', `${usedToday} of ${perDay}`],
      ['Set by', setBy?.name ?? null],
      [
        'Last',
        lastAt === null || lastResult === null
          ? null
          : `${results[lastResult]}, ${ago(lastAt, terminal.now())}`,
      ],
    ]),
  );
}

export const autoRepairCommands: readonly Command[] = [
  command({
    name: 'auto-repair show',
    summary: 'Show whether Buoy restarts the gateway by itself when it goes down',
    args: ['server'],
    run: show,
  }),
  command({
    name: 'auto-repair set',
    summary: 'Switch that on or off; it acts with your rights, once for each alert',
    args: ['server'],
    options: {
      on: { type: 'boolean', summary: 'Restart the gateway once for each alert that it is down' },
      off: { type: 'boolean', summary: 'Leave it to people' },
      'per-day': {
        type: 'string',
        value: 'COUNT',
        summary: `Restarts within 24 hours at most, ${min} to ${max}`,
      },
    },
    run: set,
  }),
];
