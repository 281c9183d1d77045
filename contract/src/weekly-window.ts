// A span of time that comes again each week.
import { z } from 'zod';
import { weekdays } from './constants.ts';
import { timeOfDay, timeZone } from './scalars.ts';

export const weeklyWindow = z
  .strictObject({
    days: z
      .array(z.enum(weekdays))
      .min(1)
      .max(weekdays.length)
      .refine((days) => new Set(days).size === days.length, { error: 'must not repeat' }),
    start: timeOfDay,
    /** Before `start`: on the next day, which need not be among `days`. The same as `start`: 24 hours later. */
    end: timeOfDay,
    timezone: timeZone,
  })
  .meta({ id: 'WeeklyWindow' });
export type WeeklyWindow = z.output<typeof weeklyWindow>;
