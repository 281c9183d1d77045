// Counts RPCs to the gateways of all servers together.
import { performance } from 'node:perf_hooks';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { GatewayObserver } from '../openclaw/gateway/observer.ts';

/** Seconds. An RPC over a kept connection takes 0.6 to 9 ms. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

/** Names of RPCs that get a series of their own: our code knows far fewer, and a mistake in it must not fill the memory. */
const MAX_METHODS = 200;

export function createGatewayMetrics(registry: Registry): GatewayObserver {
  const registers = [registry];
  const calls = new Counter({
    name: 'buoy_gateway_calls_total',
    help: 'RPCs to OpenClaw gateways by method, and "ok" or the code of the error.',
    labelNames: ['method', 'result'],
    registers,
  });
  const durations = new Histogram({
    name: 'buoy_gateway_call_duration_seconds',
    help: 'Time of an RPC to a gateway, including connecting when it was not connected.',
    labelNames: ['method'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const known = new Set<string>();
  const labelOf = (method: string): string => {
    if (known.has(method)) return method;
    if (known.size >= MAX_METHODS) return 'other';
    known.add(method);
    return method;
  };

  return {
    call(name) {
      const method = labelOf(name);
      const startedAt = performance.now();
      return (failure) => {
        calls.inc({ method, result: failure ?? 'ok' });
        durations.observe({ method }, (performance.now() - startedAt) / 1000);
      };
    },
  };
}
