// The events port: live events of the gateways in the form of the contract.
import type { openclawEventsEndpoints, StreamEventOf } from '@buoy/contract';

type Endpoint = (typeof openclawEventsEndpoints)['GET /servers/:id/openclaw/events'];
type FeedEvent = StreamEventOf<Endpoint>;

/** Events of the gateway; Buoy itself adds those about its connection and about missed events. */
export type OpenclawEvent = Extract<FeedEvent, { event: Exclude<FeedEvent['event'], 'gateway' | 'missed'> }>;
export type StreamEvent = FeedEvent & { id: string };

export type Events = {
  /** Every event of every connected gateway, with or without other readers; sessions and chats only while a stream is open. */
  onEvent(listener: (serverId: string, event: OpenclawEvent) => void): () => void;
  /**
   * The events of one server from now on, or from `lastEventId` on while that is remembered. Begins with how the way to the
   * gateway is, and keeps it up. Ends when `signal` aborts, and when the server itself cannot be reached at first.
   * @param options.mayAct whether the reader may get events for admins; checked at each event
   */
  stream(
    serverId: string,
    options: { lastEventId: string | null; mayAct: () => Promise<boolean>; signal: AbortSignal },
  ): AsyncGenerator<StreamEvent, void, void>;
  close(): void;
};

/** These report grants that viewers do not see. */
export function isForAdmins(event: FeedEvent['event']): boolean {
  return event === 'approval' || event === 'pairing';
}
