// Is Buoy itself alive, and what is its contract.
import { z } from 'zod';
import type { Endpoints } from './endpoint.ts';

export const health = {
  'GET /health': {
    summary: 'Liveness of Buoy and its database',
    // A refused probe would take a healthy Buoy out of service, and costs as much as an answered one.
    rateLimit: 'none',
    status: 200,
    response: z
      .object({ status: z.literal('ok'), version: z.string(), uptimeS: z.number() })
      .meta({ id: 'Health' }),
  },
  'GET /openapi.json': {
    summary: 'This document',
    status: 200,
    response: z.looseObject({ openapi: z.string() }),
  },
} as const satisfies Endpoints;
