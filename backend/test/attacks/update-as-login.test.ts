// An account of a managed server wants the rights of the login, which is root or somebody else, when an admin updates OpenClaw.
import { chownSync, lchownSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planOf, readPreflight } from '../../src/setup/update/preflight.ts';
import { createUpdateServer, type UpdateServer } from '../../src/setup/update/testing/update-server.ts';
import { noAccounts } from '../../src/ssh/testing/loopback-sshd.ts';

/** Not the login: the account that Linux calls nobody. */
const OTHER_ACCOUNT = 65_534;

describe('an update of OpenClaw', () => {
  let server: UpdateServer;
  beforeEach(() => {
    server = createUpdateServer();
  });
  afterEach(() => server.remove());
  const preflight = () =>
    readPreflight(server.tools(), 's1', { version: 'latest', deadlineMs: 10_000 }).then((facts) =>
      planOf(facts),
    );

  test.skipIf(noAccounts !== null).each([
    ['its npm', 'bin/npm'],
    ['its Node', 'bin/node'],
    ['the command of OpenClaw', 'bin/openclaw'],
    ['the folder of the package', 'lib/node_modules/openclaw'],
    ['the folder of the commands', 'bin'],
  ])(
    `runs nothing where another account owns %s${noAccounts === null ? '' : ` (${noAccounts})`}`,
    async (_what, file) => {
      const owned = path.join(server.home, '.local/openclaw', file);
      lchownSync(owned, OTHER_ACCOUNT, OTHER_ACCOUNT);
      await expect(preflight()).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining('does not belong to the login alone'),
      });
      expect(server.exists('npm-called')).toBe(false);
    },
  );

  test.skipIf(noAccounts !== null)(
    `leaves a folder alone that belongs to another account${noAccounts === null ? '' : ` (${noAccounts})`}`,
    async () => {
      chownSync(server.at('.openclaw'), OTHER_ACCOUNT, OTHER_ACCOUNT);
      await expect(preflight()).rejects.toMatchObject({ code: 'refused' });
    },
  );

  test('copies and removes nothing in a folder that the gateway names as its own', async () => {
    server.configPath = '/etc/hostname';
    await expect(preflight()).rejects.toMatchObject({ code: 'refused' });
  });

  test('goes on where all belongs to the login', async () => {
    expect(await preflight()).toMatchObject({ from: '2026.7.35', to: '2026.9.6' });
    expect(server.exists('npm-called')).toBe(true);
  });
});
