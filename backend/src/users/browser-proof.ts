// What proves that the same browser begins and finishes a sign-in at a provider: all of it comes from one secret in the browser's cookie.
import { createHmac } from 'node:crypto';

/** State, nonce and PKCE verifier, which tell nothing of each other, nor of the secret. */
export function proofFrom(secret: string): { state: string; nonce: string; verifier: string } {
  const derive = (purpose: string) => createHmac('sha256', secret).update(purpose).digest('base64url');
  return { state: derive('state'), nonce: derive('nonce'), verifier: derive('pkce verifier') };
}
