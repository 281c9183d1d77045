// A row of the servers table in one line, for every test that needs one.
import type { ServerTable } from '../schema.ts';

const at = '2026-01-01T00:00:00.000Z';

/** A server that nobody has reached yet, with what the test cares about in `changes`. */
export function serverRow(id: string, changes: Partial<ServerTable> = {}): ServerTable {
  return {
    id,
    name: id,
    host: '127.0.0.1',
    port: 22,
    username: 'deploy',
    authType: 'key',
    credential: 'sealed',
    credentialEnteredBy: 'ada',
    credentialHostKey: null,
    tags: '[]',
    jumpServerId: null,
    jumpServerRemoved: 0,
    hostKeyAlgorithm: null,
    hostKeyFingerprint: null,
    hostKeyPinnedAt: null,
    offeredKeyAlgorithm: null,
    offeredKeyFingerprint: null,
    enteredBy: 'ada',
    mayUseDeniedNetworks: 0,
    version: 1,
    createdBy: 'ada',
    createdAt: at,
    updatedAt: at,
    ...changes,
  };
}
