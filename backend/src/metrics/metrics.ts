// The metrics of Buoy for Prometheus. Labels are names from our own code: no ids, no addresses, nothing that people typed.
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { addAskedMetrics, type MetricSources } from './asked-metrics.ts';
import { createCollectors } from './collectors.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import { createHttpMetrics } from './http-metrics.ts';
import { createSshMetrics } from './ssh-metrics.ts';
import { createTaskMetrics } from './task-metrics.ts';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics({ version, clock, logger }: { version: string; clock: Clock; logger: Logger }) {
  const registry = new Registry();
  const collectors = createCollectors(registry, { clock, logger });
  collectDefaultMetrics({ register: registry, prefix: 'buoy_' });
  // Of a scrape right after another one it would say 292 years: the least of nothing.
  registry.removeSingleMetric('buoy_nodejs_eventloop_lag_min_seconds');
  new Gauge({
    name: 'buoy_build_info',
    help: 'Always 1; which version of Buoy runs, and on which Node.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.version }, 1);
  let scrape: Promise<string> | null = null;

  return {
    /** For the modules that do the work, to tell of it. */
    observe: {
      http: createHttpMetrics(registry),
      ssh: createSshMetrics(registry),
      gateways: createGatewayMetrics(registry),
      tasks: createTaskMetrics(registry),
    },

    /** Adds what each scrape asks for; to be called once, when everything is built. */
    collectFrom(sources: MetricSources): void {
      addAskedMetrics(collectors, sources);
    },

    /** All of it in the text format of Prometheus, version 0.0.4. Who asks at the same time shares one answer. */
    text(): Promise<string> {
      scrape ??= collectors
        .collect()
        .then(() => registry.metrics())
        .finally(() => {
          scrape = null;
        });
      return scrape;
    },
  };
}
