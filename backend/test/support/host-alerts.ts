// Orders on a real host with OpenClaw, and the alerts that a check of it gives at once.
import type { Alert } from '@buoy/contract';
import { expect } from 'vitest';
import { within } from '../../../testbed/until.ts';
import type { OpenclawFixture } from './openclaw-fixture.ts';

const UNIT = 'openclaw-gateway.service';
/** Rounds of their own would confirm problems as well: these suites check at once. */
export const NO_ROUNDS = { MONITOR_INTERVAL_S: '3600' };

export type HostAlerts = ReturnType<typeof hostAlerts>;

export function hostAlerts({ host, live, serverId }: OpenclawFixture) {
  const params = { id: serverId };
  /** Throws with what it printed when it fails. */
  const run = async (command: string, user: 'deploy' | 'root' = 'root', input?: string) => {
    const { code, stdout, stderr } = await host.exec(command, {
      ...{ user },
      ...(input !== undefined && { input }),
    });
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
    return stdout.trim();
  };
  const check = async (): Promise<Alert[]> => (await live.api('POST /servers/:id/check', { params })).alerts;
  const open = async (type: Alert['type'], cause: RegExp): Promise<Alert | undefined> =>
    (await check()).find((alert) => alert.type === type && cause.test(alert.cause));
  const untilOver = (type: Alert['type']) =>
    within(60_000, async () => (await check()).every((alert) => alert.type !== type));
  const service = (order: string) => run(`systemctl --user ${order} ${UNIT}`, 'deploy');
  return {
    run,
    check,
    open,
    untilOver,
    service,
    openclaw: (words: string, input?: string) =>
      run(`PATH=/opt/node24/bin:$PATH openclaw --no-color ${words}`, 'deploy', input),
    /** Starts or restarts the gateway, until a check sees it up. */
    async untilUp(order: 'start' | 'restart') {
      await service(order);
      await host.waitGateway();
      await untilOver('gateway_down');
    },
    thresholds: (thresholds: Record<string, number | null>) =>
      live.api('PUT /servers/:id/thresholds', { params, body: { thresholds } }),
    async untilOpen(type: Alert['type'], cause: RegExp, deadlineMs = 60_000): Promise<Alert> {
      let found: Alert | undefined;
      let seen: Alert[] = [];
      await within(deadlineMs, async () => {
        seen = await check();
        found = seen.find((alert) => alert.type === type && cause.test(alert.cause));
        return found !== undefined;
      }).catch((error: unknown) => {
        const there = seen.map((alert) => `${alert.type}: ${alert.cause}\n${alert.evidence}`).join('\n');
        throw new Error(`No such alert; there is:\n${there}`, { cause: error });
      });
      return found ?? expect.unreachable();
    },
  };
}
