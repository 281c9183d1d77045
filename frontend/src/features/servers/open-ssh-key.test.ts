import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { makeKeyPair, type OpenSshKeyPair } from './open-ssh-key.ts';

const run = promisify(execFile);

async function make(comment: string): Promise<OpenSshKeyPair> {
  const pair = await makeKeyPair(comment);
  if (pair === null) throw new Error('This runtime makes no Ed25519 keys.');
  return pair;
}

/** A folder with the private key in `key`, as ssh wants it. */
async function stored({ privateKey }: OpenSshKeyPair) {
  const folder = await mkdtemp(path.join(tmpdir(), 'buoy-key-'));
  await writeFile(path.join(folder, 'key'), privateKey, { mode: 0o600 });
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

describe('key pair created in the browser', () => {
  // The padding depends on the length of the comment.
  it.each(['', 'b', 'bu', 'buo', 'buoy', 'buoy@', 'buoy@localhost', 'buoy@servers.example.com'])(
    'is one for OpenSSH itself: ssh-keygen gives the same public line (comment "%s")',
    async (comment) => {
      const pair = await make(comment);
      await using kept = await stored(pair);
      const { stdout } = await run('ssh-keygen', ['-y', '-P', '', '-f', path.join(kept.folder, 'key')]);
      expect(stdout.trim()).toBe(pair.publicLine.trim());
    },
  );

  it('signs with the private key that matches its public key', async () => {
    const pair = await make('buoy');
    await using kept = await stored(pair);
    const inFolder = (name: string) => path.join(kept.folder, name);
    await writeFile(inFolder('letter'), 'hello');
    await writeFile(inFolder('signers'), `person ${pair.publicLine}\n`);
    await run('ssh-keygen', ['-Y', 'sign', '-f', inFolder('key'), '-n', 'file', inFolder('letter')]);
    const verified = await run(
      'sh',
      ['-c', 'ssh-keygen -Y verify -f signers -I person -n file -s letter.sig < letter'],
      { cwd: kept.folder },
    );
    expect(verified.stdout).toContain('Good "file" signature for person');
  });

  it('differs each time', async () => {
    expect((await make('buoy')).publicLine).not.toBe((await make('buoy')).publicLine);
  });
});
