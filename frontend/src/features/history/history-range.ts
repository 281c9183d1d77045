// The selected time of a history, and its points with the gaps between them.
import type { HistoryPoint, HistoryStep, ServerState } from '@buoy/contract';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of checks, gaps are at least this long: some are close to each other, others are minutes apart. */
const MIN_GAP_MS = 15 * 60_000;

export const historyRanges = ['24h', '7d', '90d'] as const;
export type HistoryRange = (typeof historyRanges)[number];

/** How far a range goes back, and the step that shows it well. */
export const rangeSpans: Readonly<Record<HistoryRange, { ms: number; step: HistoryStep }>> = {
  '24h': { ms: DAY_MS, step: 'raw' },
  '7d': { ms: 7 * DAY_MS, step: 'hour' },
  '90d': { ms: 90 * DAY_MS, step: 'day' },
};

/** A range as it stands in the address; the last 24 hours where it is none. */
export function rangeIn(text: string): HistoryRange {
  return historyRanges.find((one) => one === text) ?? '24h';
}

/** A time in one state; null: nobody checked the server. Milliseconds since the epoch. */
export type Span = { fromMs: number; toMs: number; state: ServerState | null };

/**
 * The states from `fromMs` to `toMs` without holes: a state lasts until the next point, unless that is too far away.
 * @param points oldest first
 */
export function spansOf(
  points: readonly HistoryPoint[],
  step: HistoryStep,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Span[] {
  const gapMs = gapOf(points, step);
  const spans: Span[] = [];
  const add = (span: Span) => {
    const [from, to] = [Math.max(fromMs, span.fromMs), Math.min(toMs, span.toMs)];
    if (from >= to) return;
    const last = spans.at(-1);
    if (last?.state === span.state) last.toMs = to;
    else spans.push({ fromMs: from, toMs: to, state: span.state });
  };
  let reachedMs = fromMs;
  points.forEach(({ at, state }, index) => {
    const ms = Date.parse(at);
    const next = points[index + 1];
    const nextMs = next === undefined ? toMs : Date.parse(next.at);
    const endMs = nextMs - ms > gapMs ? ms + (step === 'raw' ? gapMs / 3 : gapMs) : nextMs;
    add({ fromMs: reachedMs, toMs: ms, state: null });
    add({ fromMs: ms, toMs: endMs, state });
    reachedMs = endMs;
  });
  add({ fromMs: reachedMs, toMs, state: null });
  return spans;
}

/**
 * Points with null between two that are too far apart, so that no line joins them, and at both ends of the range.
 * @param points oldest first
 */
export function withGaps(
  points: readonly HistoryPoint[],
  step: HistoryStep,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Array<{ ms: number; point: HistoryPoint | null }> {
  const gapMs = gapOf(points, step);
  const all: Array<{ ms: number; point: HistoryPoint | null }> = [{ ms: fromMs, point: null }];
  for (const point of points) {
    const ms = Date.parse(point.at);
    const last = all.at(-1);
    // An hour or a day may have begun before the range.
    if (ms <= fromMs || ms >= toMs) continue;
    if (last !== undefined && last.point !== null && ms - last.ms > gapMs)
      all.push({ ms: (last.ms + ms) / 2, point: null });
    all.push({ ms, point });
  }
  all.push({ ms: toMs, point: null });
  return all;
}

/** Milliseconds between two points above which nobody checked the server meanwhile. */
function gapOf(points: readonly HistoryPoint[], step: HistoryStep): number {
  if (step === 'hour') return HOUR_MS;
  if (step === 'day') return DAY_MS;
  const distances = points
    .slice(1)
    .map(({ at }, index) => Date.parse(at) - Date.parse(points[index]?.at ?? at))
    .sort((one, other) => one - other);
  // Three checks missing, as the server counts it.
  return Math.max(MIN_GAP_MS, 3 * (distances[Math.floor(distances.length / 2)] ?? 0));
}
