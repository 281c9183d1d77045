// A schedule as a sentence in the reader's language.
import type { CronSchedule } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useLanguage, useTexts } from '../../i18n/use-texts.ts';
import { shapeOf } from './schedule-shape.ts';
import { cronTexts } from './texts.ts';

/** The second of January 2000 was a Sunday. */
const A_SUNDAY = Date.UTC(2000, 0, 2);
const DAY_MS = 86_400_000;

export function useScheduleWords(): (schedule: CronSchedule) => string {
  const t = useTexts(cronTexts);
  const language = useLanguage();
  const formats = useFormats();
  const timeOf = (hour: number, minute: number) =>
    new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' }).format(
      new Date(Date.UTC(2000, 0, 1, hour, minute)),
    );
  const daysOf = (days: readonly number[]) => {
    const weekday = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' });
    const names = days.map((day) => weekday.format(new Date(A_SUNDAY + day * DAY_MS))).join(', ');
    return `${names.charAt(0).toLocaleUpperCase(language)}${names.slice(1)}`;
  };
  return (schedule) => {
    const shape = shapeOf(schedule);
    const zone = schedule.kind === 'cron' && schedule.tz !== null ? ` (${schedule.tz})` : '';
    switch (shape.kind) {
      case 'every':
        return t.every(formats.duration(shape.seconds));
      case 'once':
        return t.once(formats.moment(shape.at));
      case 'hourly':
        return t.hourly(shape.minute);
      case 'daily':
        return `${t.daily(timeOf(shape.hour, shape.minute))}${zone}`;
      case 'weekly':
        return `${t.weekly(daysOf(shape.days), timeOf(shape.hour, shape.minute))}${zone}`;
      case 'monthly':
        return `${t.monthly(shape.day, timeOf(shape.hour, shape.minute))}${zone}`;
      case 'expression':
        return `${t.expression(shape.expr)}${zone}`;
      case 'other':
        return t.otherSchedule(shape.name);
    }
  };
}
