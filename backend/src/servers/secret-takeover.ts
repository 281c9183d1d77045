// Whether a stored secret may follow a server to another address: by a clone, or by a change of the server itself.
import type { Role, ServerClone } from '@buoy/contract';
import { includesRole } from '../access/access.policy.ts';
import type { ServerFields } from './clone-server.ts';
import { invalidField } from './invalid-field.ts';

type Address = Pick<ServerFields, 'host' | 'port' | 'jumpServerId' | 'authType' | 'hostKeyFingerprint'>;

/**
 * Who does not own the source must not carry its secret to another machine: a password could be read there, and a private key that
 * opens several servers would let them into those where nobody gave them access.
 * @param role the caller's on the source
 * @throws AppError `invalid_request` that names the missing field
 */
export function checkTakeover(
  source: Address,
  target: Address,
  input: Pick<ServerClone, 'password' | 'privateKey'>,
  role: Role,
): void {
  const secret = target.authType === 'password' ? 'password' : 'privateKey';
  if (input[secret] !== undefined || includesRole(role, 'owner')) return;
  if (leadsToSameMachine(source, target)) return;
  throw invalidField(
    secret,
    `Only the owner of a server may take its stored ${secret === 'password' ? 'password' : 'private key'} to another machine; send the one of the new server.`,
  );
}

/** The same address, and proved to be the same machine by its pinned key or reached by the same way. */
function leadsToSameMachine(source: Address, target: Address): boolean {
  return (
    target.host === source.host &&
    target.port === source.port &&
    (source.hostKeyFingerprint !== null || target.jumpServerId === source.jumpServerId)
  );
}
