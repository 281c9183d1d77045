// Conversations with the agents of a server.
import type { Gateways } from '../gateway/gateways.ts';
import type { Reader } from '../reads/reader.ts';
import { createSessionChanges, type SessionChanges } from './change-sessions.ts';
import { createSessionReads, type SessionReads } from './read-sessions.ts';

export type Sessions = SessionReads & SessionChanges;

export function createSessions({ reader, gateways }: { reader: Reader; gateways: Gateways }): Sessions {
  return { ...createSessionReads({ reader }), ...createSessionChanges({ gateways }) };
}
