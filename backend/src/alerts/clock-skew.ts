// A server whose clock is not that of Buoy: tokens seem expired, jobs run at other times, logs tell a wrong order.
import type { Thresholds } from '@buoy/contract';
import { toldTime } from '../lib/clock.ts';
import { type AlertKey, type Condition, condition } from './condition.ts';
import { durationWords } from './duration-words.ts';

/** What is less than this share of the threshold ends an alert: a clock that is just there does not come and go. */
const OVER_BELOW = 0.8;

const skewKey: AlertKey = { type: 'clock_skew', subject: '' };

/**
 * @param skewMs by how much the server's clock is ahead of Buoy's at least, negative behind; null: not read
 * @param nowMs milliseconds since the epoch
 */
export function clockConditions(
  skewMs: number | null,
  nowMs: number,
  { clockSkewS }: Thresholds,
): { active: Condition[]; undetermined: AlertKey[] } {
  const offMs = Math.abs(skewMs ?? 0);
  if (skewMs === null || offMs < clockSkewS * 1000 * OVER_BELOW) return { active: [], undetermined: [] };
  if (offMs <= clockSkewS * 1000) return { active: [], undetermined: [skewKey] };
  const side = skewMs > 0 ? 'ahead of' : 'behind';
  const cause = `The clock of the server is ${durationWords(offMs)} ${side} that of Buoy.`;
  const told = toldTime(nowMs + skewMs);
  const evidence = [
    told === null ? null : `Clock of the server: ${told}`,
    `Clock of Buoy: ${toldTime(nowMs)}`,
    'Turn time synchronization on (timedatectl set-ntp true). If all servers differ by as much, the clock of Buoy is wrong.',
  ].filter((line) => line !== null);
  return { active: [condition('clock_skew', 'warning', cause, evidence.join('\n'))], undetermined: [] };
}
