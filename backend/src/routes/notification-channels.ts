// Where the caller's notifications go.
import { inPerson, signedIn } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { NotificationChannels } from '../notify/channels.ts';

export function notificationChannelRoutes(channels: NotificationChannels): Route[] {
  return [
    route('GET /me/notification-channels', signedIn, ({ caller }) => channels.list(caller)),
    route('POST /me/notification-channels', inPerson, ({ caller, body, signal, audit }) =>
      channels.create(caller, body, { signal, audit }),
    ),
    route('PUT /me/notification-channels/:id', inPerson, async ({ caller, params, body, audit }) => ({
      channel: await channels.update(caller, params.id, body, audit),
    })),
    route('DELETE /me/notification-channels/:id', inPerson, ({ caller, params, audit }) =>
      channels.remove(caller, params.id, audit),
    ),
    route(
      'POST /me/notification-channels/:id/confirm',
      inPerson,
      async ({ caller, params, body, audit }) => ({
        channel: await channels.confirm(caller, params.id, body.code, audit),
      }),
    ),
    route('POST /me/notification-channels/:id/test', inPerson, ({ caller, params, signal, audit }) =>
      channels.test(caller, params.id, { signal, audit }),
    ),
    route('POST /me/notification-channels/test', inPerson, async ({ caller, signal, audit }) => ({
      results: await channels.testAll(caller, { signal, audit }),
    })),
    route('GET /me/webpush-key', signedIn, () => channels.webPushKey()),
  ];
}
