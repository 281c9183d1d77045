// Checksums as download sources name them.
import { createHash, type Hash } from 'node:crypto';

export type Checksum = { algorithm: 'sha512' | 'sha384' | 'sha256'; hex: string };

/** Strongest first, with the bytes of each. */
const algorithms = [
  ['sha512', 64],
  ['sha384', 48],
  ['sha256', 32],
] as const;

/**
 * The strongest checksum of an integrity text such as `sha512-…` (https://www.w3.org/TR/sri): several are separated by spaces.
 * @returns null where it names none that proves anything
 */
export function checksumIn(integrity: string | undefined): Checksum | null {
  const named = (integrity ?? '').trim().split(/\s+/);
  for (const [algorithm, bytes] of algorithms) {
    const text = named.find((one) => one.startsWith(`${algorithm}-`));
    if (text === undefined) continue;
    const base64 = text.slice(algorithm.length + 1).replace(/\?.*$/, '');
    const digest = Buffer.from(base64, 'base64');
    if (digest.length === bytes) return { algorithm, hex: digest.toString('hex') };
  }
  return null;
}

export function integrityOf({ algorithm, hex }: Checksum): string {
  return `${algorithm}-${Buffer.from(hex, 'hex').toString('base64')}`;
}

export function hashOf({ algorithm }: Checksum): Hash {
  return createHash(algorithm);
}
