// A server as Buoy gives it, for tests that mean one or two of its fields.
import type { Server } from '@buoy/contract';

const at = '2026-01-01T00:00:00.000Z';

/** A healthy server of the caller's own, with what the test means instead. */
export function serverRecord(changes: Partial<Server> = {}): Server {
  return {
    id: 'srv_1',
    name: 'web',
    host: 'web.example.com',
    port: 22,
    username: 'deploy',
    authType: 'key',
    tags: [],
    jumpServerId: null,
    jumpServerRemoved: false,
    hostKey: null,
    openclaw: { installed: true, version: '2026.9.6' },
    status: { state: 'up', since: at, checkedAt: at, reasons: [] },
    role: 'owner',
    owner: { id: '1', name: 'Anna', givenBy: null },
    version: 1,
    createdAt: at,
    updatedAt: at,
    ...changes,
  };
}
