// The hours and days, in UTC, over which a stretch of time spreads.
export type WideStep = 'hour' | 'day';

const LENGTH_MS: Record<WideStep, number> = { hour: 3_600_000, day: 86_400_000 };

/** When the hour or day began that a time is in; milliseconds since the epoch. */
export function beginningOf(step: WideStep, ms: number): number {
  return ms - (((ms % LENGTH_MS[step]) + LENGTH_MS[step]) % LENGTH_MS[step]);
}

/** The parts of [fromMs, toMs) in each hour or day, oldest first; the last one is that of `toMs`, and may be empty. */
export function partsOf(
  step: WideStep,
  fromMs: number,
  toMs: number,
): Array<{ beginsMs: number; partMs: number }> {
  const parts: Array<{ beginsMs: number; partMs: number }> = [];
  for (let beginsMs = beginningOf(step, fromMs); beginsMs <= toMs; beginsMs += LENGTH_MS[step])
    parts.push({
      beginsMs,
      partMs: Math.min(toMs, beginsMs + LENGTH_MS[step]) - Math.max(fromMs, beginsMs),
    });
  return parts;
}
