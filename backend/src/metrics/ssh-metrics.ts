// Counts what goes over SSH, over all servers together.
import { performance } from 'node:perf_hooks';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { SshObserver } from '../ssh/observer.ts';

/** Seconds. A command on a kept connection takes 5 ms; one may run for two minutes. */
const DURATION_BUCKETS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30, 120];

export function createSshMetrics(registry: Registry): SshObserver {
  const registers = [registry];
  const calls = new Counter({
    name: 'buoy_ssh_calls_total',
    help: 'Calls over SSH by kind, and "ok" or the code of the error; a command that ends with an exit code is "ok".',
    labelNames: ['call', 'result'],
    registers,
  });
  const durations = new Histogram({
    name: 'buoy_ssh_call_duration_seconds',
    help: 'Time of a call over SSH, including queueing and connecting; for a forwarded stream, the time to open it.',
    labelNames: ['call'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const connects = new Counter({
    name: 'buoy_ssh_connects_total',
    help: 'Attempts to connect and log in: "ok" or the kind of failure.',
    labelNames: ['result'],
    registers,
  });

  return {
    call(call) {
      const startedAt = performance.now();
      return (failure) => {
        calls.inc({ call, result: failure ?? 'ok' });
        durations.observe({ call }, (performance.now() - startedAt) / 1000);
      };
    },
    connected: (failure) => connects.inc({ result: failure ?? 'ok' }),
  };
}
