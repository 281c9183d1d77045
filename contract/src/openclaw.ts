// OpenClaw on a server. Every read says where it comes from and how old it is.
import { z } from 'zod';
import type { Endpoints } from './endpoint.ts';
import { idParams, time } from './scalars.ts';
import { task } from './tasks.ts';

export const source = z.enum(['gateway', 'cli', 'snapshot']);

export const gatewayState = z.enum(['running', 'stopped', 'failed', 'starting', 'not_installed']);

const count = z.number().int().nonnegative();

export const openclawStatus = z
  .object({
    installed: z.boolean(),
    version: z.string().nullable(),
    gateway: z.object({
      state: gatewayState,
      ready: z.boolean(),
      pid: count.nullable(),
      uptimeS: z.number().nonnegative().nullable(),
      port: count.nullable(),
      bind: z.string().nullable(),
      authMode: z.string().nullable(),
      rssBytes: count.nullable(),
    }),
    service: z.object({
      manager: z.enum(['systemd-user', 'systemd-system', 'none']),
      unit: z.string().nullable(),
      activeState: z.string().nullable(),
      result: z.string().nullable(),
      restarts: count.nullable(),
      startLimitHit: z.boolean(),
    }),
    channels: z.array(
      z.object({
        id: z.string(),
        account: z.string(),
        state: z.enum(['connected', 'starting', 'disconnected', 'stopped', 'disabled', 'not_configured']),
        error: z.string().nullable(),
      }),
    ),
    agents: count.nullable(),
    sessions: count.nullable(),
    update: z.object({
      current: z.string().nullable(),
      latest: z.string().nullable(),
      behind: z.boolean().nullable(),
    }),
    disk: z.object({ totalBytes: count, availableBytes: count }).nullable(),
    memory: z.object({ totalBytes: count, availableBytes: count }).nullable(),
  })
  .meta({ id: 'OpenclawStatus' });
export type OpenclawStatus = z.output<typeof openclawStatus>;

export const openclaw = {
  'GET /servers/:id/openclaw/status': {
    summary: 'Gateway, service, channels and host in one look',
    params: idParams,
    status: 200,
    response: z.object({ status: openclawStatus, source, observedAt: time }),
  },
  'POST /servers/:id/openclaw/restart': {
    summary: 'Restart the gateway; succeeded means proved healthy again',
    params: idParams,
    status: 202,
    response: z.object({ task }),
  },
} as const satisfies Endpoints;
