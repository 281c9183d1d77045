// Thresholds: from where on the checks of a server fire. A server's own win over those of its tags, and these over the defaults.
import { z } from 'zod';
import type { Endpoints } from './endpoint.ts';
import { idParams } from './scalars.ts';
import { serverTag } from './servers.ts';
import { byThreshold, thresholdLimits, thresholdNames } from './threshold-limits.ts';

export const thresholdSource = z.enum(['default', 'tag', 'server']);

export const threshold = z
  .object({
    /** What is set here; null: it is inherited. */
    set: z.number().nullable(),
    /** What holds. */
    value: z.number(),
    from: thresholdSource,
    /** The tag that it comes from; of several tags, the one that alerts earliest. */
    tag: z.string().nullable(),
    /** By tag: the servers with it have different values, of which `set` is none and `value` the one that alerts earliest. */
    differs: z.boolean(),
  })
  .meta({ id: 'Threshold' });
export type Threshold = z.output<typeof threshold>;

const thresholds = z.object(byThreshold(() => threshold));

/** What is absent stays, null is inherited again. */
export const thresholdChange = z
  .strictObject(
    byThreshold((name) => {
      const { min, max, isWhole } = thresholdLimits[name];
      const value = z.number().min(min).max(max);
      return (isWhole ? value.int() : value).nullable().optional();
    }),
  )
  .refine((change) => thresholdNames.some((name) => change[name] !== undefined), {
    error: `must have at least one of ${thresholdNames.join(', ')}`,
  })
  .meta({ id: 'ThresholdChange' });
export type ThresholdChange = z.output<typeof thresholdChange>;

const tagQuery = z.strictObject({ tag: serverTag });
const body = z.strictObject({ thresholds: thresholdChange });
const ofServer = z.object({ thresholds });
const ofTag = z.object({
  thresholds,
  /** Servers with the tag that the caller is an admin of. */
  servers: z.number().int(),
});

export const thresholdEndpoints = {
  'GET /servers/:id/thresholds': {
    summary: 'From where on the checks of a server fire, and where each value comes from',
    params: idParams,
    status: 200,
    response: ofServer,
  },
  'PUT /servers/:id/thresholds': {
    summary: 'Set thresholds of a server, or inherit them again; the next check uses them',
    params: idParams,
    body,
    status: 200,
    response: ofServer,
  },
  'GET /thresholds': {
    summary: 'Thresholds by a tag, of the servers with it that you are an admin of',
    query: tagQuery,
    status: 200,
    response: ofTag,
  },
  'PUT /thresholds': {
    summary:
      'Set thresholds by a tag, on the servers with it that you are an admin of; those that get the tag later take them over; of several tags of a server, the strictest value holds',
    query: tagQuery,
    body,
    status: 200,
    response: ofTag,
  },
} as const satisfies Endpoints;
