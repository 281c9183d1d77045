// The models that OpenClaw may use, and the providers behind them.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { idParams, line } from '../scalars.ts';
import { count, readOf } from './read.ts';

export const openclawModel = z
  .object({
    id: z.string(),
    provider: z.string(),
    name: z.string(),
    /** Tokens. */
    contextWindow: count.nullable(),
    reasoning: z.boolean().nullable(),
    available: z.boolean().nullable(),
    isDefault: z.boolean(),
  })
  .meta({ id: 'OpenclawModel' });

export const openclawProvider = z
  .object({
    id: z.string(),
    name: z.string(),
    /** In OpenClaw's words, such as `static`, `ok`, `missing`; null when it does not tell. */
    status: z.string().nullable(),
    /** null when it cannot be told. */
    hasKey: z.boolean().nullable(),
    /** Where the key stands: `config`, `profile`, `env`. */
    keySource: z.string().nullable(),
  })
  .meta({ id: 'OpenclawProvider' });

export const openclawModels = z.object({
  models: z.array(openclawModel),
  providers: z.array(openclawProvider),
});
export type OpenclawModels = z.output<typeof openclawModels>;

export const openclawModelsEndpoints = {
  'GET /servers/:id/openclaw/models': {
    summary: 'Models that are configured, and their providers',
    params: idParams,
    status: 200,
    response: readOf(openclawModels.shape),
  },
  'PUT /servers/:id/openclaw/models/default': {
    summary: 'The model that agents use who have none of their own',
    params: idParams,
    body: z.strictObject({ model: line(256).regex(/^[^/]+\/.+$/, { error: 'must be provider/id' }) }),
    status: 200,
    response: z.object({ model: z.string(), rev: count, applied: z.boolean().nullable() }),
  },
} as const satisfies Endpoints;
