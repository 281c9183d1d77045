// Random keys. crypto.randomUUID is missing on pages that were opened by plain http; getRandomValues is not.

/** 128 random bits as 32 hexadecimal digits. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
