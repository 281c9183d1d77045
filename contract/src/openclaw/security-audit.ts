// OpenClaw's own audit of how safely it is set up on a server.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { idParams, time } from '../scalars.ts';
import { count, readOf } from './read.ts';

export const securityFinding = z
  .object({
    id: z.string(),
    severity: z.enum(['critical', 'warn', 'info']),
    title: z.string(),
    detail: z.string(),
    fix: z.string().nullable(),
  })
  .meta({ id: 'SecurityFinding' });

export const securityAudit = z
  .object({
    summary: z.object({ critical: count, warn: count, info: count }),
    /** The worst first. */
    findings: z.array(securityFinding),
    checkedAt: time,
  })
  .meta({ id: 'SecurityAudit' });
export type SecurityAudit = z.output<typeof securityAudit>;

export const openclawSecurityAuditEndpoints = {
  'GET /servers/:id/openclaw/security-audit': {
    summary: 'What OpenClaw finds unsafe in its setup; kept for 10 minutes, a new look takes up to 30 s',
    params: idParams,
    query: z.strictObject({
      /** `true`: runs the audit again, unless the last one is half a minute old or less. */
      fresh: z.enum(['true', 'false']).default('false'),
    }),
    status: 200,
    cost: 'expensive_if_fresh',
    response: readOf({ audit: securityAudit }),
  },
} as const satisfies Endpoints;
