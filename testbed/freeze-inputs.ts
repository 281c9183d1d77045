// Inputs that try to freeze Buoy with one request, for the tests that prove they do not, and for the benchmark.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from './run-command.ts';

/** The largest skill file that is taken is a little longer. */
const SPACES = 255_000;
const CURLS = 30_000;
const FIELDS = 80_000;
const TOKEN_PREFIXES = 15_000;

/**
 * PKCS#1 with a modulus of so many bits; nothing in it fits together, which shows only once it has been computed with.
 * @param primeBits of each of the five numbers that speed it up; half as many as the modulus in a real key
 */
export function hugeRsaKey(bits: number, primeBits = bits / 2): string {
  const whole = bits / 8;
  const half = primeBits / 8;
  const exponent = Buffer.from([0x02, 0x03, 0x01, 0x00, 0x01]);
  const [modulus, ...others] = [whole, whole, half, half, half, half, half].map(oddNumber);
  const der = derOf(0x30, Buffer.concat([Buffer.from([0x02, 0x01, 0x00]), modulus!, exponent, ...others]));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN RSA PRIVATE KEY-----\n${lines.join('\n')}\n-----END RSA PRIVATE KEY-----\n`;
}

function oddNumber(bytes: number): Buffer {
  const value = randomBytes(bytes);
  value[0] = 0x5f;
  value[bytes - 1] = value[bytes - 1]! | 1;
  return derOf(0x02, value);
}

function derOf(tag: number, content: Buffer): Buffer {
  const head = Buffer.from([tag, 0x82, 0, 0]);
  head.writeUInt16BE(content.length, 2);
  return Buffer.concat([head, content]);
}

/** An OpenSSH key that says it takes so many rounds of bcrypt; no passphrase opens it, which shows only after them. */
export async function slowKey(rounds: number): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'buoy-slow-key-'));
  try {
    const file = path.join(folder, 'key');
    const made = await runCommand(
      'ssh-keygen',
      ['-q', '-t', 'ed25519', '-a', '1', '-C', '', '-N', 'geheim', '-f', file],
      { timeoutMs: 30_000 },
    );
    if (made.code !== 0) throw new Error(`ssh-keygen made no key:\n${made.stderr}`);
    const bytes = Buffer.from((await readFile(file, 'utf8')).replace(/-----[^-]+-----/g, ''), 'base64');
    // The last four bytes of the options, after a salt of 16.
    bytes.writeUInt32BE(rounds, bytes.indexOf(Buffer.from([0, 0, 0, 16])) + 20);
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A SKILL.md whose head is not quite YAML and has 256 KB of spaces in a value. */
export function spacesInHead(): string {
  return `---\nname: tea: x${' '.repeat(SPACES)}y\n---\n`;
}

/** A SKILL.md with 150 KB of prefixes of a scan pattern. */
export function curlsInSkill(): string {
  return `---\nname: tea\ndescription: Tea.\n---\n${'curl '.repeat(CURLS)}\n`;
}

/** A body of nearly a megabyte. */
export function manyFields(): Record<string, number> {
  return Object.fromEntries(Array.from({ length: FIELDS }, (_, index) => [`k${index}`, 0]));
}

/** A patch of a config with 60 KB of what tokens begin with. */
export function tokenPrefixes(): { patch: Record<string, string>; hash: string } {
  return { patch: { note: 'eyJ-'.repeat(TOKEN_PREFIXES) }, hash: 'a'.repeat(64) };
}
