// The gateway's service: starting, stopping and restarting it, and whether a model answers behind it.
import { z } from 'zod';
import { repairSteps } from '../constants.ts';
import type { Endpoints } from '../endpoint.ts';
import { idParams, text, time } from '../scalars.ts';
import { task } from '../tasks.ts';
import { configChange } from './config.ts';

/** `failed`: none of the others, or OpenClaw does not say. */
export const modelCheckStatus = z.enum([
  'ok',
  'no_model',
  'auth',
  'billing',
  'rate_limit',
  'timeout',
  'format',
  'failed',
]);
export type ModelCheckStatus = z.output<typeof modelCheckStatus>;

export const modelCheck = z
  .object({
    ok: z.boolean(),
    status: modelCheckStatus,
    provider: z.string().nullable(),
    model: z.string().nullable(),
    latencyMs: z.number().int().nonnegative().nullable(),
    /** A sentence; what the provider itself said, where OpenClaw passes that on, stands behind it. */
    detail: z.string(),
  })
  .meta({ id: 'ModelCheck' });
export type ModelCheck = z.output<typeof modelCheck>;

export const repairStep = z
  .object({
    id: z.enum(repairSteps),
    title: z.string(),
    /** What it runs on the server, a command each; empty where it cannot run. */
    runs: z.array(z.string()),
    /** What changes in the config, secrets masked, of a long list the beginning; null: nothing, or the files cannot be compared. */
    changes: z.array(configChange).nullable(),
    /** Why it cannot run now; null: it can. */
    unavailable: z.string().nullable(),
    /** Stands for what is shown here: whoever sends it back runs exactly that, or is refused. null: it cannot run. */
    choice: z.string().nullable(),
    /** Its last try for the present problem; null: none. */
    tried: z.object({ taskId: z.string(), at: time, message: z.string() }).nullable(),
  })
  .meta({ id: 'RepairStep' });
export type RepairStep = z.output<typeof repairStep>;

const repairStepId = z.enum(repairSteps);

/** 96 bits in base64url: it fits into a button of Telegram, with the server and the step. */
export const repairChoice = z
  .string()
  .regex(/^[A-Za-z0-9_-]{16}$/, { error: 'must be the choice of a step' });

const started = z.object({ task });

export const openclawServiceEndpoints = {
  'POST /servers/:id/openclaw/start': {
    summary: 'Start the gateway; succeeded means proved healthy, or that it was so already',
    params: idParams,
    status: 202,
    response: started,
  },
  'POST /servers/:id/openclaw/stop': {
    summary: 'Stop the gateway; succeeded means proved gone, or that it was so already',
    params: idParams,
    status: 202,
    response: started,
  },
  'POST /servers/:id/openclaw/restart': {
    summary: 'Restart the gateway; succeeded means proved healthy again',
    params: idParams,
    status: 202,
    response: started,
  },
  'GET /servers/:id/openclaw/repair': {
    summary: 'What can be done about a gateway that does not work, the mildest step first; changes nothing',
    params: idParams,
    status: 200,
    response: z.object({
      steps: z.array(repairStep),
      /** What to try next; null: nothing is wrong, or nothing is left. */
      suggested: repairStepId.nullable(),
      /** Why that one, in a sentence. */
      reason: z.string(),
    }),
  },
  'POST /servers/:id/openclaw/repair': {
    summary:
      'Run one of these steps; succeeded means proved healthy again. A rollback needs the choice that was shown; 409 when something else would run by now',
    params: idParams,
    body: z.strictObject({ step: repairStepId, choice: repairChoice.optional() }),
    status: 202,
    response: started,
  },
  'POST /servers/:id/openclaw/model-check': {
    summary: 'Have a model answer one short question; the default provider unless one is named',
    params: idParams,
    body: z.strictObject({
      provider: text(64)
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'must be the id of a provider, such as openai' })
        .optional(),
    }),
    status: 200,
    cost: 'expensive',
    response: z.object({ check: modelCheck }),
  },
} as const satisfies Endpoints;
