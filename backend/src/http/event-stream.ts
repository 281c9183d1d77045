// Server-sent events: one frame an event, back-pressure, a heartbeat, and an end as soon as the caller may no longer look.
import { once } from 'node:events';
import type { Endpoint } from '@buoy/contract';
import type { FastifyReply } from 'fastify';

/** Milliseconds; proxies close a connection that is silent for a minute. */
const HEARTBEAT_MS = 15_000;
/** Milliseconds between two looks at the caller's rights while a stream is open. */
const RECHECK_MS = 1_000;

export type StreamEvent = { event: string; data: unknown; id?: string };

/**
 * Writes `events` as `text/event-stream` until they end, the client goes away (`signal`), or `stillAdmitted` says no.
 * Each event's data is parsed by the endpoint's schema for it, so that nothing off the contract leaves.
 */
export async function sendEventStream(
  reply: FastifyReply,
  endpoint: Endpoint,
  events: AsyncIterable<StreamEvent>,
  control: { abort: AbortController; stillAdmitted: () => Promise<boolean> },
): Promise<void> {
  const { abort, stillAdmitted } = control;
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
    if (!stream.write(frame)) await once(stream, 'drain', { signal: abort.signal });
  };
  const heartbeat = setInterval(() => stream.write(': still here\n\n'), HEARTBEAT_MS);
  const recheck = setInterval(() => {
    stillAdmitted().then(
      (admitted) => admitted || abort.abort(),
      () => abort.abort(),
    );
  }, RECHECK_MS);
  try {
    for await (const { event, data, id } of events) {
      if (abort.signal.aborted) break;
      const schema = endpoint.events?.[event];
      if (schema === undefined) throw new Error(`The contract has no event "${event}" here.`);
      const parsed = JSON.stringify(schema.parse(data));
      await write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${parsed}\n\n`);
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
    clearInterval(recheck);
    stream.end();
  }
}
