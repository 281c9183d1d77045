// What a clone takes over from its server, and what it must not.
import type { ServerClone } from '@buoy/contract';
import type { ServerTable } from '../db/schema.ts';

/** The fields of a new server, without its creator and credential. */
export type ServerFields = Pick<
  ServerTable,
  | 'name'
  | 'host'
  | 'port'
  | 'username'
  | 'authType'
  | 'tags'
  | 'jumpServerId'
  | 'jumpServerRemoved'
  | 'hostKeyAlgorithm'
  | 'hostKeyFingerprint'
  | 'hostKeyPinnedAt'
>;

/** No host key is pinned yet. */
export const noHostKey = { hostKeyAlgorithm: null, hostKeyFingerprint: null, hostKeyPinnedAt: null };

/** The source with what `input` names changed. A pinned host key belongs to an address and stays with it, unless another is expected. */
export function cloneFields(source: ServerFields, input: ServerClone): ServerFields {
  const port = input.port ?? source.port;
  const sameAddress = input.host === source.host && port === source.port;
  const sameKey = input.hostKey === undefined || input.hostKey === source.hostKeyFingerprint;
  const { hostKeyAlgorithm, hostKeyFingerprint, hostKeyPinnedAt } =
    sameAddress && sameKey ? source : noHostKey;
  return {
    name: input.name,
    host: input.host,
    port,
    username: input.username ?? source.username,
    authType: input.authType ?? source.authType,
    tags: input.tags === undefined ? source.tags : JSON.stringify([...new Set(input.tags)]),
    jumpServerId: input.jumpServerId === undefined ? source.jumpServerId : input.jumpServerId,
    jumpServerRemoved: input.jumpServerId === undefined ? source.jumpServerRemoved : 0,
    hostKeyAlgorithm,
    hostKeyFingerprint,
    hostKeyPinnedAt,
  };
}
