// An update of a server that reaches no registry: Buoy names the version, and the real script installs it from what Buoy has sent.
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NPM_WITHOUT_INTERNET, putBundle } from '../src/setup/carry/testing/put-bundle.ts';
import {
  createUpdateServer,
  NEW,
  OLD,
  type UpdateServer,
} from '../src/setup/update/testing/update-server.ts';
import { createUpdateOpenclawKind } from '../src/setup/update/update-openclaw.ts';
import {
  makeTestFolder,
  openTestTasks,
  type TestFolder,
  type TestTasks,
} from '../src/tasks/testing/test-tasks.ts';

/** Milliseconds for an update on a busy machine. */
const PATIENCE_MS = 50_000;
describe('an update of a server without internet', () => {
  let server: UpdateServer;
  let folder: TestFolder;
  let opened: TestTasks;
  let asked: string[];
  beforeEach(async () => {
    server = createUpdateServer();
    writeFileSync(server.at('.local/openclaw/bin/npm'), NPM_WITHOUT_INTERNET, { mode: 0o755 });
    asked = [];
    server.openclawAtBuoy = async (wanted) => {
      asked.push(wanted);
      return NEW;
    };
    server.bring = send;
    folder = makeTestFolder();
    opened = await openTestTasks(folder, [createUpdateOpenclawKind(server.tools())], {
      patienceMs: PATIENCE_MS,
    });
  });
  afterEach(async () => {
    await opened.close();
    folder.remove();
    server.remove();
  });

  async function send(version: string): Promise<Record<string, string>> {
    const files = [{ path: '/openclaw', content: JSON.stringify({ versions: { [version]: {} } }) }];
    return {
      ...{ OPENCLAW_VERSION: version, NPM_REGISTRY: 'http://carried.invalid' },
      ...(await putBundle(server.home, files)),
    };
  }
  const update = async (input: object = {}) => {
    const start = {
      serverId: await opened.newServer(),
      input: { component: 'openclaw', ...input },
      createdBy: 'u_1',
    };
    return opened.ended((await opened.tasks.start('update-component', start)).id);
  };
  const npmCalls = () => server.run('cat ~/npm-called 2>/dev/null').stdout;

  it('installs what Buoy has sent, and says so', async () => {
    const task = await update();
    expect(task.error).toBeNull();
    expect(task).toMatchObject({ status: 'succeeded', result: { from: OLD, to: NEW, rolledBack: false } });
    expect(server.version()).toBe(NEW);
    expect((await opened.tasks.output(task.id, 0)).text).toContain(
      'Buoy downloads, and sends them over SSH.',
    );
    expect(server.run('ls ~/.buoy/carried').stdout).toBe('');
    expect(asked).toEqual(['latest']);
  });

  it('does not ask the server for the version where Buoy is told to download', async () => {
    expect(await update({ via: 'buoy', version: NEW })).toMatchObject({ status: 'succeeded' });
    expect(npmCalls()).toBe('install\n');
    expect(asked).toEqual([NEW]);
  });

  it('fails where the server is told to download, and Buoy asks nobody', async () => {
    expect(await update({ via: 'server' })).toMatchObject({
      status: 'failed',
      error: { code: 'registry_failed' },
    });
    expect(asked).toEqual([]);
    expect(server.version()).toBe(OLD);
  });

  it('leaves the old version running where what was sent is not whole', async () => {
    server.bring = async (version) => ({ ...(await send(version)), CARRIED_SHA256: '0'.repeat(64) });
    const task = await update();
    expect(task).toMatchObject({ status: 'failed', error: { code: 'checksum_mismatch' }, result: null });
    expect(server.version()).toBe(OLD);
    expect(server.orders()).toEqual([]);
  });
});
