// Checks what authenticators answer (WebAuthn, level 3). The library is loaded when the first passkey is used: it takes 20 MB and 50 ms in
// the package, a quarter of a second in a checkout.
import type { NewPasskeyCredential, PasskeyAssertion } from '@buoy/contract';
import { z } from 'zod';

const clientData = z.object({ challenge: z.string().min(1).max(1_024) });

/** ES256, EdDSA, RS256 of https://www.iana.org/assignments/cose: all that authenticators of today make. */
export const ALGORITHMS: readonly number[] = [-7, -8, -257];

/** Where a page stands that asks for a passkey. */
export type Page = { domain: string; origin: string };

export type NewCredential = { credentialId: string; publicKey: string; counter: number; synced: boolean };

/** The challenge that an answer claims to be for; null when it holds none. Proves nothing before the answer is checked. */
export function challengeIn({ response }: NewPasskeyCredential | PasskeyAssertion): string | null {
  try {
    const text = Buffer.from(response.clientDataJSON, 'base64url').toString('utf8');
    return clientData.parse(JSON.parse(text)).challenge;
  } catch {
    return null;
  }
}

/** The credential in an answer to `navigator.credentials.create()`. @throws when it is not one for this page and challenge */
export async function checkNewCredential(
  credential: NewPasskeyCredential,
  { challenge, page }: { challenge: string; page: Page },
): Promise<NewCredential> {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  const { registrationInfo } = await verifyRegistrationResponse({
    response: {
      ...credential,
      response: {
        clientDataJSON: credential.response.clientDataJSON,
        attestationObject: await withoutStatement(credential.response.attestationObject),
      },
      clientExtensionResults: {},
    },
    expectedChallenge: challenge,
    expectedOrigin: page.origin,
    expectedRPID: page.domain,
    requireUserVerification: true,
    supportedAlgorithmIDs: [...ALGORITHMS],
  });
  if (registrationInfo === undefined) throw new Error('The new credential was not verified.');
  const { credential: made, credentialBackedUp } = registrationInfo;
  if (made.id !== credential.id)
    throw new Error('The answer names another credential than its authenticator.');
  return {
    credentialId: made.id,
    publicKey: Buffer.from(made.publicKey).toString('base64url'),
    counter: made.counter,
    synced: credentialBackedUp,
  };
}

/**
 * What an answer to `navigator.credentials.get()` says of the credential now.
 * @throws when it was not signed by this credential for this page and challenge, or nobody was recognised by the authenticator
 */
export async function checkAssertion(
  assertion: PasskeyAssertion,
  known: { credentialId: string; publicKey: string; counter: number },
  { challenge, page }: { challenge: string; page: Page },
): Promise<{ counter: number; synced: boolean }> {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
  const { clientDataJSON, authenticatorData, signature } = assertion.response;
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: {
      ...assertion,
      response: { clientDataJSON, authenticatorData, signature },
      clientExtensionResults: {},
    },
    expectedChallenge: challenge,
    expectedOrigin: page.origin,
    expectedRPID: page.domain,
    credential: {
      id: known.credentialId,
      publicKey: Buffer.from(known.publicKey, 'base64url'),
      counter: known.counter,
    },
    requireUserVerification: true,
  });
  if (!verified) throw new Error('The signature is not of this credential.');
  return { counter: authenticationInfo.newCounter, synced: authenticationInfo.credentialBackedUp };
}

/**
 * The attestation object without its statement. Buoy takes authenticators of every maker, and checking a statement would mean to
 * follow the addresses of revocation lists that the sender chose.
 */
async function withoutStatement(attestationObject: string): Promise<string> {
  const { decodeAttestationObject, isoCBOR } = await import('@simplewebauthn/server/helpers');
  const authData = decodeAttestationObject(Buffer.from(attestationObject, 'base64url')).get('authData');
  const bare = new Map<string, string | Uint8Array | Map<string, string>>([
    ['fmt', 'none'],
    ['attStmt', new Map<string, string>()],
    ['authData', authData],
  ]);
  return Buffer.from(isoCBOR.encode(bare)).toString('base64url');
}
