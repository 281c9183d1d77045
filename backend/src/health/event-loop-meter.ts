// Timer lag and utilization of this process's event loop, which delay every answer.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Clock } from '../lib/clock.ts';

/** Lags in milliseconds; `utilization` is the share of time that was spent working, 0 to 1. */
export type EventLoopReading = { lagP50Ms: number; lagP99Ms: number; utilization: number };

export type EventLoopMeter = {
  /**
   * Over the time since the last reading, at most a minute. A reading begins a new period; who asks within 5 s of that gets the
   * same reading again, so that two who ask do not take each other's.
   */
  read(): EventLoopReading;
  close(): void;
};

/** Milliseconds between two samples. The histogram holds this plus the lag. */
const RESOLUTION_MS = 20;
/** Milliseconds; the longest period that a reading is about. */
const PERIOD_MS = 60_000;
/** Milliseconds; a shorter period has too few samples for a p99. */
const MIN_PERIOD_MS = 5_000;

export function createEventLoopMeter(clock: Clock): EventLoopMeter {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let since = { at: clock.now(), utilization: performance.eventLoopUtilization() };
  let last: EventLoopReading | null = null;
  let stopTimer = () => {};

  const lagMs = (percentile: number): number => {
    // An empty histogram answers with a number of its own.
    if (delays.count === 0) return 0;
    return rounded(Math.max(0, delays.percentile(percentile) / 1e6 - RESOLUTION_MS), 10);
  };

  const turn = (): EventLoopReading => {
    const utilization = performance.eventLoopUtilization();
    last = {
      lagP50Ms: lagMs(50),
      lagP99Ms: lagMs(99),
      utilization: rounded(
        performance.eventLoopUtilization(utilization, since.utilization).utilization,
        1000,
      ),
    };
    since = { at: clock.now(), utilization };
    delays.reset();
    stopTimer();
    stopTimer = clock.after(PERIOD_MS, turn);
    return last;
  };
  stopTimer = clock.after(PERIOD_MS, turn);

  return {
    read: () => (last !== null && clock.now() - since.at < MIN_PERIOD_MS ? last : turn()),
    close() {
      stopTimer();
      delays.disable();
    },
  };
}

function rounded(value: number, perUnit: number): number {
  return Math.round(value * perUnit) / perUnit;
}
