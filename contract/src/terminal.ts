// The terminal of a server: the ticket that opens it, and the frames that go through its WebSocket.
import { z } from 'zod';
import type { Endpoints } from './endpoint.ts';
import { idParams, text, time } from './scalars.ts';

/** Bytes of one binary frame from the client; more is sent as several frames. */
export const MAX_TERMINAL_INPUT_BYTES = 65_536;
/** Bytes that are sent ahead of a client that acknowledges: it should do so at least once in half of them. */
export const TERMINAL_AHEAD_BYTES = 262_144;

/** Of a terminal's width and height, in characters. */
const MAX_SIDE = 1_000;
const side = z.number().int().min(1).max(MAX_SIDE);
const sideInQuery = z.coerce.number().int().min(1).max(MAX_SIDE);

/**
 * The text frames of the client, as JSON. Input is no JSON: each binary frame is what was typed or pasted, in UTF-8, and is read
 * only after `ready`.
 */
export const terminalClientFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('resize'), columns: side, rows: side }),
  /**
   * How many bytes of output have been shown, since the beginning. From the first of these frames on, the server waits when the
   * client is more than TERMINAL_AHEAD_BYTES behind; a client that sends none gets everything as fast as its network takes it.
   */
  z.strictObject({ type: z.literal('ack'), bytes: z.number().int().min(0) }),
]);
export type TerminalClientFrame = z.output<typeof terminalClientFrame>;

/** The text frames of the server, as JSON. Output is no JSON: each binary frame is what the terminal shows, as the host sent it. */
export const terminalServerFrame = z.discriminatedUnion('type', [
  /** The shell has begun. */
  z.object({ type: z.literal('ready') }),
  /** The shell has ended, after its last output; the connection is closed next. Both null: the host did not say how. */
  z.object({
    type: z.literal('exit'),
    exitCode: z.number().int().nullable(),
    signal: z.string().nullable(),
  }),
  /** It did not begin, or it broke off; the connection is closed next. The same words as in the body of a refused call. */
  z.object({
    type: z.literal('error'),
    error: z.string(),
    code: z.string(),
    requestId: z.string(),
    hint: z.string().optional(),
    details: z.unknown().optional(),
  }),
  /** Every 15 s: a client that hears nothing for longer is cut off from Buoy. */
  z.object({ type: z.literal('heartbeat') }),
]);
export type TerminalServerFrame = z.output<typeof terminalServerFrame>;

export const terminal = {
  'POST /servers/:id/terminal/ticket': {
    summary: 'A ticket that opens one terminal of this server: good once, for 30 s, for the caller alone',
    rateLimit: 'exec',
    params: idParams,
    status: 201,
    response: z.object({ ticket: z.object({ value: z.string(), expiresAt: time }).meta({ id: 'Ticket' }) }),
  },
  'GET /servers/:id/terminal': {
    summary:
      'An interactive shell on the server, as a WebSocket: binary frames are input and output, text frames are JSON. A browser, which cannot send Authorization here, brings a ticket in its stead',
    params: idParams,
    query: z.strictObject({
      ticket: text(128).optional(),
      columns: sideInQuery.default(80),
      rows: sideInQuery.default(24),
    }),
    status: 101,
    socket: {
      fromClient: terminalClientFrame,
      toClient: terminalServerFrame,
      maxFrameBytes: MAX_TERMINAL_INPUT_BYTES,
    },
  },
} as const satisfies Endpoints;
