// The browser's half of Web Push: a subscription, and what opens the messages sent to it (RFC 8291, RFC 8188).
import { createDecipheriv, createECDH, createHmac, randomBytes } from 'node:crypto';

export type TestSubscription = {
  endpoint: string;
  keys: { p256dh: string; auth: string };
};

/** Bytes: https://www.rfc-editor.org/rfc/rfc8188#section-2.1 */
const SALT_BYTES = 16;
const SIZE_BYTES = 4;
const TAG_BYTES = 16;

/** @param endpoint where the push service takes messages for this browser */
export function createPushSubscription(endpoint: string): {
  subscription: TestSubscription;
  /** The text of a message; throws for one that was not meant for this subscription. */
  open(body: Buffer): string;
} {
  const own = createECDH('prime256v1');
  const publicKey = own.generateKeys();
  const auth = randomBytes(16);
  return {
    subscription: {
      endpoint,
      keys: { p256dh: publicKey.toString('base64url'), auth: auth.toString('base64url') },
    },
    open(body) {
      const salt = body.subarray(0, SALT_BYTES);
      const idLength = body[SALT_BYTES + SIZE_BYTES] ?? 0;
      const headerBytes = SALT_BYTES + SIZE_BYTES + 1 + idLength;
      const senderKey = body.subarray(SALT_BYTES + SIZE_BYTES + 1, headerBytes);
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), publicKey, senderKey]);
      const secret = hkdf(auth, own.computeSecret(senderKey), info, 32);
      const key = hkdf(salt, secret, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
      const nonce = hkdf(salt, secret, Buffer.from('Content-Encoding: nonce\0'), 12);
      const decipher = createDecipheriv('aes-128-gcm', key, nonce);
      decipher.setAuthTag(body.subarray(-TAG_BYTES));
      const text = Buffer.concat([decipher.update(body.subarray(headerBytes, -TAG_BYTES)), decipher.final()]);
      // The last record ends with 2 and zeros: https://www.rfc-editor.org/rfc/rfc8188#section-2
      return text.toString('utf8').replace(/\x02\0*$/, '');
    },
  };
}

/** One block is enough: no output here is longer than a SHA-256. */
function hkdf(salt: Buffer, secret: Buffer, info: Buffer, bytes: number): Buffer {
  const extracted = createHmac('sha256', salt).update(secret).digest();
  return createHmac('sha256', extracted)
    .update(info)
    .update(Buffer.from([1]))
    .digest()
    .subarray(0, bytes);
}
