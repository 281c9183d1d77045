// The names of RPCs that become labels have a limit.
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createGatewayMetrics } from './gateway-metrics.ts';

test('ten thousand RPC names create at most 201 metric series', async () => {
  const registry = new Registry();
  const observe = createGatewayMetrics(registry);
  for (let index = 0; index < 10_000; index += 1) observe.call(`method.${index}`)(null);
  observe.call('method.0')(null);
  const text = await registry.metrics();
  const calls = text.split('\n').filter((line) => line.startsWith('buoy_gateway_calls_total{'));
  expect(calls).toHaveLength(201);
  expect(calls).toContain('buoy_gateway_calls_total{method="method.0",result="ok"} 2');
  expect(calls).toContain('buoy_gateway_calls_total{method="other",result="ok"} 9800');
});
