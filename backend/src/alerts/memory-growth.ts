// A gateway whose memory grows steadily: by least squares over what the checks of a day have seen.
import type { OpenclawStatus, Thresholds } from '@buoy/contract';
import { type AlertKey, type Condition, condition } from './condition.ts';
import { durationWords } from './duration-words.ts';
import { gibibytes } from './space.ts';

/** The resident memory of a gateway at a check, oldest first. */
export type MemorySample = { atMs: number; rssBytes: number };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Milliseconds of samples that are asked for. */
export const GROWTH_WINDOW_MS = DAY_MS;
/** A trend of less says nothing: a gateway fills its caches in the first hours. */
const MIN_SPAN_MS = 6 * HOUR_MS;
const MIN_SAMPLES = 12;
/** Milliseconds after a start that do not count: its memory doubles in them. */
const WARM_UP_MS = HOUR_MS / 2;
/** Share of the variation that the line explains; garbage collection alone explains far less. */
const MIN_FIT = 0.5;
/** Each half grows by at least this share of the whole slope: a single jump, as by a large file, does not. */
const MIN_HALF_SLOPE = 0.25;
/** An open alert ends below this share of what fires it. */
const OVER_BELOW = 0.8;

const growthKey: AlertKey = { type: 'memory_high', subject: 'growth' };

/**
 * @param samples null: could not be read
 * @param nowMs milliseconds since the epoch
 */
export function growthConditions(
  { gateway, memory }: Pick<OpenclawStatus, 'gateway' | 'memory'>,
  samples: readonly MemorySample[] | null,
  nowMs: number,
  { memoryGrowthShare }: Thresholds,
): { active: Condition[]; undetermined: AlertKey[] } {
  const unknown = { active: [], undetermined: [growthKey] };
  const none = { active: [], undetermined: [] };
  if (samples === null || gateway.uptimeS === null) return unknown;
  const startedMs = nowMs - gateway.uptimeS * 1000;
  // A restart has freed what had grown.
  if (nowMs - startedMs < WARM_UP_MS + MIN_SPAN_MS) return none;
  const fromMs = Math.max(nowMs - GROWTH_WINDOW_MS, startedMs + WARM_UP_MS);
  const own = samples.filter(({ atMs }) => atMs >= fromMs && atMs <= nowMs);
  const [first, last] = [own[0], own.at(-1)];
  if (first === undefined || last === undefined) return unknown;
  if (own.length < MIN_SAMPLES || last.atMs - first.atMs < MIN_SPAN_MS) return unknown;
  const line = fit(own);
  if (!isSteady(own, line.slope) || line.explained < MIN_FIT) return none;
  const [from, to] = [line.at(first.atMs), line.at(last.atMs)];
  const perDay = line.slope * DAY_MS;
  const share = perDay / Math.max(from, 1);
  const total = memory?.totalBytes ?? 0;
  const fullShare = total === 0 ? 0 : (to + perDay) / total;
  const urgency = Math.max(share / memoryGrowthShare, fullShare);
  if (!Number.isFinite(urgency) || urgency < OVER_BELOW) return none;
  if (urgency < 1) return { active: [], undetermined: [growthKey] };
  const spanMs = last.atMs - first.atMs;
  const fills =
    fullShare >= 1
      ? ` At this rate it fills the memory of the server within ${durationWords(Math.max(0, (total - to) / line.slope))}.`
      : '';
  const cause = `The gateway probably has a memory leak: it grew from ${gibibytes(from)} to ${gibibytes(to)} within ${durationWords(spanMs)}.${fills}`;
  const evidence = [
    `Trend: ${gibibytes(perDay)} (${Math.round(share * 100)} %) a day, over ${own.length} checks`,
    total === 0 ? null : `Memory of the server: ${gibibytes(total)}`,
    'A restart of the gateway frees the memory for now.',
  ].filter((text) => text !== null);
  return {
    active: [condition(growthKey.type, 'warning', cause, evidence.join('\n'), growthKey.subject)],
    undetermined: [],
  };
}

type Line = {
  /** Bytes a millisecond. */
  slope: number;
  /** Bytes at a time. */
  at: (ms: number) => number;
  /** Share of the variation that the line explains, 0 to 1. */
  explained: number;
};

/** Ordinary least squares. Times are taken from their mean, so that nothing is lost in large numbers. */
function fit(samples: readonly MemorySample[]): Line {
  const meanMs = mean(samples.map(({ atMs }) => atMs));
  const meanBytes = mean(samples.map(({ rssBytes }) => rssBytes));
  let [times, both, bytes] = [0, 0, 0];
  for (const { atMs, rssBytes } of samples) {
    const [dx, dy] = [atMs - meanMs, rssBytes - meanBytes];
    times += dx * dx;
    both += dx * dy;
    bytes += dy * dy;
  }
  const slope = times === 0 ? 0 : both / times;
  return {
    slope,
    at: (ms) => meanBytes + slope * (ms - meanMs),
    explained: bytes === 0 ? 0 : (slope * both) / bytes,
  };
}

function isSteady(samples: readonly MemorySample[], slope: number): boolean {
  const middle = Math.floor(samples.length / 2);
  const halves = [samples.slice(0, middle), samples.slice(middle)];
  return slope > 0 && halves.every((half) => fit(half).slope >= slope * MIN_HALF_SLOPE);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
