// Reads private keys in all the forms that people paste, and says in words what is wrong with the others. Slow by nature: it runs in
// private-key-worker.ts, never on the main thread.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { ParsedKey } from 'ssh2';
import ssh2 from 'ssh2';
import { AppError } from '../lib/app-error.ts';
import { failure } from './failures.ts';
import { type KeyText, readKeyText, readOpensshEnvelope, readPkcs8Rounds } from './private-key-text.ts';

/** Characters; the largest usual key (RSA 16384) has 13 000. */
const MAX_KEY_LENGTH = 64 * 1024;
/** What OpenSSL verifies at most. To sign with 16,384 bits takes 0.2 s, and eight times as long with twice as many. */
const MAX_MODULUS_BITS = 16_384;
/** ssh2 derives the key in JavaScript: 14 ms a round here, ssh-keygen's default is 16 to 24 rounds. */
const MAX_BCRYPT_ROUNDS = 32;
/** For a stored key: earlier versions accepted such keys, and they must still open. */
const MAX_STORED_BCRYPT_ROUNDS = 128;
/** OpenSSL does about 2 million a second; its own default is 2048. */
const MAX_PBKDF2_ROUNDS = 1_000_000;

/** A private key that is ready to sign. */
export type OpenedKey = {
  /** Type of its public half: `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-…`. */
  algorithm: string;
  /** The public half in SSH wire format. */
  publicKey: Uint8Array;
  privateKey: KeyObject;
};

/**
 * Opens a private key: OpenSSH, PEM (PKCS#1, SEC1), PKCS#8, PuTTY version 2 with RSA.
 * @param options.stored it was accepted before, so that the older limits hold
 * @throws AppError `key_format` with a message for each problem
 */
export function openPrivateKey(
  privateKey: string,
  passphrase: string | null,
  { stored }: { stored: boolean },
): OpenedKey {
  if (privateKey.length > MAX_KEY_LENGTH) {
    throw keyFormat('The text is too long for a private key.', 'Paste only the private key file.');
  }
  const text = readKeyText(privateKey);
  switch (text.form) {
    case 'empty':
      throw keyFormat('The private key is empty.', 'Paste the content of the private key file.');
    case 'public':
      throw keyFormat(
        'This is a public key.',
        'Paste the private half: the file of the same name without “.pub”.',
      );
    case 'certificate':
      throw keyFormat(
        'This is a certificate, not a private key.',
        'Paste the private key that belongs to it.',
      );
    case 'unknown':
      throw keyFormat(
        'This is not a private key.',
        'Paste the whole file, from “-----BEGIN … PRIVATE KEY-----” to “-----END … PRIVATE KEY-----”.',
      );
    case 'putty':
      return accept(readPutty(privateKey.trim(), passphrase));
    default:
      return accept(readPem(text, passphrase, stored ? MAX_STORED_BCRYPT_ROUNDS : MAX_BCRYPT_ROUNDS));
  }
}

function readPem(
  text: Extract<KeyText, { pem: string }>,
  passphrase: string | null,
  maxRounds: number,
): ParsedKey {
  if (!text.complete) throw damaged();
  const envelope = text.form === 'openssh' ? readOpensshEnvelope(text.pem) : null;
  if (text.form === 'openssh' && envelope === null) throw damaged();
  if (envelope?.algorithm.startsWith('sk-')) {
    throw keyFormat(
      'This key is stored in a hardware security key.',
      'Buoy cannot use a hardware key; create a key for Buoy: ssh-keygen -t ed25519',
    );
  }
  if (text.encrypted && (passphrase === null || passphrase === '')) {
    throw keyFormat('The private key is protected by a passphrase.', 'Enter its passphrase as well.');
  }
  if ((envelope?.rounds ?? 0) > maxRounds) throw tooSlow();
  if (text.form === 'pkcs8-encrypted') {
    const rounds = readPkcs8Rounds(text.pem);
    if (rounds === null) {
      throw keyFormat(
        'The private key is encrypted in a way that Buoy does not support.',
        'Rewrite it with: ssh-keygen -p -f <file>',
      );
    }
    if (rounds > MAX_PBKDF2_ROUNDS) throw tooSlow();
  }
  const usable = text.form.startsWith('pkcs8') ? fromPkcs8(text, passphrase) : text.pem;
  const key = parse(usable, text.form.startsWith('pkcs8') ? null : passphrase);
  if (key !== null) return key;
  throw text.encrypted ? wrongPassphrase() : damaged();
}

function readPutty(text: string, passphrase: string | null): ParsedKey {
  const convert = 'Convert it with: puttygen <file> -O private-openssh -o <new file>';
  const header = /^PuTTY-User-Key-File-(\d+): (\S+)\r?\nEncryption: (\S+)/.exec(text);
  if (header === null) throw damaged();
  const [, version, algorithm, encryption] = header;
  if (version !== '2' || algorithm !== 'ssh-rsa') {
    throw keyFormat(
      `This PuTTY key (version ${version?.slice(0, 4)}, ${algorithm?.slice(0, 40)}) is not supported.`,
      convert,
    );
  }
  if (encryption !== 'none' && (passphrase === null || passphrase === '')) {
    throw keyFormat('The PuTTY key is protected by a passphrase.', 'Enter its passphrase as well.');
  }
  const key = parse(text, passphrase);
  if (key !== null) return key;
  throw encryption === 'none' ? damaged() : wrongPassphrase();
}

function parse(text: string, passphrase: string | null): ParsedKey | null {
  try {
    const key = ssh2.utils.parseKey(text, passphrase ?? undefined);
    return key instanceof Error || !key.isPrivateKey() ? null : key;
  } catch {
    return null;
  }
}

/** ssh2 does not read PKCS#8: OpenSSL does, and gives back a form that ssh2 knows. */
function fromPkcs8(text: Extract<KeyText, { pem: string }>, passphrase: string | null): string {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text.pem, format: 'pem', passphrase: passphrase ?? undefined });
  } catch {
    throw text.encrypted ? wrongPassphrase() : damaged();
  }
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' }).toString();
    case 'ec':
      return key.export({ type: 'sec1', format: 'pem' }).toString();
    case 'ed25519':
      return opensshEd25519(key);
    default:
      throw unsupported(key.asymmetricKeyType ?? 'unknown');
  }
}

/** An unencrypted OpenSSH key file around an Ed25519 key (PROTOCOL.key of OpenSSH). */
function opensshEd25519(key: KeyObject): string {
  const jwk = key.export({ format: 'jwk' });
  const publicPart = Buffer.from(jwk.x ?? '', 'base64url');
  const secretPart = Buffer.from(jwk.d ?? '', 'base64url');
  const type = Buffer.from('ssh-ed25519');
  const one = Buffer.from([0, 0, 0, 1]);
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const inner = Buffer.concat([
    Buffer.alloc(8), // two equal check numbers
    field(type),
    field(publicPart),
    field(Buffer.concat([secretPart, publicPart])),
    field(Buffer.alloc(0)),
  ]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (inner.length % 8)) % 8));
  const none = field(Buffer.from('none'));
  const blob = field(Buffer.concat([field(type), field(publicPart)]));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    none,
    none,
    field(Buffer.alloc(0)),
    one,
    blob,
    field(Buffer.concat([inner, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function accept(key: ParsedKey): OpenedKey {
  if (key.type === 'ssh-dss') throw unsupported('DSA');
  try {
    const privateKey = createPrivateKey(key.getPrivatePEM());
    // Before anything is computed with it: the time grows with the cube of the numbers.
    if (isTooLarge(privateKey)) throw tooLarge();
    // A damaged key can parse, and even sign, with another key's signature; better now than at the first login.
    const probe = Buffer.from('buoy');
    if (!key.verify(probe, key.sign(probe))) throw damaged();
    return { algorithm: key.type, publicKey: new Uint8Array(key.getPublicSSH()), privateKey };
  } catch (error) {
    throw error instanceof AppError ? error : damaged();
  }
}

/** RSA: the modulus, and any other number of the key that is longer than the modulus says. */
function isTooLarge(privateKey: KeyObject): boolean {
  if (privateKey.asymmetricKeyType !== 'rsa') return false;
  const { n, e, d, p, q, dp, dq, qi } = privateKey.export({ format: 'jwk' });
  const bytes = (part: string | undefined) => Buffer.from(part ?? '', 'base64url').length;
  const modulus = bytes(n);
  return (
    modulus > MAX_MODULUS_BITS / 8 ||
    [e, d].some((part) => bytes(part) > modulus) ||
    // Two primes of about the same length; a bit more is let pass.
    [p, q, dp, dq, qi].some((part) => bytes(part) > modulus * 0.75)
  );
}

function keyFormat(message: string, hint: string): AppError {
  return failure('key_format', 'key_format', message, { hint });
}

function damaged(): AppError {
  return keyFormat(
    'The private key is cut off or damaged.',
    'Copy the whole file again, first to last line.',
  );
}

function wrongPassphrase(): AppError {
  return keyFormat(
    'The passphrase does not open the private key.',
    'Check the passphrase; it is case-sensitive.',
  );
}

/** Also of one that was given up. */
export function tooSlow(): AppError {
  return keyFormat(
    'The passphrase of this key takes too long to check.',
    'Rewrite the key with fewer rounds: ssh-keygen -p -a 16 -f <file>',
  );
}

function tooLarge(): AppError {
  return keyFormat(
    `The private key is larger than ${MAX_MODULUS_BITS} bits.`,
    'Make a new one: ssh-keygen -t ed25519',
  );
}

function unsupported(type: string): AppError {
  return keyFormat(
    `Private keys of the type ${type} are not supported.`,
    'Make a new one: ssh-keygen -t ed25519',
  );
}
