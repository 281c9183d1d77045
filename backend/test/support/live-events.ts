// A stream of a server's live events that a suite can wait on.
import { type openclawEvents, openclawEventsEndpoints } from '@buoy/contract';
import { readEventStream } from '@buoy/contract/event-stream';
import type { z } from 'zod';
import type { LiveBuoy } from './live-buoy.ts';

type Names = keyof typeof openclawEvents;
export type LiveEvent = {
  [Name in Names]: { event: Name; data: z.output<(typeof openclawEvents)[Name]>; id: string };
}[Names];

export type LiveEvents = {
  /** All received events, oldest first. */
  seen: LiveEvent[];
  /** The first event from `since` (an index of `seen`) on for which `is` holds. Throws after `withinMs`. */
  until(is: (event: LiveEvent) => boolean, withinMs?: number, since?: number): Promise<LiveEvent>;
  /** Cuts the connection. */
  cut(): void;
};

/** Opens the stream; checks each event against the contract as it arrives. */
export async function openLiveEvents(
  live: LiveBuoy,
  serverId: string,
  { lastEventId, token = live.token }: { lastEventId?: string; token?: string } = {},
): Promise<LiveEvents> {
  const abort = new AbortController();
  const response = await fetch(`${live.process().url}/api/servers/${serverId}/openclaw/events`, {
    headers: {
      authorization: `Bearer ${token}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: abort.signal,
  });
  if (response.status !== 200 || response.body === null)
    throw new Error(`The stream answered ${response.status}.`);
  const { body } = response;
  const schemas: Record<string, z.ZodType> =
    openclawEventsEndpoints['GET /servers/:id/openclaw/events'].events;
  const seen: LiveEvent[] = [];
  let failure: unknown = null;
  let wake = () => {};
  const read = async () => {
    for await (const { event, data, id } of readEventStream(body)) {
      const schema = schemas[event];
      if (schema === undefined) throw new Error(`The contract has no event "${event}".`);
      seen.push({ event, data: schema.parse(JSON.parse(data)), id } as LiveEvent);
      wake();
    }
  };
  void read().catch((error: unknown) => {
    failure = abort.signal.aborted ? null : error;
    wake();
  });
  return {
    seen,
    async until(is, withinMs = 30_000, since = 0) {
      const endsAt = Date.now() + withinMs;
      for (let at = since; ; ) {
        for (; at < seen.length; at += 1) {
          const event = seen[at];
          if (event !== undefined && is(event)) return event;
        }
        if (failure !== null) throw failure;
        if (Date.now() > endsAt)
          throw new Error(`Did not come: ${is}. Came: ${seen.map((one) => one.event).join(' ')}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 500);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    cut: () => abort.abort(),
  };
}
