// The values of a history that have a chart and a column, and how each is written.
import type { HistoryPoint } from '@buoy/contract';
import type { Formats } from '../../i18n/formats.ts';

/** The function of `Formats` that writes a value. */
export type Unit = Extract<keyof Formats, 'milliseconds' | 'percent' | 'bytes' | 'number' | 'money'>;

/** In the order of the page. */
export const metrics = {
  latency: { field: 'latencyMs', unit: 'milliseconds' },
  disk: { field: 'diskUsedShare', unit: 'percent' },
  memory: { field: 'memoryUsedShare', unit: 'percent' },
  gatewayMemory: { field: 'gatewayRssBytes', unit: 'bytes' },
  sessions: { field: 'sessions', unit: 'number' },
  tokens: { field: 'tokens', unit: 'number' },
  cost: { field: 'costUsd', unit: 'money' },
} as const satisfies Record<string, { field: keyof HistoryPoint; unit: Unit }>;

export type Metric = keyof typeof metrics;
export const metricNames = Object.keys(metrics) as Metric[];

export function valueIn(point: HistoryPoint | null, metric: Metric): number | null {
  return point?.[metrics[metric].field] ?? null;
}
