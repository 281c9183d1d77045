// Automatic repair: Buoy restarts the gateway of a server by itself when it goes down, a few times a day at most.
import { z } from 'zod';
import { autoRepairResult } from './alerts.ts';
import { AUTO_REPAIRS_A_DAY } from './constants.ts';
import type { Endpoints } from './endpoint.ts';
import { idParams, time } from './scalars.ts';

const { min, max, usual } = AUTO_REPAIRS_A_DAY;
const perDay = z.number().int().min(min).max(max);

export const autoRepair = z
  .object({
    enabled: z.boolean(),
    /** Restarts within 24 hours at most. */
    perDay,
    /** Restarts in the last 24 hours. */
    usedToday: z.number().int(),
    /** Who has switched it on or off last, with whose rights the gateway is restarted; null: nobody yet. */
    setBy: z.object({ userId: z.string(), name: z.string() }).nullable(),
    /** When Buoy restarted the gateway last, or switched this off. */
    lastAt: time.nullable(),
    /** `switched_off`: by Buoy, because that person may no longer restart the gateway. */
    lastResult: z.enum([...autoRepairResult.options, 'switched_off']).nullable(),
  })
  .meta({ id: 'AutoRepair' });
export type AutoRepair = z.output<typeof autoRepair>;

const response = z.object({ autoRepair });

export const autoRepairEndpoints = {
  'GET /servers/:id/auto-repair': {
    summary: 'Whether Buoy restarts the gateway by itself when it goes down, and what came of it last',
    params: idParams,
    status: 200,
    response,
  },
  'PUT /servers/:id/auto-repair': {
    summary: 'Switch automatic repair on or off; it acts with your rights, and ends with them',
    params: idParams,
    body: z.strictObject({ enabled: z.boolean(), perDay: perDay.default(usual) }),
    status: 200,
    response,
  },
} as const satisfies Endpoints;
