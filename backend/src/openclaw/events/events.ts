// The events port: live events of the gateways in the form of the contract.
import type { openclawEventsEndpoints, StreamEventOf } from '@buoy/contract';

type Endpoint = (typeof openclawEventsEndpoints)['GET /servers/:id/openclaw/events'];
type Told = StreamEventOf<Endpoint>;

/** What a gateway tells; the way to it and what a client missed are ours to tell. */
export type OpenclawEvent = Extract<Told, { event: Exclude<Told['event'], 'gateway' | 'missed'> }>;
export type StreamEvent = Told & { id: string };

export type Events = {
  /** Every event of every gateway that Buoy is connected to, whoever else listens; sessions and chats only while somebody has a stream open. */
  onEvent(listener: (serverId: string, event: OpenclawEvent) => void): () => void;
  /**
   * The events of one server from now on, or from `lastEventId` on while that is remembered. Begins with how the way to the
   * gateway is, and keeps it up. Ends when `signal` aborts, and when the server itself cannot be reached at first.
   * @param options.mayAct whether the reader may be told what only admins are told; asked each time
   */
  stream(
    serverId: string,
    options: { lastEventId: string | null; mayAct: () => Promise<boolean>; signal: AbortSignal },
  ): AsyncGenerator<StreamEvent, void, void>;
  close(): void;
};

/** These tell of grants that viewers do not see. */
export function isForAdmins(event: Told['event']): boolean {
  return event === 'approval' || event === 'pairing';
}
