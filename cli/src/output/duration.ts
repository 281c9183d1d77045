// Lengths of time as people type and read them: 30s, 10m, 2h, 1d.
import { UsageError } from '../command.ts';

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof units;

/** Milliseconds. @param option name of the option, for the error. @throws UsageError */
export function durationOf(typed: string, option: string): number {
  const match = /^(\d+)([smhd])$/.exec(typed);
  if (match === null)
    throw new UsageError(`--${option} takes a time such as 30s, 10m, 2h or 1d, not "${typed}".`);
  return Number(match[1]) * units[match[2] as Unit];
}

/** Formats with the largest unit that divides evenly: `2h`, `90s`. @param ms milliseconds */
export function duration(ms: number): string {
  const [unit = 's', length = units.s] =
    Object.entries(units).findLast(([, one]) => ms >= one && ms % one === 0) ?? [];
  return `${Math.round(ms / length)}${unit}`;
}
