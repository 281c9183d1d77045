// Commands that agents may run only when a person agrees, and the policy that says which those are.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { id, idParams, line, time } from '../scalars.ts';
import { readOf } from './read.ts';

export const approvalDecision = z.enum(['allow-once', 'allow-always', 'deny']);
export type ApprovalDecision = z.output<typeof approvalDecision>;

export const execApproval = z
  .object({
    id: z.string(),
    command: z.string(),
    cwd: z.string().nullable(),
    /** Names of the environment variables that the agent sets for it; OpenClaw does not tell their values. */
    env: z.array(z.string()),
    /** Where it would run: `gateway`, `node` or `sandbox`. */
    host: z.string().nullable(),
    /** Which paired device, when it would run on one. */
    node: z.string().nullable(),
    agentId: z.string().nullable(),
    sessionKey: z.string().nullable(),
    /** What OpenClaw finds risky about it. */
    warning: z.string().nullable(),
    allowedDecisions: z.array(approvalDecision),
    requestedAt: time.nullable(),
    expiresAt: time.nullable(),
    status: z.enum(['pending', 'expired']),
  })
  .meta({ id: 'ExecApproval' });
export type ExecApproval = z.output<typeof execApproval>;

const security = z.enum(['deny', 'allowlist', 'full']);
const ask = z.enum(['off', 'on-miss', 'always']);
/** null: OpenClaw's default. */
const rules = { security: security.nullable(), ask: ask.nullable() };

export const execPolicy = z
  .object({
    defaults: z.object(rules),
    agents: z.array(z.object({ agentId: z.string(), ...rules, allowlist: z.array(z.string()) })),
    /** Brought along by who changes it; null where OpenClaw has none. */
    hash: z.string().nullable(),
  })
  .meta({ id: 'ExecPolicy' });
export type ExecPolicy = z.output<typeof execPolicy>;

/** What is absent stays as it is; null goes back to OpenClaw's default. */
const rulesChange = { security: security.nullable().optional(), ask: ask.nullable().optional() };
export const execPolicyChange = z.strictObject({
  defaults: z.strictObject(rulesChange).optional(),
  agents: z
    .array(
      z.strictObject({
        agentId: line(64),
        ...rulesChange,
        allowlist: z.array(line(1024)).max(200).optional(),
      }),
    )
    .max(200)
    .optional(),
  /** Of the policy that was read: refused when it has changed since. */
  hash: line(128).optional(),
});
export type ExecPolicyChange = z.output<typeof execPolicyChange>;

export const openclawApprovalsEndpoints = {
  'GET /servers/:id/openclaw/approvals': {
    summary: 'Commands of agents that wait for a person',
    params: idParams,
    status: 200,
    response: readOf({ approvals: z.array(execApproval) }),
  },
  'POST /servers/:id/openclaw/approvals/:approvalId/resolve': {
    summary: 'Allow or deny a command',
    params: z.strictObject({ id, approvalId: id }),
    body: z.strictObject({ decision: approvalDecision }),
    status: 200,
    response: z.object({
      approvalId: z.string(),
      decision: approvalDecision,
      /** It had been resolved in this way before. */
      already: z.boolean(),
      /** null when it had been resolved before. */
      approval: execApproval.nullable(),
    }),
  },
  'GET /servers/:id/openclaw/exec-policy': {
    summary: 'Which commands agents may run, and when they must ask',
    params: idParams,
    status: 200,
    response: readOf({ policy: execPolicy }),
  },
  'PUT /servers/:id/openclaw/exec-policy': {
    summary: 'Change which commands agents may run, and when they must ask',
    params: idParams,
    body: execPolicyChange,
    status: 200,
    response: z.object({ policy: execPolicy }),
  },
} as const satisfies Endpoints;
