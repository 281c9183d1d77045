// A weekly window as a line in the reader's language.
import type { WeeklyWindow } from '@buoy/contract';
import { weekdays } from '@buoy/contract/constants';
import { useFormats } from '../../i18n/use-formats.ts';

/** @returns `Sat, Sun · 22:00–04:00 · Europe/Berlin`; days that follow each other as `Mon–Fri` */
export function useWindowWords(): (window: WeeklyWindow) => string {
  const formats = useFormats();
  return ({ days, start, end, timezone }) => {
    const runs: Array<typeof days> = [];
    for (const day of weekdays.filter((one) => days.includes(one))) {
      const run = runs.at(-1);
      const before = run?.at(-1);
      if (run !== undefined && before !== undefined && weekdays.indexOf(before) === weekdays.indexOf(day) - 1)
        run.push(day);
      else runs.push([day]);
    }
    const names = runs.flatMap((run) => {
      const [first, last] = [run[0], run.at(-1)];
      return run.length > 2 && first !== undefined && last !== undefined
        ? [`${formats.weekday(first)}–${formats.weekday(last)}`]
        : run.map((day) => formats.weekday(day));
    });
    return `${names.join(', ')} · ${start}–${end} · ${timezone}`;
  };
}
