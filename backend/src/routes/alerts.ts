// Alerts and manual checks.
import type { AlertNotes } from '../alerts/alert-notes.ts';
import type { Alerts } from '../alerts/alerts.ts';
import { admin, serverInPath, signedIn, viewer } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { Servers } from '../servers/servers.ts';

export function alertRoutes({
  alerts,
  alertNotes,
  monitor,
  servers,
}: {
  alerts: Alerts;
  alertNotes: AlertNotes;
  monitor: Monitor;
  servers: Servers;
}): Route[] {
  const serverOfAlert = (params: Record<string, string>) => alerts.serverIdOf(params.id ?? '');
  return [
    route('GET /alerts', signedIn, ({ caller, query, callerNow }) =>
      alerts.list(caller, { ...query, unread: query.unread === 'true' }, callerNow),
    ),
    route('POST /alerts/:id/ack', admin(serverOfAlert), async ({ caller, params, audit }) => ({
      alert: await alerts.acknowledge(caller, params.id, audit),
    })),
    route('POST /alerts/:id/snooze', admin(serverOfAlert), async ({ caller, params, body, audit }) => ({
      alert: await alerts.snooze(caller, params.id, body.minutes, audit),
    })),
    route('POST /alerts/:id/read', viewer(serverOfAlert), async ({ caller, params, audit }) => ({
      alert: await alerts.read(caller, params.id, audit),
    })),
    route('GET /alerts/:id/notes', viewer(serverOfAlert), ({ params, query }) =>
      alertNotes.list(params.id, query),
    ),
    route('POST /alerts/:id/notes', admin(serverOfAlert), async ({ caller, params, body, audit }) => ({
      note: await alertNotes.add(caller, params.id, body.text, audit),
    })),
    route('DELETE /alerts/:id/notes/:noteId', admin(serverOfAlert), ({ caller, params, audit }) =>
      alertNotes.remove(caller, params.id, params.noteId, audit),
    ),
    route('POST /servers/:id/check', admin(serverInPath), async ({ caller, params, signal, audit }) => {
      await monitor.checkNow(params.id, signal);
      const open = await alerts.openOn(caller, params.id);
      const server = await servers.find(caller, params.id);
      audit.unchanged({ target: server.name });
      return { server, alerts: open };
    }),
  ];
}
