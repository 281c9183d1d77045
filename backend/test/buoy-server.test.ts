// The packaged `buoy-server`: the output of its commands names commands that a person can type there.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signInByNewLink } from '../../testbed/buoy-client.ts';
import { type InstalledBuoy, installBuoy } from './support/installed-buoy.ts';

let installed: InstalledBuoy;
beforeAll(async () => {
  installed = await installBuoy();
  await installed.start();
  await signInByNewLink(installed.running());
});
afterAll(() => installed?.close());

/** Both output streams of a command, whatever its exit code. */
const printed = async (command: string): Promise<string> => {
  const { stdout, stderr } = await installed.type(`sudo buoy-server ${command} || true`);
  return `${stdout}${stderr}`;
};

describe('buoy-server', () => {
  test.each([
    ['backup now', 'Usage: buoy-server backup\n'],
    ['restore', 'Usage: buoy-server restore FILE [--without-keys]\n'],
    ['keys', 'Usage: buoy-server keys VERB\n'],
    ['audit', 'Usage: buoy-server audit verify | export | show ENTRY\n'],
    ['sign-in-link --help', 'Usage: buoy-server sign-in-link [NAME_OR_ID]\n'],
    ['doctor now', 'Usage: buoy-server doctor\n'],
  ])('%s with wrong arguments prints its usage under that name', async (command, usage) => {
    expect(await printed(command)).toContain(usage);
  });

  test('keys rotate names the next commands', async () => {
    const [vault, jwt] = [await printed('keys rotate vault'), await printed('keys rotate jwt')];
    expect(vault).toContain('"buoy-server keys show"');
    expect(vault).toContain('"buoy-server keys prune vault"');
    expect(jwt).toContain('"buoy-server keys prune jwt"');
    expect(await printed('keys prune vault')).not.toContain('npm');
  });
});
