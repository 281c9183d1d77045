// A stored secret belongs to the address and host key that it was entered for, and to the person who entered it.
import type { ServerChange, ServerClone } from '@buoy/contract';
import type { ServerTable } from '../db/schema.ts';
import { NO_HOST_KEY } from '../ssh/host-key.ts';
import type { Caller } from '../users/caller.ts';
import type { ServerFields } from './clone-server.ts';
import { invalidField } from './invalid-field.ts';

type ConnectionFields = Pick<
  ServerFields,
  'host' | 'port' | 'username' | 'authType' | 'jumpServerId' | 'jumpServerRemoved'
>;
type Secret = Pick<ServerClone, 'password' | 'privateKey'>;
type Binding = Pick<ServerTable, 'credentialEnteredBy' | 'credentialHostKey'>;
/** What a secret is bound to, and the key that is pinned. */
type BoundServer = Pick<ServerTable, 'credentialHostKey' | 'hostKeyFingerprint'>;

/**
 * The person whose own secrets the caller may send elsewhere; null: nobody, because an API token needs the scope with which it could
 * accept a host key.
 */
export function deciderOf({ user, apiToken }: Caller): string | null {
  return apiToken === null || apiToken.scopes.includes('admin') ? user.id : null;
}

/** Whether the caller may decide where the stored secret goes: only the owner, by a grant, who entered it. */
export function isEntitled(
  server: Pick<ServerTable, 'credentialEnteredBy'>,
  ownerId: string | null,
  caller: Caller,
): boolean {
  const decider = deciderOf(caller);
  return decider !== null && ownerId === decider && server.credentialEnteredBy === decider;
}

/** Whether the request contains a secret of its own. A passphrase alone does not count. */
export function bringsSecret(authType: string, input: Secret): boolean {
  return (authType === 'password' ? input.password : input.privateKey) !== undefined;
}

/**
 * The stored secret goes to another place with its server only when the caller may decide that. A pinned host key does not
 * stand in for it: the owner would accept the next one in good faith.
 * @throws AppError `invalid_request` that names the missing field
 */
export function checkMove(
  server: ConnectionFields,
  moved: ConnectionFields,
  input: Secret,
  entitled: boolean,
): void {
  if (entitled || isSameAddress(server, moved) || bringsSecret(moved.authType, input)) return;
  throw missing(
    moved.authType,
    (secret) =>
      `The stored ${secret} was entered for another address. Send the ${secret} again to change host, port, login name or jump server.`,
  );
}

/** Whether the change names another host key than the one that the secret is for. */
export function isRebound(server: BoundServer, { hostKey }: Pick<ServerChange, 'hostKey'>): boolean {
  return hostKey !== undefined && hostKey !== boundKeyOf(server);
}

/**
 * The stored secret goes to a host key that comes without it only when the caller may decide that.
 * @throws AppError `invalid_request` that names the missing field
 */
export function checkHostKey(
  server: BoundServer,
  authType: string,
  change: ServerChange,
  entitled: boolean,
): void {
  if (entitled || !isRebound(server, change) || bringsSecret(authType, change)) return;
  throw missing(
    authType,
    (secret) =>
      `The stored ${secret} was entered for another host key. Send the ${secret} again to name a host key.`,
  );
}

/**
 * A clone has the stored secret only when the caller may decide where it goes, and only at the same place and for the same host key.
 * @throws AppError `invalid_request` that names the missing field
 */
export function checkClone(
  source: ServerFields & Binding,
  clone: ServerFields,
  input: ServerClone,
  entitled: boolean,
): void {
  if (bringsSecret(clone.authType, input)) return;
  const sameKey = boundKeyOf(source) === null || !isRebound(source, input);
  if (entitled && sameKey && isSameAddress(source, clone)) return;
  throw missing(
    clone.authType,
    (secret) =>
      `A clone does not take over the stored ${secret}, unless the owner who entered it clones the same address, login and host key. Send the ${secret} of the new server.`,
  );
}

/** Whether both are the same account of the same machine, reached the same way. */
export function isSameAddress(one: ConnectionFields, other: ConnectionFields): boolean {
  return (
    one.host === other.host &&
    one.port === other.port &&
    one.username === other.username &&
    one.authType === other.authType &&
    one.jumpServerId === other.jumpServerId &&
    one.jumpServerRemoved === other.jumpServerRemoved
  );
}

function missing(authType: string, words: (secret: string) => string) {
  return authType === 'password'
    ? invalidField('password', words('password'))
    : invalidField('privateKey', words('private key'));
}

/**
 * The binding of a newly entered secret: to the host key that came with it, else to the one that is pinned or that the secret before it was for.
 * These stay for another address as well: a corrected address must not make the first key that answers there the right one.
 */
export function bindingOf(userId: string, server: BoundServer, hostKey: string | undefined): Binding {
  const { credentialHostKey, hostKeyFingerprint } = server;
  const bound = credentialHostKey === NO_HOST_KEY ? null : credentialHostKey;
  return { credentialEnteredBy: userId, credentialHostKey: hostKey ?? hostKeyFingerprint ?? bound };
}

function boundKeyOf({ credentialHostKey, hostKeyFingerprint }: BoundServer): string | null {
  return credentialHostKey ?? hostKeyFingerprint;
}
