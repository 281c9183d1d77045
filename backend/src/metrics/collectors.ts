// Metrics that are read at scrape time, each with a deadline.
import { Counter, Gauge, type Registry } from 'prom-client';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { withTimeout } from '../lib/with-timeout.ts';

/** Milliseconds; Prometheus itself gives a scrape ten seconds. */
const DEADLINE_MS = 2_000;

/** A number, or one by each value of the metric's one label; null: there is none at this moment. */
export type Value = number | null | Record<string, number>;

/** `counts`: it never goes down, as long as nobody forgets it. */
type Definition = { help: string; label?: string; counts?: true };

export type Collectors = {
  /**
   * Adds metrics that are asked for together. When `read` fails or is too slow they have no value in that scrape, and
   * `buoy_collector_up` says so.
   */
  add<Name extends string>(
    collector: string,
    metrics: Record<Name, Definition>,
    read: () => Promise<Record<Name, Value>> | Record<Name, Value>,
  ): void;
  /** Asks all of them. Never rejects. */
  collect(): Promise<void>;
};

export function createCollectors(
  registry: Registry,
  { clock, logger }: { clock: Clock; logger: Logger },
): Collectors {
  const registers = [registry];
  const up = new Gauge({
    name: 'buoy_collector_up',
    help: '1 when these metrics were collected for this scrape, else 0.',
    labelNames: ['collector'],
    registers,
  });
  const all: Array<() => Promise<void>> = [];

  return {
    add(collector, definitions, read) {
      const metrics = Object.entries<Definition>(definitions).map(([name, { help, label, counts }]) => {
        const options = { name, help, labelNames: label === undefined ? [] : [label], registers };
        return { name, label, metric: counts ? new Counter(options) : new Gauge(options) };
      });
      const forget = (): void => {
        for (const { metric, label } of metrics) {
          metric.reset();
          // One without labels is set to 0 by that, which would be an answer.
          if (label === undefined) metric.remove();
        }
      };
      forget();
      all.push(async () => {
        try {
          const reading = (async () => read())();
          const values: Record<string, Value> = await withTimeout(
            reading,
            { deadlineMs: DEADLINE_MS },
            clock,
            tooSlow,
          );
          forget();
          for (const { name, label, metric } of metrics) addAll(metric, label, values[name] ?? null);
          up.set({ collector }, 1);
        } catch (error) {
          forget();
          up.set({ collector }, 0);
          logger.warn({ err: error, collector }, 'metrics could not be collected');
        }
      });
    },

    async collect() {
      await Promise.all(all.map((one) => one()));
    },
  };
}

/** To a metric that holds nothing. */
function addAll(metric: Gauge | Counter, label: string | undefined, value: Value): void {
  if (value === null) return;
  if (typeof value === 'number') metric.inc({}, value);
  else for (const [name, one] of Object.entries(value)) metric.inc({ [label ?? '']: name }, one);
}

function tooSlow(deadlineMs: number): AppError {
  return new AppError('deadline', `No answer within ${deadlineMs} ms.`);
}
