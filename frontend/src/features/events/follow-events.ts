// A server's event stream, kept open.
import type { Api } from '../../api.ts';
import { type FollowOptions, followStream } from './follow-stream.ts';
import { parseServerEvent, type ServerEvent } from './server-event.ts';

/** Resolves when `signal` aborts or Buoy refuses the stream. Events of kinds that are not known are passed over. */
export function followEvents(
  api: Pick<Api, 'openStream'>,
  serverId: string,
  options: FollowOptions<ServerEvent>,
): Promise<void> {
  const path = `/servers/${encodeURIComponent(serverId)}/openclaw/events`;
  return followStream(api, path, { parse: parseServerEvent, isSuccess }, options);
}

/** The stream of a server that is not there says so, and perhaps that events are missing, and ends. */
function isSuccess({ event, data }: ServerEvent): boolean {
  return event === 'gateway' ? data.state === 'connected' : event !== 'missed';
}
