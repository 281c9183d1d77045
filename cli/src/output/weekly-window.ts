// Weekly windows of time, as they are typed and as they are shown.
import type { Weekday, WeeklyWindow } from '@buoy/contract';
import { weekdays } from '@buoy/contract/constants';
import { UsageError } from '../command.ts';

const names: readonly string[] = weekdays;

/** `mon-fri,sun` as days. @throws UsageError */
export function daysOf(typed: string): Weekday[] {
  const indices = typed.split(',').flatMap((part) => {
    const [first = '', last = first, ...more] = part.trim().toLowerCase().split('-');
    const [from, to] = [names.indexOf(first), names.indexOf(last)];
    if (from === -1 || to === -1 || more.length > 0)
      throw new UsageError(`--days takes days such as mon-fri or sat,sun, not "${typed}".`);
    // From Saturday to Monday is three days.
    const count = ((to - from + names.length) % names.length) + 1;
    return Array.from({ length: count }, (_, step) => (from + step) % names.length);
  });
  return weekdays.filter((_, index) => indices.includes(index));
}

/** `mon-fri 22:00-04:00 Europe/Berlin`. */
export function windowText({ days, start, end, timezone }: WeeklyWindow): string {
  return `${daysText(days)} ${start}-${end} ${timezone}`;
}

function daysText(days: readonly Weekday[]): string {
  if (days.length === weekdays.length) return 'every day';
  const runs: Weekday[][] = [];
  for (const day of weekdays.filter((one) => days.includes(one))) {
    const last = runs.at(-1);
    const isNext = last !== undefined && weekdays.indexOf(day) === weekdays.indexOf(last.at(-1)!) + 1;
    if (isNext) last.push(day);
    else runs.push([day]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(','))).join(',');
}
