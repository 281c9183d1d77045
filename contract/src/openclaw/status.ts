// How OpenClaw on a server is: gateway, service, channels and host told apart.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { idParams } from '../scalars.ts';
import { count, readOf } from './read.ts';

export const gatewayState = z.enum(['running', 'stopped', 'failed', 'starting', 'not_installed']);

export const channelState = z.enum([
  'connected',
  'starting',
  'disconnected',
  'stopped',
  'disabled',
  'not_configured',
]);
export type ChannelState = z.output<typeof channelState>;

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
      manager: z.enum(['systemd-user', 'systemd-system', 'supervised', 'none']),
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
        state: channelState,
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

export const openclawStatusEndpoints = {
  'GET /servers/:id/openclaw/status': {
    summary: 'Gateway, service, channels and host in one look',
    params: idParams,
    status: 200,
    response: readOf({ status: openclawStatus }),
  },
} as const satisfies Endpoints;
