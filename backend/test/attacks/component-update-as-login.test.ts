// An account of a managed server wants the rights of the login, which is root or somebody else, when an admin updates the Node or npm of OpenClaw.
import { chmodSync, lchownSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ComponentServer,
  createComponentServer,
  OLD_NODE,
} from '../../src/setup/update/testing/component-server.ts';
import { createUpdateComponentKind } from '../../src/setup/update/update-component.ts';
import { noAccounts } from '../../src/ssh/testing/loopback-sshd.ts';
import { makeTestFolder, openTestTasks } from '../../src/tasks/testing/test-tasks.ts';

/** Not the login: the account that Linux calls nobody. */
const OTHER_ACCOUNT = 65_534;
const PATIENCE_MS = 50_000;
const because = noAccounts === null ? '' : ` (${noAccounts})`;

describe.each(['node', 'npm'])('an update of %s', (component) => {
  let server: ComponentServer;
  beforeEach(() => {
    server = createComponentServer();
  });
  afterEach(() => server.remove());

  const update = async () => {
    const folder = makeTestFolder();
    const { tasks, newServer, ended, close } = await openTestTasks(
      folder,
      [createUpdateComponentKind(server.tools())],
      { patienceMs: PATIENCE_MS },
    );
    try {
      const { id } = await tasks.start('update-component', {
        ...{ serverId: await newServer(), input: { component }, createdBy: 'u_1' },
      });
      return await ended(id);
    } finally {
      await close();
      folder.remove();
    }
  };
  const give = (file: string) => {
    lchownSync(path.join(server.home, '.local/openclaw', file), OTHER_ACCOUNT, OTHER_ACCOUNT);
  };
  const refused = {
    status: 'failed',
    error: { code: 'refused', message: expect.stringContaining('does not belong to the login alone') },
  };

  test.skipIf(noAccounts !== null).each([
    ['the command node', 'bin/node'],
    ['the folder of that Node', `node-v${OLD_NODE}`],
    ['the program of that Node', `node-v${OLD_NODE}/bin/node`],
    ['the folder of the commands', 'bin'],
    ['OpenClaw', 'lib/node_modules/openclaw'],
  ])(`downloads nothing where another account owns %s${because}`, async (_what, file) => {
    give(file);
    expect(await update()).toMatchObject(refused);
    expect(server.downloaded()).toEqual([]);
    expect(server.orders()).toEqual([]);
  });

  test.skipIf(noAccounts !== null)(
    `swaps nothing where another account owns that Node by then${because}`,
    async () => {
      server.onScript = (script) => {
        if (/Puts the new (Node|npm) in the place/.test(script)) give(`node-v${OLD_NODE}/bin/node`);
        else if (script.includes('Puts the old'))
          lchownSync(server.at(`.local/openclaw/node-v${OLD_NODE}/bin/node`), 0, 0);
      };
      const task = await update();
      expect(task).toMatchObject({ status: 'failed', result: { rolledBack: true } });
      expect(server.unit()).toBe(server.unitText(OLD_NODE));
    },
  );

  test('is refused where other accounts may make files in the folder of the commands', async () => {
    chmodSync(server.at('.local/openclaw/bin'), 0o1777);
    expect(await update()).toMatchObject({
      ...{ status: 'failed', error: { code: 'refused', message: expect.stringContaining('may write to') } },
    });
  });

  test('takes a version that the server makes up for none', async () => {
    // OpenClaw's own account chooses what stands in its package.json.
    server.put(
      '.local/openclaw/lib/node_modules/openclaw/package.json',
      '{\n  "name": "openclaw",\n  "version": "2026.7.35",\n  "engines": {\n    "node": "$(touch /tmp/pwned) || `id`"\n  }\n}\n',
    );
    const task = await update();
    if (component === 'npm') expect(task).toMatchObject({ status: 'succeeded' });
    else expect(task).toMatchObject({ status: 'failed', error: { code: 'registry_failed' } });
  });
});
