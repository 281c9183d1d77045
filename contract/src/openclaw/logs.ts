// The gateway's log: its last lines, and live.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { idParams, text, time } from '../scalars.ts';
import { count, readOf } from './read.ts';

export const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);
export type LogLevel = z.output<typeof logLevel>;

export const logLine = z
  .object({
    at: time.nullable(),
    /** null where the line does not tell, as in the journal of the service. */
    level: logLevel.nullable(),
    message: z.string(),
    subsystem: z.string().nullable(),
  })
  .meta({ id: 'LogLine' });
export type LogLine = z.output<typeof logLine>;

export const openclawLogs = z
  .object({
    /** On the server; null when the lines come from the journal of the service. */
    file: z.string().nullable(),
    /** Bytes of the file up to the end of the last line. */
    cursor: count.nullable(),
    /** Oldest first, secrets masked. */
    lines: z.array(logLine),
    /** There are older lines. */
    truncated: z.boolean(),
  })
  .meta({ id: 'OpenclawLogs' });
export type OpenclawLogs = z.output<typeof openclawLogs>;

export const openclawLogsEndpoints = {
  'GET /servers/:id/openclaw/logs': {
    summary: 'The last lines of the gateway, or of its service while it is down',
    params: idParams,
    query: z.strictObject({
      lines: z.coerce.number().int().min(1).max(2_000).default(200),
      /** At least this bad; lines that do not tell their level are kept. */
      level: logLevel.optional(),
      /** Lines that hold this text, in any case. */
      q: text(200).optional(),
    }),
    status: 200,
    response: readOf({ logs: openclawLogs }),
  },
  'GET /servers/:id/openclaw/logs/stream': {
    summary: 'The log as it grows, after its last lines; Last-Event-ID resumes',
    params: idParams,
    query: z.strictObject({
      /** Of what is there already; not after Last-Event-ID. */
      lines: z.coerce.number().int().min(0).max(500).default(100),
    }),
    status: 200,
    events: {
      line: logLine,
      /** Lines may be missing before the next one: the file was replaced, or the reader was too far behind. */
      reset: z.object({ file: z.string().nullable() }),
      /** The gateway does not answer; lines go on when it does. */
      gap: z.object({ message: z.string() }),
    },
    resumable: true,
  },
} as const satisfies Endpoints;
