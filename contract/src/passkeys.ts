// Passkeys (WebAuthn, level 3): signing in with one, and the list of one's own. Binary values are base64url without padding.
import { z } from 'zod';
import { signedIn } from './auth.ts';
import type { Endpoints } from './endpoint.ts';
import { id, idParams, name, time } from './scalars.ts';

export const passkey = z
  .object({
    id,
    name: z.string(),
    /** The host name at which it works. */
    domain: z.string(),
    /** Its provider keeps copies on other devices of this person. */
    synced: z.boolean(),
    createdAt: time,
    lastUsedAt: time.nullable(),
  })
  .meta({ id: 'Passkey' });
export type Passkey = z.output<typeof passkey>;

const credentialReference = z.object({
  id: z.string(),
  type: z.literal('public-key'),
  transports: z.array(z.string()),
});

/** `PublicKeyCredentialCreationOptionsJSON` of WebAuthn. */
export const passkeyCreationOptions = z
  .object({
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge: z.string(),
    pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.number().int() })),
    /** Milliseconds. */
    timeout: z.number().int(),
    excludeCredentials: z.array(credentialReference),
    authenticatorSelection: z.object({
      residentKey: z.literal('required'),
      requireResidentKey: z.literal(true),
      userVerification: z.literal('required'),
    }),
    attestation: z.literal('none'),
  })
  .meta({ id: 'PasskeyCreationOptions' });
export type PasskeyCreationOptions = z.output<typeof passkeyCreationOptions>;

/** `PublicKeyCredentialRequestOptionsJSON` of WebAuthn; it names nobody: the authenticator offers what it has. */
export const passkeyRequestOptions = z
  .object({
    rpId: z.string(),
    challenge: z.string(),
    /** Milliseconds. */
    timeout: z.number().int(),
    userVerification: z.literal('required'),
  })
  .meta({ id: 'PasskeyRequestOptions' });
export type PasskeyRequestOptions = z.output<typeof passkeyRequestOptions>;

const base64url = (max: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, { error: 'must be base64url without padding' })
    .max(max);

/** WebAuthn allows credential ids of 1,023 bytes. */
const credentialId = base64url(1_364);

/** What browsers make of a credential by `toJSON()`; fields that Buoy does not read are left out. */
const credential = <R extends z.ZodType>(response: R) =>
  z.object({ id: credentialId, rawId: credentialId, type: z.literal('public-key'), response });

export const newPasskeyCredential = credential(
  z.object({
    clientDataJSON: base64url(4_096),
    attestationObject: base64url(32_768),
    transports: z
      .array(z.string().regex(/^[a-z0-9-]{1,32}$/))
      .max(10)
      .optional(),
  }),
).meta({ id: 'NewPasskeyCredential' });
export type NewPasskeyCredential = z.output<typeof newPasskeyCredential>;

export const passkeyAssertion = credential(
  z.object({
    clientDataJSON: base64url(4_096),
    authenticatorData: base64url(4_096),
    signature: base64url(8_192),
    userHandle: base64url(128).nullish(),
  }),
).meta({ id: 'PasskeyAssertion' });
export type PasskeyAssertion = z.output<typeof passkeyAssertion>;

const onePasskey = z.object({ passkey });

export const passkeys = {
  'POST /auth/passkey/options': {
    summary:
      'Begin to sign in with a passkey: what the browser asks its authenticator for, within five minutes',
    rateLimit: 'signIn',
    status: 200,
    response: z.object({ options: passkeyRequestOptions }),
  },
  'POST /auth/passkey/verify': {
    summary: 'Sign in with what the authenticator answered; each challenge works once',
    rateLimit: 'signIn',
    body: z.strictObject({ credential: passkeyAssertion }),
    status: 200,
    response: signedIn,
  },
  'GET /me/passkeys': {
    summary: 'Your passkeys, the oldest first',
    rateLimit: 'endable',
    status: 200,
    response: z.object({ passkeys: z.array(passkey), nextCursor: z.string().nullable() }),
  },
  'POST /me/passkeys/options': {
    summary: 'Begin to add a passkey: what the browser asks its authenticator for, within five minutes',
    status: 200,
    response: z.object({ options: passkeyCreationOptions }),
  },
  'POST /me/passkeys': {
    summary: 'Add the passkey that the authenticator made',
    body: z.strictObject({ name: name(100), credential: newPasskeyCredential }),
    status: 201,
    response: onePasskey,
  },
  'PUT /me/passkeys/:id': {
    summary: 'Rename a passkey',
    params: idParams,
    body: z.strictObject({ name: name(100) }),
    status: 200,
    response: onePasskey,
  },
  'DELETE /me/passkeys/:id': {
    summary: 'Remove a passkey: nobody signs in with it any more; sessions that it began go on',
    rateLimit: 'ending',
    params: idParams,
    status: 204,
  },
} as const satisfies Endpoints;
