// Private keys in every form that people paste, made by ssh-keygen and OpenSSL.
import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hugeRsaKey } from '../../../testbed/freeze-inputs.ts';
import { isAppError } from '../lib/app-error.ts';
import { failureOf } from './failures.ts';
import { fingerprintOf } from './host-key.ts';
import { openPrivateKey } from './private-key.ts';

const keygen = ['/usr/bin/ssh-keygen', '/bin/ssh-keygen'].some((path) => existsSync(path));

/** Type and fingerprint of a key that can be used. */
function checkPrivateKey(text: string, passphrase: string | null) {
  const { algorithm, publicKey } = openPrivateKey(text, passphrase, { stored: false });
  return { algorithm, fingerprint: fingerprintOf(Buffer.from(publicKey)) };
}

/** The error of a key that cannot be used. */
function problem(text: string, passphrase: string | null = null): { message: string; hint: string } {
  try {
    checkPrivateKey(text, passphrase);
  } catch (error) {
    if (!isAppError(error, 'key_format')) throw error;
    expect(failureOf(error).kind).toBe('key_format');
    return { message: error.message, hint: error.hint ?? '' };
  }
  throw new Error('the key was taken');
}

describe.skipIf(!keygen)(`private keys${keygen ? '' : ' (ssh-keygen is not installed)'}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'buoy-keys-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let made = 0;
  function make(...args: string[]): { text: string; publicText: string; fingerprint: string } {
    made += 1;
    const file = join(folder, `key${made}`);
    execFileSync('ssh-keygen', ['-q', '-C', '', '-f', file, ...args]);
    const fingerprint =
      execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`])
        .toString()
        .split(' ')[1] ?? '';
    return { text: readFileSync(file, 'utf8'), publicText: readFileSync(`${file}.pub`, 'utf8'), fingerprint };
  }

  test.each([
    ['ssh-ed25519', ['-t', 'ed25519']],
    ['ssh-rsa', ['-t', 'rsa', '-b', '2048']],
    ['ecdsa-sha2-nistp256', ['-t', 'ecdsa', '-b', '256']],
    ['ecdsa-sha2-nistp384', ['-t', 'ecdsa', '-b', '384']],
    ['ecdsa-sha2-nistp521', ['-t', 'ecdsa', '-b', '521']],
  ])('OpenSSH %s keys are read, with the fingerprint that ssh-keygen shows', (algorithm, args) => {
    const key = make(...args, '-N', '');
    expect(checkPrivateKey(key.text, null)).toEqual({ algorithm, fingerprint: key.fingerprint });
  });

  test.each([
    ['OpenSSH', ['-t', 'ed25519', '-a', '4']],
    ['OpenSSH with chacha20', ['-t', 'ed25519', '-a', '4', '-Z', 'aes256-gcm@openssh.com']],
    ['PEM', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
    ['PKCS#8', ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8']],
  ])('an encrypted %s key opens with its passphrase, and tells a missing from a wrong one', (_form, args) => {
    const key = make(...args, '-N', 'geheim ü');
    expect(checkPrivateKey(key.text, 'geheim ü').fingerprint).toBe(key.fingerprint);
    expect(problem(key.text).message).toBe('The private key is protected by a passphrase.');
    expect(problem(key.text, '').message).toBe('The private key is protected by a passphrase.');
    expect(problem(key.text, 'wrong').message).toBe('The passphrase does not open the private key.');
  });

  test.each([
    ['rsa', ['-t', 'rsa', '-b', '2048']],
    ['ecdsa', ['-t', 'ecdsa', '-b', '256']],
  ])('PEM and PKCS#8 %s keys are read', (_name, args) => {
    for (const form of ['PEM', 'PKCS8']) {
      const key = make(...args, '-m', form, '-N', '');
      expect(checkPrivateKey(key.text, null).fingerprint).toBe(key.fingerprint);
    }
  });

  test('a PKCS#8 Ed25519 key, which OpenSSL makes, is read', () => {
    const pair = generateKeyPairSync('ed25519');
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(checkPrivateKey(pem, null).algorithm).toBe('ssh-ed25519');
    const raw = Buffer.from(createPrivateKey(pem).export({ format: 'jwk' }).x ?? '', 'base64url');
    expect(raw).toHaveLength(32);
  });

  test('a key whose line breaks were lost in pasting is read', () => {
    const key = make('-t', 'ed25519', '-N', '');
    for (const damage of [
      key.text.replaceAll('\n', ' '),
      key.text.replaceAll('\n', '\r\n'),
      `\n\n   ${key.text}\n\n`,
      key.text.replace(/\n(?=.)/g, '\n    '),
    ]) {
      expect(checkPrivateKey(damage, null).fingerprint).toBe(key.fingerprint);
    }
  });

  test('a passphrase given for a key without one is ignored', () => {
    const key = make('-t', 'ed25519', '-N', '');
    expect(checkPrivateKey(key.text, 'unneeded').fingerprint).toBe(key.fingerprint);
  });

  test('a public key, a certificate, an empty text and other text each get a message of their own', () => {
    const key = make('-t', 'ed25519', '-N', '');
    const file = join(folder, `key${made}`);
    execFileSync('ssh-keygen', ['-q', '-s', file, '-I', 'me', `${file}.pub`]);
    const certificate = readFileSync(`${file}-cert.pub`, 'utf8');
    expect(problem(key.publicText).message).toBe('This is a public key.');
    expect(problem(certificate).message).toBe('This is a certificate, not a private key.');
    expect(problem('  \n ').message).toBe('The private key is empty.');
    expect(problem('hello').message).toBe('This is not a private key.');
    expect(problem('x'.repeat(100_000)).message).toBe('The text is too long for a private key.');
  });

  test('a cut or damaged key is told apart from a wrong passphrase', () => {
    const key = make('-t', 'ed25519', '-N', '');
    const lines = key.text.split('\n');
    for (const damage of [
      key.text.slice(0, 150),
      [...lines.slice(0, 3), ...lines.slice(4)].join('\n'),
      // In the fifth line, after its length, stands the secret half.
      key.text.replace(lines[4] ?? '', `${lines[4]?.slice(0, 12)}AAAAAAAAAAAA${lines[4]?.slice(24)}`),
    ]) {
      expect(problem(damage).message).toBe('The private key is cut off or damaged.');
    }
  });

  test('unsupported PuTTY, DSA and hardware keys say what to do instead', () => {
    const putty = 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPublic-Lines: 2\n';
    expect(problem(putty)).toMatchObject({
      message: 'This PuTTY key (version 3, ssh-ed25519) is not supported.',
      hint: expect.stringContaining('puttygen'),
    });
    const { privateKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
    expect(problem(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()).message).toContain('dsa');
  });

  test('a passphrase that would take minutes to check is refused at once', () => {
    const key = make('-t', 'ed25519', '-N', 'secret', '-a', '1');
    const bytes = Buffer.from(key.text.replace(/-----[^-]+-----/g, ''), 'base64');
    // The number of bcrypt rounds is the last four bytes of the options, after a salt of 16.
    const at = bytes.indexOf(Buffer.from([0, 0, 0, 16])) + 20;
    bytes.writeUInt32BE(1_000_000, at);
    const slow = `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
    const startedAt = performance.now();
    expect(problem(slow, 'secret').message).toBe('The passphrase of this key takes too long to check.');
    expect(performance.now() - startedAt).toBeLessThan(100);
    const endless = execFileSync(
      'openssl',
      [...['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-iter', '3000000', '-passout', 'pass:x']],
      { input: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) },
    );
    expect(problem(endless.toString(), 'x').message).toBe(
      'The passphrase of this key takes too long to check.',
    );
  });

  test('more than 32 rounds are refused for a new key, and up to 128 are accepted for a stored one', () => {
    const key = make('-t', 'ed25519', '-N', 'secret', '-a', '33');
    expect(problem(key.text, 'secret').message).toBe('The passphrase of this key takes too long to check.');
    expect(openPrivateKey(key.text, 'secret', { stored: true }).algorithm).toBe('ssh-ed25519');
  });

  test.each([
    ['a modulus of more than 16,384 bits', () => hugeRsaKey(16_392)],
    ['a modulus of 65,536 bits', () => hugeRsaKey(65_536)],
    ['primes that are longer than its modulus asks for', () => hugeRsaKey(2_048, 32_768)],
  ])('RSA with %s is refused before anything is computed with it', (_what, key) => {
    const startedAt = process.threadCpuUsage();
    expect(problem(key()).message).toBe('The private key is larger than 16384 bits.');
    expect(process.threadCpuUsage(startedAt).user / 1_000).toBeLessThan(200);
  });

  test('any invalid text is refused with key_format', () => {
    const keys = [make('-t', 'ed25519', '-N', '').text, make('-t', 'ecdsa', '-m', 'PEM', '-N', '').text];
    const cut = fc.tuple(fc.constantFrom(...keys), fc.nat(400), fc.nat(40), fc.string({ maxLength: 10 }));
    fc.assert(
      fc.property(cut, ([text, at, length, insert]) => {
        const damaged = text.slice(0, at) + insert + text.slice(at + length);
        try {
          checkPrivateKey(damaged, 'x');
        } catch (error) {
          expect(isAppError(error, 'key_format')).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
