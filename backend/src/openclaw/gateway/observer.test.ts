// The gateway observer with a scripted gateway on loopback: RPC outcomes and open connections.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../lib/clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { until } from '../../lib/testing/until.ts';
import type { Installations } from '../host/installation.ts';
import { createLoopbackSsh } from '../testing/loopback-ssh.ts';
import { openPort } from '../testing/open-port.ts';
import { createGateways } from './create-gateways.ts';
import { type ScriptedGateway, startScriptedGateway } from './testing/scripted-gateway.ts';

const soon = { deadlineMs: 5_000 };
let gateway: ScriptedGateway;
let gateways: ReturnType<typeof createGateways>;
let reported: string[];

beforeEach(async () => {
  gateway = await startScriptedGateway();
  gateway.methods['agents.list'] = () => ({ payload: { agents: [] } });
  reported = [];
  const access = { port: gateway.port, auth: { token: 'right-token' }, problem: null };
  gateways = createGateways({
    portGuard: openPort,
    ownerOf: async () => 'ada',
    ssh: createLoopbackSsh(),
    installations: { access: async () => access } as unknown as Installations,
    clock: systemClock,
    logger: createRecordingLogger().logger,
    observe: {
      call(method) {
        reported.push(`${method} begins`);
        return (failure) => reported.push(`${method} ${failure ?? 'ok'}`);
      },
    },
  });
});
afterEach(async () => {
  await gateways.close();
  await gateway.stop();
});

test('gateway observer › gets each RPC with its outcome: ok, bad_gateway or unsupported', async () => {
  await gateways.call('s1', 'agents.list', {}, z.unknown(), soon);
  await expect(gateways.call('s1', 'agents.list', {}, z.string(), soon)).rejects.toThrow();
  await expect(gateways.call('s1', 'no.such', {}, z.unknown(), soon)).rejects.toThrow();
  expect(reported).toEqual([
    'agents.list begins',
    'agents.list ok',
    'agents.list begins',
    'agents.list bad_gateway',
    'no.such begins',
    'no.such unsupported',
  ]);
});

test('gateway observer › counts one open connection for each server', async () => {
  expect(gateways.openConnections()).toBe(0);
  await gateways.hello('s1', soon);
  await gateways.hello('s1', soon);
  await gateways.hello('s2', soon);
  expect(gateways.openConnections()).toBe(2);
  gateways.reset('s1');
  expect(gateways.openConnections()).toBe(1);
  await gateway.stop();
  await until(() => gateways.openConnections() === 0, 'the connection is noticed to be gone');
});
