// Makes an Ed25519 key pair in the browser, and writes it as OpenSSH does: a private key file, and the line for authorized_keys.
// Format: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key

export type OpenSshKeyPair = {
  /** The text of a private key file, without a passphrase. */
  privateKey: string;
  /** One line: type, key, comment. */
  publicLine: string;
};

const KEY_TYPE = 'ssh-ed25519';
/** The private part is padded to blocks of this many bytes when it is not encrypted. */
const BLOCK = 8;
const LINE_LENGTH = 70;

/** null where the browser cannot: no https, or too old. */
export async function makeKeyPair(comment: string): Promise<OpenSshKeyPair | null> {
  try {
    const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
    if (!('privateKey' in pair)) return null;
    const { d, x } = await crypto.subtle.exportKey('jwk', pair.privateKey);
    if (d === undefined || x === undefined) return null;
    const [check] = crypto.getRandomValues(new Uint32Array(1));
    return writeKeyPair({ seed: fromBase64Url(d), publicKey: fromBase64Url(x), comment, check: check ?? 0 });
  } catch {
    return null;
  }
}

/**
 * @param seed the 32 bytes of the private key
 * @param publicKey its 32 bytes
 * @param check any number of 32 bits: it stands there twice, for who decrypts to see that the passphrase was right
 */
function writeKeyPair({
  seed,
  publicKey,
  comment,
  check,
}: {
  seed: Uint8Array;
  publicKey: Uint8Array;
  comment: string;
  check: number;
}): OpenSshKeyPair {
  const publicBlob = join(string(KEY_TYPE), string(publicKey));
  const secret = join(
    uint32(check),
    uint32(check),
    string(KEY_TYPE),
    string(publicKey),
    string(join(seed, publicKey)),
    string(comment),
  );
  const padding = Uint8Array.from(
    { length: (BLOCK - (secret.length % BLOCK)) % BLOCK },
    (_, index) => index + 1,
  );
  const file = join(
    bytesOf('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    uint32(1),
    string(publicBlob),
    string(join(secret, padding)),
  );
  const lines = base64(file).match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? [];
  return {
    privateKey: [
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      ...lines,
      '-----END OPENSSH PRIVATE KEY-----',
      '',
    ].join('\n'),
    publicLine: `${KEY_TYPE} ${base64(publicBlob)} ${comment}`,
  };
}

/** A field of the SSH protocol: its length in 32 bits, then its bytes (RFC 4251, section 5). */
function string(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? bytesOf(value) : value;
  return join(uint32(bytes.length), bytes);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
    character.charCodeAt(0),
  );
}
