// OpenClaw's own web interface, the Control UI, shown by Buoy over SSH: a one-use link, and the step of the signed-in person that opens it.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { idParams, text, time } from '../scalars.ts';

export const openclawControlUiEndpoints = {
  'GET /servers/:id/openclaw/dashboard-url': {
    summary:
      'A one-use link to the Control UI, for the caller alone, and the SSH command that does without Buoy',
    params: idParams,
    status: 200,
    response: z
      .object({
        /** Opens a page of Buoy, where the person who asked for it must be signed in. */
        url: z.string(),
        /** Until when it can be opened. */
        expiresAt: time,
        /** Makes the Control UI reachable on one's own machine, by one's own SSH login; null: through a jump server that the caller does not see, or whose login name ssh -J cannot carry. */
        sshCommand: z.string().nullable(),
      })
      .meta({ id: 'DashboardLink' }),
  },
  'POST /me/control-ui': {
    summary:
      'Use up the code of a link to the Control UI; the answer leads this browser into it, once and within seconds',
    body: z.strictObject({ code: text(256) }),
    status: 200,
    response: z
      .object({
        /** On the address of the Control UI, which is not the one of Buoy. Its code goes there as the field `code` of a form, from a page of Buoy. */
        url: z.string(),
        expiresAt: time,
      })
      .meta({ id: 'ControlUiEntry' }),
  },
} as const satisfies Endpoints;
