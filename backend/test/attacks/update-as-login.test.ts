// An account of a managed server wants the rights of the login, which is root or somebody else, when an admin updates OpenClaw.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, lchownSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planOf, readPreflight } from '../../src/setup/update/preflight.ts';
import {
  createUpdateServer,
  NEW,
  OLD,
  type UpdateServer,
} from '../../src/setup/update/testing/update-server.ts';
import { createUpdateOpenclawKind } from '../../src/setup/update/update-openclaw.ts';
import { noAccounts } from '../../src/ssh/testing/loopback-sshd.ts';
import { makeTestFolder, openTestTasks } from '../../src/tasks/testing/test-tasks.ts';

/** Not the login: the account that Linux calls nobody. */
const OTHER_ACCOUNT = 65_534;
/** Milliseconds for an update on a busy machine: half a second on an idle one. */
const PATIENCE_MS = 50_000;
/** What an account that owns no part of the login's would let the check of an update say. */
const FORGED = [
  ...[`version=${OLD}`, 'byNpm=yes', 'ownState=yes', 'movable=yes', 'npm=npm', 'owned=yes', 'writable=yes'],
  ...[`target=${NEW}`, 'freeForPackage=99999', 'freeForState=99999', 'stateSize=1', 'end=1'],
];

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

  /** The whole task. */
  const update = async () => {
    const folder = makeTestFolder();
    const { tasks, newServer, ended, close } = await openTestTasks(
      folder,
      [createUpdateOpenclawKind(server.tools())],
      { patienceMs: PATIENCE_MS },
    );
    try {
      const { id } = await tasks.start('update-component', {
        ...{ serverId: await newServer(), input: { component: 'openclaw' }, createdBy: 'u_1' },
      });
      return await ended(id);
    } finally {
      await close();
      folder.remove();
    }
  };
  /** The other account gets all that runs OpenClaw, with a program of its own in the place of one that each script begins with. */
  const giveAway = () => {
    const prefix = server.at('.local/openclaw');
    for (const name of ['mkdir', 'dirname', 'stat', 'id'])
      server.program(`.local/openclaw/bin/${name}`, `echo >~/theirs-ran\nexec /usr/bin/${name} "$@"`);
    execFileSync('chown', ['-Rh', `${OTHER_ACCOUNT}:${OTHER_ACCOUNT}`, prefix]);
  };

  test.skipIf(noAccounts !== null)(
    `runs nothing that another account has put into a folder whose name holds lines of the check${noAccounts === null ? '' : ` (${noAccounts})`}`,
    async () => {
      const modules = server.at('.local/openclaw/lib/node_modules');
      const forged = path.join(modules, ['openclaw', ...FORGED].join('\n'));
      cpSync(path.join(modules, 'openclaw'), forged, { recursive: true });
      rmSync(server.at('.local/openclaw/bin/openclaw'));
      symlinkSync(path.join(forged, 'openclaw.mjs'), server.at('.local/openclaw/bin/openclaw'));
      giveAway();
      expect(await update()).toMatchObject({
        status: 'failed',
        error: { code: 'refused', message: expect.stringContaining('line break') },
      });
      expect(['theirs-ran', 'npm-called', 'called'].filter(server.exists)).toEqual([]);
    },
  );

  test.skipIf(noAccounts !== null).each([
    ['backs up', 'Makes OpenClaw back itself up'],
    ['installs the new version', 'Installs the new version beside'],
  ])(
    `runs nothing that another account owns by the time that it %s${noAccounts === null ? '' : ` (${noAccounts})`}`,
    async (_step, script) => {
      let calledBefore: string[] = [];
      const calls = () => server.run('cat ~/called ~/npm-called 2>/dev/null').stdout.split('\n');
      server.onScript = (text) => {
        if (!text.includes(script)) return;
        calledBefore = calls();
        giveAway();
      };
      expect(await update()).toMatchObject({
        status: 'failed',
        error: { code: 'refused', message: expect.stringContaining('does not belong to the login alone') },
      });
      expect(server.exists('theirs-ran')).toBe(false);
      expect(calls()).toEqual(calledBefore);
    },
  );

  test('keeps no way back in a folder in which other accounts may make files of their own', async () => {
    chmodSync(server.home, 0o1777);
    await expect(preflight()).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('Other accounts may write to'),
    });
  });

  test.skipIf(noAccounts !== null)(
    `puts back nothing that another account has made in the place of what was kept${noAccounts === null ? '' : ` (${noAccounts})`}`,
    async () => {
      server.onScript = (text) => {
        if (!text.includes('Puts the new version in the place of the old one')) return;
        server.run(
          'cd && mkdir .openclaw.before-update && cd .openclaw.before-update && echo theirs >state && touch .complete .swapped',
        );
        execFileSync('chown', ['-R', `${OTHER_ACCOUNT}`, server.at('.openclaw.before-update')]);
      };
      server.broken.add(NEW);
      expect(await update()).toMatchObject({ status: 'failed', result: { rolledBack: true } });
      expect(server.state()).toBe(`of ${OLD}`);
      expect(server.version()).toBe(OLD);
    },
  );

  test('goes on where all belongs to the login', async () => {
    expect(await preflight()).toMatchObject({ from: '2026.7.35', to: '2026.9.6' });
    expect(server.exists('npm-called')).toBe(true);
  });
});
