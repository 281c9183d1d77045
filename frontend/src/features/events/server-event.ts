// Parses one event of a server's gateway stream before it is used.
import type { openclaw, StreamEventOf } from '@buoy/contract';

/** `{ event, data }`, told apart by `event`; what each of them says is in the contract (`openclawEvents`). */
export type ServerEvent = StreamEventOf<(typeof openclaw)['GET /servers/:id/openclaw/events']>;
export type ServerEventName = ServerEvent['event'];

const names: Readonly<Record<ServerEventName, true>> = {
  gateway: true,
  missed: true,
  session: true,
  chat: true,
  message: true,
  tool: true,
  approval: true,
  pairing: true,
  health: true,
  channel: true,
  config: true,
  cron: true,
  skills: true,
  update: true,
};

/** @returns null for an event that this app does not know, or whose data is no JSON object */
export function parseServerEvent({ event, data }: { event: string; data: string }): ServerEvent | null {
  if (!Object.hasOwn(names, event)) return null;
  try {
    const parsed: unknown = JSON.parse(data);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
    return { event, data: parsed } as ServerEvent;
  } catch {
    return null;
  }
}
