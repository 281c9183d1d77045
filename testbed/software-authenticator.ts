// An authenticator and the browser in front of it, for tests: keys, counters and signatures as WebAuthn level 3 says.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type {
  NewPasskeyCredential,
  PasskeyAssertion,
  PasskeyCreationOptions,
  PasskeyRequestOptions,
} from '@buoy/contract';

/** Deviations from correct behaviour. */
export type AuthenticatorFaults = {
  /** The page that asked; the browser writes it down. */
  origin?: string;
  /** The host name that the authenticator signs for. */
  domain?: string;
  /** False: nobody was recognised by finger, face or PIN. */
  isPersonVerified?: boolean;
  /** Signatures counted so far. */
  counter?: number;
  challenge?: string;
  type?: string;
  userHandle?: string | null;
  /** In place of the answer's own. */
  signature?: string;
  /** The statement of the attestation, which names where its revocation list is. */
  attestation?: { fmt: string; statement: Map<string, unknown> };
};

type Key = { id: string; domain: string; privateKey: KeyObject; userHandle: string; counter: number };

const FLAGS = { present: 0x01, verified: 0x04, credentialIncluded: 0x40 };

export function createSoftwareAuthenticator(origin: string) {
  const keys: Key[] = [];

  const clientData = (type: string, challenge: string, faults: AuthenticatorFaults): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: faults.type ?? type,
        challenge: faults.challenge ?? challenge,
        origin: faults.origin ?? origin,
        crossOrigin: false,
      }),
    );
  const authenticatorData = (
    domain: string,
    counter: number,
    faults: AuthenticatorFaults,
    credential?: Buffer,
  ) => {
    const flags =
      FLAGS.present |
      (faults.isPersonVerified === false ? 0 : FLAGS.verified) |
      (credential === undefined ? 0 : FLAGS.credentialIncluded);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([
      createHash('sha256').update(domain).digest(),
      Buffer.of(flags),
      count,
      credential ?? Buffer.alloc(0),
    ]);
  };

  return {
    /** `navigator.credentials.create()` */
    create(options: PasskeyCreationOptions, faults: AuthenticatorFaults = {}): NewPasskeyCredential {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
      const rawId = randomBytes(32);
      const id = rawId.toString('base64url');
      const domain = faults.domain ?? options.rp.id;
      const cose = cbor(
        new Map<number, unknown>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, 'base64url')],
          [-3, Buffer.from(y, 'base64url')],
        ]),
      );
      const idLength = Buffer.alloc(2);
      idLength.writeUInt16BE(rawId.length);
      const credential = Buffer.concat([Buffer.alloc(16), idLength, rawId, cose]);
      const counter = faults.counter ?? 0;
      const { fmt, statement } = faults.attestation ?? { fmt: 'none', statement: new Map() };
      const attestationObject = cbor(
        new Map<string, unknown>([
          ['fmt', fmt],
          ['attStmt', statement],
          ['authData', authenticatorData(domain, counter, faults, credential)],
        ]),
      );
      keys.push({ id, domain, privateKey, userHandle: options.user.id, counter });
      return {
        id,
        rawId: id,
        type: 'public-key',
        response: {
          clientDataJSON: clientData('webauthn.create', options.challenge, faults).toString('base64url'),
          attestationObject: attestationObject.toString('base64url'),
          transports: ['internal', 'hybrid'],
        },
      };
    },

    /** `navigator.credentials.get()`, with the key that was made last. */
    get(options: PasskeyRequestOptions, faults: AuthenticatorFaults = {}): PasskeyAssertion {
      const key = keys.at(-1);
      if (key === undefined) throw new Error('This authenticator has no key.');
      const data = clientData('webauthn.get', options.challenge, faults);
      const counter = faults.counter ?? key.counter;
      const authData = authenticatorData(faults.domain ?? options.rpId, counter, faults);
      const signed = Buffer.concat([authData, createHash('sha256').update(data).digest()]);
      return {
        id: key.id,
        rawId: key.id,
        type: 'public-key',
        response: {
          clientDataJSON: data.toString('base64url'),
          authenticatorData: authData.toString('base64url'),
          signature: faults.signature ?? sign('sha256', signed, key.privateKey).toString('base64url'),
          userHandle: faults.userHandle === undefined ? key.userHandle : faults.userHandle,
        },
      };
    },
  };
}

/** CBOR (RFC 8949) of what authenticators write: whole numbers, texts, bytes, lists and maps. */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'utf8');
    return Buffer.concat([head(3, bytes.length), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  if (value instanceof Map)
    return Buffer.concat([
      head(5, value.size),
      ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)]),
    ]);
  throw new Error(`No CBOR for a ${typeof value}.`);
}

function head(majorType: number, value: number): Buffer {
  const type = majorType << 5;
  if (value < 24) return Buffer.of(type | value);
  if (value < 256) return Buffer.of(type | 24, value);
  return Buffer.of(type | 25, value >> 8, value & 255);
}
