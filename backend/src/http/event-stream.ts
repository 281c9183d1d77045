// Server-sent events: one frame an event, back-pressure, a heartbeat, and an end for clients that do not read.
import { once } from 'node:events';
import type { Endpoint } from '@buoy/contract';
import type { FastifyReply } from 'fastify';
import { AppError } from '../lib/app-error.ts';

/** Milliseconds; proxies close a connection that is silent for a minute. */
const HEARTBEAT_MS = 15_000;
/** What an id may hold: anything else could end its line, and what follows would be an event of somebody else's making. */
const ID = /^[\w.:-]{1,160}$/;
/** Milliseconds in which a client takes what was sent: one that reads nothing holds a resource, and comes back if it lives. */
const UNREAD_MS = 60_000;

export type StreamEvent = { event: string; data: unknown; id?: string };

/**
 * Writes `events` as `text/event-stream` until they end, `abort` is aborted, or the client reads nothing for a minute.
 * Each event's data is parsed by the endpoint's schema for it, so that nothing off the contract leaves: such an event is left out, and the
 * stream goes on, since managed servers choose what is in some of them.
 * @param admit resolves when that many bytes more may be sent
 */
export async function sendEventStream(
  reply: FastifyReply,
  endpoint: Endpoint,
  events: AsyncIterable<StreamEvent>,
  { abort, admit }: { abort: AbortController; admit: (bytes: number) => Promise<void> },
): Promise<void> {
  reply.hijack();
  const stream = reply.raw;
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) stream.setHeader(name, value);
  stream.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx buffers answers unless told not to.
    'x-accel-buffering': 'no',
  });
  const write = async (frame: string): Promise<void> => {
    if (stream.write(frame)) return;
    const unread = setTimeout(() => {
      abort.abort(new AppError('cancelled', 'The client does not read.'));
      stream.destroy();
    }, UNREAD_MS);
    await once(stream, 'drain', { signal: abort.signal }).finally(() => clearTimeout(unread));
  };
  const heartbeat = setInterval(() => {
    // Nothing is added to what a slow client has not taken yet.
    if (!stream.writableNeedDrain) stream.write(': still here\n\n');
  }, HEARTBEAT_MS);
  let leftOut = false;
  try {
    for await (const { event, data, id } of events) {
      if (abort.signal.aborted) break;
      const frame = frameOf(endpoint, { event, data, id });
      if (typeof frame === 'string') {
        await admit(Buffer.byteLength(frame));
        await write(frame);
      } else if (!leftOut) {
        // Once a stream: a server that sends nothing else must not fill the log.
        leftOut = true;
        reply.log.error({ err: frame, event }, 'dropped an event that breaks the contract');
      }
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
    stream.end();
  }
}

/** The serialized event, or why it is dropped. */
function frameOf(
  endpoint: Endpoint,
  { event, data, id }: { event: string; data: unknown; id: string | undefined },
) {
  const schema = endpoint.events?.[event];
  if (schema === undefined) throw new Error(`The contract has no event "${event}" here.`);
  if (id !== undefined && !ID.test(id))
    return new Error('The event id contains characters that are not allowed.');
  try {
    const parsed = JSON.stringify(schema.parse(data));
    return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${parsed}\n\n`;
  } catch (error) {
    // Also a stack that deep nesting has used up.
    return error as Error;
  }
}
