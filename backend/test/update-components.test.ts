// Updates of Node, npm and Ollama as tasks: the real scripts in this machine's /bin/sh, with programs of a few lines in place of theirs.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLongRun } from '../../testbed/long-run.ts';
import {
  type ComponentServer,
  createComponentServer,
  NEW_NODE,
  NEW_NPM,
  NEW_OLLAMA,
  OLD_NODE,
  OLD_NPM,
  OLD_OLLAMA,
} from '../src/setup/update/testing/component-server.ts';
import { OLD } from '../src/setup/update/testing/update-server.ts';
import { createUpdateComponentKind } from '../src/setup/update/update-component.ts';
import {
  makeTestFolder,
  openTestTasks,
  type TestFolder,
  type TestTasks,
} from '../src/tasks/testing/test-tasks.ts';

const inLongRun = it.runIf(isLongRun);

/** Milliseconds for an update on a busy machine: half a second on an idle one. */
const PATIENCE_MS = 50_000;
const STEPS = ['preflight', 'snapshot', 'stage', 'stop', 'swap', 'migrate', 'start', 'prove', 'rollback'];

let server: ComponentServer;
let folder: TestFolder;
let opened: TestTasks;
beforeEach(async () => {
  server = createComponentServer();
  folder = makeTestFolder();
  opened = await openTestTasks(folder, [createUpdateComponentKind(server.tools())], {
    patienceMs: PATIENCE_MS,
  });
});
afterEach(async () => {
  await opened.close();
  folder.remove();
  server.remove();
});

async function update(component: string, input: object = {}, secrets: Record<string, string> = {}) {
  const { id } = await opened.tasks.start('update-component', {
    ...{ serverId: await opened.newServer(), secrets, createdBy: 'u_1' },
    input: { component, ...input },
  });
  return opened.ended(id);
}
const statuses = ({ steps }: Awaited<ReturnType<typeof update>>) =>
  Object.fromEntries(steps.map(({ id, status }) => [id, status]));
const detailOf = ({ steps }: Awaited<ReturnType<typeof update>>, stepId: string) =>
  steps.find(({ id }) => id === stepId)?.detail;

describe('an update of Node', () => {
  const expectAsBefore = () => {
    expect(server.unit()).toBe(server.unitText(OLD_NODE));
    expect(server.linked('node')).toBe(`../node-v${OLD_NODE}/bin/node`);
    expect(server.exists(`.local/openclaw/node-v${NEW_NODE}`)).toBe(false);
    expect(server.isUp).toBe(true);
  };

  it('has the gateway and the commands run by the newest version, and keeps the old one', async () => {
    const task = await update('node');
    expect(task).toMatchObject({
      status: 'succeeded',
      result: {
        ...{ component: 'node', from: OLD_NODE, to: NEW_NODE, rolledBack: false, snapshotId: null },
        downtimeMs: expect.any(Number),
      },
    });
    expect(statuses(task)).toEqual(
      Object.fromEntries(
        STEPS.map((id) => [
          ...[id, ['snapshot', 'migrate', 'rollback'].includes(id) ? 'skipped' : 'succeeded'],
        ]),
      ),
    );
    expect(server.unit()).toBe(server.unitText(NEW_NODE));
    expect(server.orders()).toEqual(['stop', `start by node-v${NEW_NODE}`]);
    expect(server.run('~/.local/openclaw/bin/node --version').stdout).toBe(`v${NEW_NODE}\n`);
    expect(server.linked('npm')).toContain(NEW_NODE);
    expect(server.exists(`.local/openclaw/node-v${OLD_NODE}/bin/node`)).toBe(true);
  });

  inLongRun('does nothing when that version runs already', async () => {
    await update('node');
    const task = await update('node');
    expect(task).toMatchObject({
      status: 'succeeded',
      result: { from: NEW_NODE, to: NEW_NODE, downtimeMs: 0, rolledBack: false },
    });
    expect(statuses(task)).toMatchObject({ preflight: 'succeeded', stop: 'skipped', prove: 'skipped' });
    expect(server.orders()).toHaveLength(2);
  });

  it('does not go back to what is newest on the mirror when a newer one is there', async () => {
    server.own.newest = { openclaw: null, node: () => '24.16.0', npm: null };
    expect(await update('node')).toMatchObject({ status: 'succeeded', result: { to: OLD_NODE } });
  });

  it.each(['23.11.0', '24.15.0', '25.9.0', '24.22.0-rc.1'])(
    'refuses %s, on which OpenClaw does not run, before it downloads anything',
    async (version) => {
      const task = await update('node', { version });
      expect(task).toMatchObject({ status: 'failed', error: { code: 'refused' } });
      expect(task.error?.message).toBe(`OpenClaw 2026.7.35 does not run on Node ${version}.`);
      expect(task.error?.hint).toContain('>=24.16.0 <25');
      expect(server.downloaded()).toEqual([]);
    },
  );

  inLongRun('asks for an exact version when the newest one is not known', async () => {
    server.own.newest = null;
    expect(await update('node')).toMatchObject({ status: 'failed', error: { code: 'registry_failed' } });
    expect(await update('node', { version: NEW_NODE })).toMatchObject({ status: 'succeeded' });
  });

  it('leaves the gateway running when OpenClaw does not start with it', async () => {
    server.write(`refuses-node-${NEW_NODE}`, '');
    const task = await update('node');
    expect(task).toMatchObject({ status: 'failed', error: { code: 'node_missing' }, result: null });
    expect(statuses(task)).toMatchObject({ stage: 'failed', stop: 'skipped', rollback: 'skipped' });
    expect(server.orders()).toEqual([]);
    expect(server.unit()).toBe(server.unitText(OLD_NODE));
    expect(server.exists(`.local/openclaw/node-v${NEW_NODE}`)).toBe(false);
    expect((await opened.tasks.output(task.id, 0)).text).toContain(`Node ${NEW_NODE} is not supported.`);
  });

  inLongRun('leaves the gateway running when the download is not what the mirror names', async () => {
    server.put(
      `web/node.test/v${NEW_NODE}/SHASUMS256.txt`,
      `${'0'.repeat(64)}  node-v${NEW_NODE}-linux-${process.arch}.tar.gz\n`,
    );
    expect(await update('node')).toMatchObject({ status: 'failed', error: { code: 'checksum_mismatch' } });
    expect(server.orders()).toEqual([]);
  });

  it('goes back to the old one when the gateway does not become ready with the new one', async () => {
    server.own.brokenNodes.add(NEW_NODE);
    const task = await update('node');
    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'not_ready' },
      result: { from: OLD_NODE, to: NEW_NODE, rolledBack: true },
    });
    expect(statuses(task)).toMatchObject({ start: 'failed', rollback: 'succeeded' });
    expect(server.orders().at(-1)).toBe(`start by node-v${OLD_NODE}`);
    expectAsBefore();
  });

  inLongRun('goes back when agents, sessions or jobs are gone afterwards', async () => {
    server.onHello = () => {
      const isNew = server.nodeOfUnit() === NEW_NODE;
      server.sessions[OLD] = ['agent:main:main', ...(isNew ? [] : ['agent:main:work'])];
      // It is waited for, up to two minutes.
      server.passedMs += 3 * 60_000;
    };
    const task = await update('node');
    expect(task).toMatchObject({ status: 'failed', result: { rolledBack: true } });
    expect(task.error?.message).toContain('The session agent:main:work is gone.');
    expectAsBefore();
  });

  it('is refused where a drop-in of the unit names the Node', async () => {
    server.write('drop-in', server.unitText(OLD_NODE));
    expect(await update('node')).toMatchObject({ status: 'failed', error: { code: 'refused' } });
    expect(server.downloaded()).toEqual([]);
    expect(server.orders()).toEqual([]);
  });

  inLongRun('goes back where a drop-in of the unit has come to keep the old Node', async () => {
    server.onScript = (script) => {
      if (script.includes('Puts the new Node in the place of the old one'))
        server.write('drop-in', server.unitText(OLD_NODE));
    };
    const task = await update('node');
    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'refused' },
      result: { rolledBack: true },
    });
    expect(statuses(task)).toMatchObject({ swap: 'failed', rollback: 'succeeded' });
    expectAsBefore();
  });

  inLongRun('stops a gateway again that somebody starts before the swap', async () => {
    server.onScript = (script) => {
      if (script.includes('Puts the new Node in the place of the old one')) server.write('is-up', '');
    };
    expect(await update('node')).toMatchObject({ status: 'succeeded' });
    expect(server.orders()).toEqual(['stop', 'stop', `start by node-v${NEW_NODE}`]);
  });

  it('refuses while agents are at work, where it was told not to wait', async () => {
    server.isBusy = true;
    expect(await update('node', { whenBusy: 'refuse' })).toMatchObject({
      ...{ status: 'failed', error: { code: 'busy' } },
    });
    expect(server.downloaded()).toEqual([]);
  });

  inLongRun('switches the commands alone where no service runs the gateway', async () => {
    server.own.installation = { manager: 'none', unit: null };
    const task = await update('node');
    expect(task).toMatchObject({ status: 'succeeded', result: { to: NEW_NODE, downtimeMs: 0 } });
    expect(statuses(task)).toMatchObject({ stop: 'skipped', swap: 'succeeded', start: 'skipped' });
    expect(detailOf(task, 'stop')).toContain('No service runs the gateway now.');
    expect(server.orders()).toEqual([]);
    expect(server.linked('node')).toBe(`../node-v${NEW_NODE}/bin/node`);
  });

  inLongRun('leaves a gateway stopped that a person has stopped, and gives it the new Node', async () => {
    server.own.gateway = { answers: false, activeState: 'inactive', pid: null };
    server.run('rm ~/is-up');
    expect(await update('node')).toMatchObject({ status: 'succeeded' });
    expect(server.orders()).toEqual([]);
    expect(server.unit()).toBe(server.unitText(NEW_NODE));
  });

  it.each([
    ['nvm', '.nvm/versions/node/v24.21.0/bin/node'],
    ['the package manager of the system', 'usr/bin/node'],
  ])('is refused for a Node of %s', async (_what, file) => {
    server.put(file, '#!/bin/sh\n');
    server.own.installation = { nodePath: server.at(file) };
    const task = await update('node');
    expect(task).toMatchObject({ status: 'failed', error: { code: 'unsupported' } });
    expect(task.error?.message).toContain('was not installed by Buoy');
    expect(server.downloaded()).toEqual([]);
  });

  it('is refused where the unit starts a Node that Buoy has not installed', async () => {
    server.put('.config/systemd/user/openclaw-gateway.service', 'ExecStart=/usr/bin/node x\n');
    const task = await update('node');
    expect(task).toMatchObject({ status: 'failed', error: { code: 'unsupported' } });
    expect(task.error?.message).toContain('/usr/bin/node');
  });

  inLongRun('goes with a unit that names the command, and not the version', async () => {
    const unit = server.unitText(OLD_NODE).replaceAll(`node-v${OLD_NODE}/bin`, 'bin');
    server.put('.config/systemd/user/openclaw-gateway.service', unit);
    expect(await update('node')).toMatchObject({ status: 'succeeded' });
    expect(server.unit()).toBe(unit);
    expect(server.linked('node')).toBe(`../node-v${NEW_NODE}/bin/node`);
  });

  inLongRun('keeps an npm that is newer than the one of the download', async () => {
    server.putDownload('11.6.0');
    expect(await update('node')).toMatchObject({ status: 'succeeded' });
    expect(server.run('~/.local/openclaw/bin/npm --version').stdout).toBe(`${OLD_NPM}\n`);
  });

  inLongRun(
    'removes a Node of an earlier update which nothing uses, and none that a unit names',
    async () => {
      server.putNode('.local/openclaw/node-v24.18.0', '24.18.0', OLD_NPM);
      server.putNode('.local/openclaw/node-v24.19.0', '24.19.0', OLD_NPM);
      server.put(
        '.config/systemd/user/mine.service',
        `ExecStart=${server.at('.local/openclaw/node-v24.19.0/bin/node')} mine.js\n`,
      );
      expect(await update('node')).toMatchObject({ status: 'succeeded' });
      const left = server.run('cd ~/.local/openclaw && echo node-v*').stdout.trim();
      expect(left).toBe(`node-v24.19.0 node-v${OLD_NODE} node-v${NEW_NODE}`);
    },
  );
});

describe('an update on a server without internet', () => {
  beforeEach(() => server.put('fake/bin/curl', '#!/bin/sh\necho "$*" >>"$HOME/downloaded"\nexit 7\n'));
  const versions = () => [
    server.nodeOfUnit(),
    server.run('~/.local/openclaw/bin/npm --version').stdout.trim(),
  ];
  const expectNothingLeft = () => expect(server.run('ls ~/.buoy/carried').stdout).toBe('');

  it('of Node takes the one that Buoy has sent, and asks the net for nothing', async () => {
    const task = await update('node', { via: 'buoy' });
    expect(task.error).toBeNull();
    expect(task).toMatchObject({ status: 'succeeded', result: { from: OLD_NODE, to: NEW_NODE } });
    expect(versions()).toEqual([NEW_NODE, NEW_NPM]);
    expect([server.own.brought, server.downloaded()]).toEqual([[`node ${NEW_NODE}`], []]);
    expectNothingLeft();
  });

  it('of npm takes the one that Buoy has sent, and asks the net for nothing', async () => {
    const task = await update('npm', { via: 'buoy' });
    expect(task.error).toBeNull();
    expect(task).toMatchObject({ status: 'succeeded', result: { from: OLD_NPM, to: NEW_NPM } });
    expect(versions()).toEqual([OLD_NODE, NEW_NPM]);
    expect([server.own.brought, server.downloaded()]).toEqual([[`npm ${NEW_NPM}`], []]);
    expectNothingLeft();
  });

  it('has Buoy download where nobody was asked to, and the server has no way out', async () => {
    server.downloader = 'buoy';
    expect(await update('npm')).toMatchObject({ status: 'succeeded', result: { to: NEW_NPM } });
  });

  it('fails where the server is told to download, and Buoy sends nothing', async () => {
    server.downloader = 'buoy';
    expect(await update('npm', { via: 'server' })).toMatchObject({
      ...{ status: 'failed', error: { code: 'registry_failed' } },
    });
    expect([versions(), server.own.brought]).toEqual([[OLD_NODE, OLD_NPM], []]);
  });

  it('leaves the old one running where what was sent is not whole', async () => {
    server.own.onBrought = (sent) => ({ ...sent, CARRIED_SHA256: '0'.repeat(64) });
    expect(await update('node', { via: 'buoy' })).toMatchObject({
      ...{ status: 'failed', error: { code: 'checksum_mismatch' }, result: null },
    });
    expect([versions(), server.orders()]).toEqual([[OLD_NODE, OLD_NPM], []]);
  });

  inLongRun('sends nothing of a version that is there already', async () => {
    expect(await update('node', { via: 'buoy', version: OLD_NODE })).toMatchObject({ status: 'succeeded' });
    expect(server.own.brought).toEqual([]);
  });
});

describe('an update of npm', () => {
  const npmVersion = () => server.run('~/.local/openclaw/bin/npm --version').stdout.trim();

  it('replaces the npm of that Node while the gateway runs on', async () => {
    const task = await update('npm');
    expect(task).toMatchObject({
      status: 'succeeded',
      result: { component: 'npm', from: OLD_NPM, to: NEW_NPM, downtimeMs: 0, rolledBack: false },
    });
    expect(statuses(task)).toMatchObject({ stage: 'succeeded', stop: 'skipped', swap: 'succeeded' });
    expect(detailOf(task, 'stop')).toBe('The gateway does not run npm.');
    expect(npmVersion()).toBe(NEW_NPM);
    expect(server.orders()).toEqual([]);
    expect(server.exists('.local/openclaw/.update-npm')).toBe(false);
  });

  it('goes back to the old one when the new one does not work', async () => {
    server.write(`broken-npm-${NEW_NPM}`, '');
    const task = await update('npm');
    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'not_ready' },
      result: { rolledBack: true },
    });
    expect(statuses(task)).toMatchObject({ prove: 'failed', rollback: 'succeeded' });
    expect(npmVersion()).toBe(OLD_NPM);
    expect(server.exists('.local/openclaw/.update-npm')).toBe(false);
  });

  it('leaves the old one in place when the registry has no such version', async () => {
    expect(await update('npm', { version: '11.99.0' })).toMatchObject({
      ...{ status: 'failed', error: { code: 'version_not_found' }, result: null },
    });
    expect(npmVersion()).toBe(OLD_NPM);
  });

  it.each(['10.9.0', '12.0.0'])('refuses %s, with which setup does not install OpenClaw', async (version) => {
    expect(await update('npm', { version })).toMatchObject({ status: 'failed', error: { code: 'refused' } });
    expect(server.downloaded()).toEqual([]);
  });
});

describe('an update of Ollama', () => {
  const library = () => server.text('root/usr/local/lib/ollama/library');
  const command = () => server.run('~/root/usr/local/bin/ollama').stdout.trim();
  const wanted = { version: NEW_OLLAMA };

  it('runs its installer for that version, proves it, and leaves nothing behind', async () => {
    const task = await update('ollama', wanted);
    expect(task).toMatchObject({
      status: 'succeeded',
      result: { component: 'ollama', from: OLD_OLLAMA, to: NEW_OLLAMA, downtimeMs: 0, rolledBack: false },
    });
    expect([library(), command()]).toEqual([NEW_OLLAMA, NEW_OLLAMA]);
    expect(server.orders()).toEqual([]);
    expect(server.exists('root/usr/local/lib/ollama.before-update')).toBe(false);
    expect((await opened.tasks.output(task.id, 0)).text).toMatch(
      /http:\/\/ollama\.test\/install\.sh, SHA-256 [0-9a-f]{64}/,
    );
  });

  inLongRun('goes back to the old one when the new one does not answer', async () => {
    server.write('ollama-stays', '');
    const task = await update('ollama', wanted);
    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'not_ready' },
      result: { rolledBack: true },
    });
    expect([library(), command()]).toEqual([OLD_OLLAMA, OLD_OLLAMA]);
    expect(server.exists('root/usr/local/lib/ollama.before-update')).toBe(false);
  });

  inLongRun('goes back to the old one when it has fewer models afterwards', async () => {
    server.onScript = (script) => {
      if (script.includes('Sees that the new Ollama answers'))
        server.put('web/127.0.0.1:11434/api/tags', '{"models":[{"name":"a","digest":"1"}]}');
    };
    const task = await update('ollama', wanted);
    expect(task).toMatchObject({ status: 'failed', result: { rolledBack: true } });
    expect((await opened.tasks.output(task.id, 0)).text).toContain('Ollama had 2 models, and has 1.');
    expect(library()).toBe(OLD_OLLAMA);
  });

  it('is refused with the command for a person where sudo asks for a password that was not entered', async () => {
    server.askForPassword('planted');
    const task = await update('ollama', wanted);
    expect(task).toMatchObject({ status: 'failed', error: { code: 'sudo_refused' } });
    expect(task.error?.hint).toContain(
      `curl -fsSL 'http://ollama.test/install.sh' | OLLAMA_VERSION=${NEW_OLLAMA} sh`,
    );
    expect(server.downloaded().filter((url) => url.includes('install.sh'))).toEqual([]);
  });

  it('takes the password for sudo, and shows it nowhere', async () => {
    server.askForPassword('planted-for-sudo');
    const task = await update('ollama', wanted, { sudoPassword: 'planted-for-sudo' });
    expect(task).toMatchObject({ status: 'succeeded' });
    expect(library()).toBe(NEW_OLLAMA);
    const { text } = await opened.tasks.output(task.id, 0);
    expect(JSON.stringify(task) + text + opened.log()).not.toContain('planted-for-sudo');
  });

  it.each([
    ['its unit is of a package', () => server.put('ollama-unit', '/usr/lib/systemd/system/ollama.service')],
    ['it has no unit', () => server.put('ollama-unit', '')],
    ['its command is elsewhere', () => void server.run('mv ~/root/usr/local/bin/ollama ~/ollama')],
  ])('is refused where %s', async (_what, plant) => {
    plant();
    expect(await update('ollama', wanted)).toMatchObject({
      ...{ status: 'failed', error: { code: 'unsupported' } },
    });
    expect(server.downloaded().filter((url) => url.includes('install.sh'))).toEqual([]);
  });

  it('is refused where it does not answer', async () => {
    server.put('web/127.0.0.1:11434/api/version', '');
    expect(await update('ollama', wanted)).toMatchObject({ status: 'failed', error: { code: 'not_ready' } });
  });

  it('does not run an installer that was changed after it was named', async () => {
    server.onScript = (script) => {
      if (script.includes('Keeps what is there of Ollama'))
        server.put('.local/openclaw/.update-ollama/install.sh', '#!/bin/sh\ntouch "$HOME/planted"\n');
    };
    expect(await update('ollama', wanted)).toMatchObject({
      ...{ status: 'failed', error: { code: 'checksum_mismatch' }, result: { rolledBack: true } },
    });
    expect(server.exists('planted')).toBe(false);
    expect([library(), command()]).toEqual([OLD_OLLAMA, OLD_OLLAMA]);
  });

  it('does not run an installer that was changed together with every file beside it', async () => {
    const staging = '.local/openclaw/.update-ollama';
    server.onScript = (script) => {
      if (!script.includes('Keeps what is there of Ollama')) return;
      server.put(`${staging}/install.sh`, '#!/bin/sh\ntouch "$HOME/planted"\n');
      server.run(`cd ~/${staging} && sha256sum <install.sh | cut -d ' ' -f 1 >install.sha256`);
    };
    expect(await update('ollama', wanted)).toMatchObject({
      ...{ status: 'failed', error: { code: 'checksum_mismatch' }, result: { rolledBack: true } },
    });
    expect(server.exists('planted')).toBe(false);
    expect([library(), command()]).toEqual([OLD_OLLAMA, OLD_OLLAMA]);
  });

  inLongRun('runs the installer that was checked, also where it is changed at once', async () => {
    const planted = `printf '#!/bin/sh\\ntouch "$HOME/planted"\\n' >"$HOME/.local/openclaw/.update-ollama/install.sh"`;
    server.onScript = (script) => {
      if (script.includes('Keeps what is there of Ollama'))
        server.put('fake/bin/sha256sum', `#!/bin/sh\n/usr/bin/sha256sum "$@"\n${planted}\n`);
    };
    expect(await update('ollama', wanted)).toMatchObject({ status: 'succeeded' });
    expect(server.exists('planted')).toBe(false);
    expect([library(), command()]).toEqual([NEW_OLLAMA, NEW_OLLAMA]);
  });

  it('runs nothing that is no script', async () => {
    server.put('web/ollama.test/install.sh', '<html>Sign in to this network</html>');
    expect(await update('ollama', wanted)).toMatchObject({
      ...{ status: 'failed', error: { code: 'registry_failed' }, result: null },
    });
    expect(library()).toBe(OLD_OLLAMA);
  });
});

it('an update of OpenClaw has the same steps, and goes by the same task', async () => {
  const { steps } = await update('openclaw', { version: '2026.7.35' });
  expect(steps.map(({ id }) => id)).toEqual(STEPS);
});
