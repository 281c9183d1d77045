// The chat channels of a server's OpenClaw.
import { admin, serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawChannelsRoutes({ channels }: Pick<Openclaw, 'channels'>): Route[] {
  return [
    route('GET /servers/:id/openclaw/channels', viewer(serverInPath), ({ params, signal }) =>
      channels.list(params.id, { signal }),
    ),
    route(
      'POST /servers/:id/openclaw/channels/:channelId/start',
      admin(serverInPath),
      ({ params, body, signal }) => channels.start(params.id, { ...params, ...body }, signal),
    ),
    route(
      'POST /servers/:id/openclaw/channels/:channelId/stop',
      admin(serverInPath),
      ({ params, body, signal }) => channels.stop(params.id, { ...params, ...body }, signal),
    ),
  ];
}
