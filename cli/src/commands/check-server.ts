// Runs the monitor's check of one server now.
import type { Alert } from '@buoy/contract';
import { type Args, type Command, type Context, command } from '../command.ts';
import { ago } from '../output/ago.ts';
import { indented } from '../output/indented.ts';
import type { Colour } from '../output/output.ts';
import { serverIn } from '../resolve-server.ts';
import { stateColours } from './servers.ts';

const severityColours: Record<Alert['severity'], Colour> = { critical: 'red', warning: 'yellow' };

/** Exits with 1 while an alert is firing, so that a script can stop; acknowledged and snoozed alerts do not count. */
async function check(context: Context & Args<'server'>): Promise<number | undefined> {
  const { output, terminal } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('POST /servers/:id/check', { params: { id } });
  const { server, alerts } = answer;
  const isFiring = alerts.some(({ status }) => status === 'firing');
  output.result(answer, () => {
    const { state, reasons, checkedAt } = server.status;
    output.pairs([
      ['State', output.colour(stateColours[state], state)],
      ...(reasons.length === 0 ? [] : [['Why', reasons.join(' ')] as const]),
      ['Checked', ago(checkedAt, terminal.now())],
    ]);
    for (const alert of alerts) {
      output.line(`${output.colour(severityColours[alert.severity], alert.severity)}: ${alert.cause}`);
      if (alert.evidence !== '') output.line(indented(alert.evidence));
      output.line(indented(`${alert.id}: ${statusOf(alert)}, began ${ago(alert.firstAt, terminal.now())}`));
    }
    if (alerts.length === 0) output.note(`No open alerts on ${server.name}.`);
    if (isFiring)
      output.note('Acknowledge: buoy alerts ack ALERT; snooze: buoy alerts snooze ALERT --for 8h');
  });
  return isFiring ? 1 : undefined;
}

function statusOf({ status, snoozedUntil }: Alert): string {
  return status === 'snoozed' ? `snoozed until ${snoozedUntil}` : status;
}

export const checkServerCommands: readonly Command[] = [
  command({
    name: 'servers check',
    summary: 'Check a server now, as the monitor does; exits with 1 if an alert is firing',
    args: ['server'],
    run: check,
  }),
];
