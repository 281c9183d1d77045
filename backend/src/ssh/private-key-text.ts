// Classifies the text of a private key without decrypting it, to name what was pasted.

export type KeyText =
  | { form: 'empty' | 'public' | 'certificate' | 'putty' | 'unknown' }
  /** Also a PEM block without its end line: `complete` is false. */
  | {
      form: 'openssh' | 'pem' | 'pkcs8' | 'pkcs8-encrypted';
      pem: string;
      complete: boolean;
      encrypted: boolean;
    };

export type OpensshEnvelope = {
  encrypted: boolean;
  /** Rounds of bcrypt; 0 when not encrypted. */
  rounds: number;
  /** Key type of the public half, e.g. `ssh-ed25519`. */
  algorithm: string;
};

const publicKey =
  /^(ssh-|ecdsa-sha2-|sk-)\S+ +AAAA|^-----BEGIN (RSA )?PUBLIC KEY-----|^---- BEGIN SSH2 PUBLIC KEY ----/;
const certificate = /^(ssh-|ecdsa-sha2-|sk-)\S*-cert-v\d+@openssh\.com |^-----BEGIN CERTIFICATE-----/;

/** Classifies `text`, and restores the line breaks of a key that was pasted as one line. */
export function readKeyText(text: string): KeyText {
  const trimmed = text.replaceAll('\r\n', '\n').trim();
  if (trimmed === '') return { form: 'empty' };
  if (certificate.test(trimmed)) return { form: 'certificate' };
  if (publicKey.test(trimmed)) return { form: 'public' };
  if (trimmed.startsWith('PuTTY-User-Key-File-')) return { form: 'putty' };

  const header = /^-----BEGIN ((OPENSSH|RSA|DSA|EC|ENCRYPTED) )?PRIVATE KEY-----/.exec(trimmed);
  if (header === null) return { form: 'unknown' };
  const label = header[0].slice('-----BEGIN '.length, -'-----'.length);
  const footer = `-----END ${label}-----`;
  const end = trimmed.indexOf(footer);
  const body = trimmed.slice(header[0].length, end < 0 ? undefined : end).trim();
  const complete = end >= 0;
  const legacyEncrypted = body.includes('Proc-Type:');
  const lines = legacyEncrypted ? body : (body.replace(/\s+/g, '').match(/.{1,70}/g) ?? []).join('\n');
  const pem = `${header[0]}\n${lines}\n${footer}\n`;
  switch (header[2]) {
    case 'OPENSSH':
      return { form: 'openssh', pem, complete, encrypted: readOpensshEnvelope(pem)?.encrypted ?? false };
    case 'ENCRYPTED':
      return { form: 'pkcs8-encrypted', pem, complete, encrypted: true };
    case undefined:
      return { form: 'pkcs8', pem, complete, encrypted: false };
    default:
      return { form: 'pem', pem, complete, encrypted: legacyEncrypted };
  }
}

/** The clear part of an OpenSSH key (PROTOCOL.key of OpenSSH); null when it is cut or damaged. */
export function readOpensshEnvelope(pem: string): OpensshEnvelope | null {
  const bytes = derOf(pem);
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return null;
  let at = magic.length;
  const next = (): Buffer | null => {
    if (at + 4 > bytes.length) return null;
    const length = bytes.readUInt32BE(at);
    const part = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return part.length === length ? part : null;
  };
  const cipher = next();
  const kdf = next();
  const options = next();
  at += 4; // the number of keys, always 1
  const blob = next();
  const secret = next();
  if (cipher === null || kdf === null || options === null || blob === null || secret === null) return null;
  const typeLength = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  return {
    encrypted: cipher.toString('latin1') !== 'none',
    rounds: options.length >= 4 ? options.readUInt32BE(options.length - 4) : 0,
    algorithm: blob.toString('latin1', 4, 4 + Math.min(typeLength, 64)),
  };
}

/** Rounds of PBKDF2 in an encrypted PKCS#8 key (RFC 8018 A.2); null for any other way of encryption. */
export function readPkcs8Rounds(pem: string): number | null {
  const der = derOf(pem);
  const oid = Buffer.from('06092a864886f70d01050c', 'hex');
  const found = der.indexOf(oid);
  if (found < 0 || found > 64) return null;
  let at = found + oid.length;
  if (der[at] !== 0x30) return null;
  at += 2;
  if (der[at] !== 0x04) return null;
  at += 2 + (der[at + 1] ?? 0);
  const length = der[at + 1] ?? 0;
  if (der[at] !== 0x02 || length < 1 || length > 4 || at + 2 + length > der.length) return null;
  return der.readUIntBE(at + 2, length);
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}
