// Update policies: to which version, and at which times, servers with a tag are updated. They hold for the servers that their person owns.
import { z } from 'zod';
import type { Endpoints } from './endpoint.ts';
import { exactVersion } from './openclaw-version.ts';
import { cursor, limit, time } from './scalars.ts';
import { serverTag } from './servers.ts';
import { weeklyWindow } from './weekly-window.ts';

export const updatePolicy = z
  .object({
    tag: z.string(),
    /** The only version of OpenClaw that these servers are updated to; null: whichever is asked for. */
    pinned: z.string().nullable(),
    /** When rollouts update these servers; null: at any time. */
    window: weeklyWindow.nullable(),
    /** When the window opens next; null: it is open, or there is none. */
    opensAt: time.nullable(),
    version: z.number().int(),
    updatedAt: time,
  })
  .meta({ id: 'UpdatePolicy' });
export type UpdatePolicy = z.output<typeof updatePolicy>;

/** What is absent stays as it is; of a new policy it is null. */
export const updatePolicyChange = z
  .strictObject({
    pinned: exactVersion.nullable().optional(),
    window: weeklyWindow.nullable().optional(),
  })
  .meta({ id: 'UpdatePolicyChange' });
export type UpdatePolicyChange = z.output<typeof updatePolicyChange>;

/** What the policies of its owner say of one server. */
export const effectivePolicy = z
  .object({
    /** Different versions: no update starts until the pins agree. */
    pins: z.array(z.object({ tag: z.string(), version: z.string() })),
    /** Tags with a window; rollouts update the server while all of these are open. */
    windowTags: z.array(z.string()),
    /** Whether all of them are open now. */
    isOpen: z.boolean(),
    /** When all of them are open next; null: they are, or at no time within three weeks. */
    opensAt: time.nullable(),
  })
  .meta({ id: 'EffectivePolicy' });
export type EffectivePolicy = z.output<typeof effectivePolicy>;

/** URL parsers take these for folders. */
const tagParams = z.strictObject({
  tag: serverTag.refine((tag) => tag !== '.' && tag !== '..', { error: 'cannot be addressed' }),
});
const onePolicy = z.object({ policy: updatePolicy });

export const updatePolicies = {
  'GET /update-policies': {
    summary: 'Your update policies, by their tags',
    query: z.strictObject({ limit, cursor }),
    status: 200,
    response: z.object({ policies: z.array(updatePolicy), nextCursor: z.string().nullable() }),
  },
  'GET /update-policies/:tag': {
    summary: 'Your update policy for a tag',
    params: tagParams,
    status: 200,
    response: onePolicy,
  },
  'PUT /update-policies/:tag': {
    summary: 'Pin your servers with a tag to a version, or give the times at which rollouts update them',
    params: tagParams,
    body: updatePolicyChange,
    status: 200,
    response: onePolicy,
  },
  'DELETE /update-policies/:tag': {
    summary: 'Remove your update policy for a tag: its pin and its window end',
    params: tagParams,
    status: 204,
  },
} as const satisfies Endpoints;
