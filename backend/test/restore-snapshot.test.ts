// Snapshots of OpenClaw as tasks: the real scripts in this machine's /bin/sh, with programs in place of npm, OpenClaw and systemd.
import type { SnapshotRestored } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLongRun } from '../../testbed/long-run.ts';
import { NPM_WITHOUT_INTERNET, putBundle } from '../src/setup/carry/testing/put-bundle.ts';
import { createMakeSnapshotKind } from '../src/setup/snapshots/make-snapshot.ts';
import { createRestoreSnapshotKind } from '../src/setup/snapshots/restore-snapshot.ts';
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

/** Milliseconds for a restore on a busy machine: half a second on an idle one. */
const PATIENCE_MS = 50_000;
/** Cuts; a way back and its order are in each run. */
const inLongRun = it.runIf(isLongRun);
const ARCHIVES = '~/.local/state/openclaw-snapshots';
const STEPS = ['preflight', 'snapshot', 'carry', 'stage', 'stop', 'swap', 'start', 'prove', 'rollback'];

let server: UpdateServer;
let folder: TestFolder;
let opened: TestTasks;
let serverId: string;
beforeEach(async () => {
  server = createUpdateServer();
  server.write('archives-folders', '');
  folder = makeTestFolder();
  const tools = server.tools();
  opened = await openTestTasks(
    folder,
    [createUpdateOpenclawKind(tools), createMakeSnapshotKind(tools), createRestoreSnapshotKind(tools)],
    { patienceMs: PATIENCE_MS },
  );
  serverId = await opened.newServer();
});
afterEach(async () => {
  await opened.close();
  folder.remove();
  server.remove();
});

const run = async (type: string, input: object) => {
  const { id } = await opened.tasks.start(type, { serverId, input, createdBy: 'u_1' });
  return opened.ended(id);
};
const update = async () => {
  const task = await run('update-component', { component: 'openclaw' });
  expect(task.status).toBe('succeeded');
  return (task.result as { snapshotId: string }).snapshotId;
};
const makeSnapshot = async (note?: string) => {
  const task = await run('snapshot', note === undefined ? {} : { note });
  expect(task.error).toBeNull();
  return (task.result as { snapshotId: string }).snapshotId;
};
const startRestore = (snapshotId: string, input: object = {}) =>
  opened.tasks.start('restore', {
    ...{ serverId, createdBy: 'u_1' },
    input: { snapshotId, sourceServerId: serverId, withCredentials: false, ...input },
  });
const restore = async (snapshotId: string, input: object = {}) =>
  opened.ended((await startRestore(snapshotId, input)).id);
const statuses = ({ steps }: Awaited<ReturnType<typeof restore>>) =>
  Object.fromEntries(steps.map(({ id, status }) => [id, status]));
const memory = () => server.run('cat ~/.openclaw/workspace/MEMORY.md').stdout;
/** Nothing beside the folder and the package, and no mark in it. */
const expectNothingLeft = () => {
  expect(
    server.run('ls -d ~/.openclaw.before-update* ~/.local/openclaw/lib/node_modules/.update*').stdout,
  ).toBe('');
  expect(server.run('ls -a ~/.openclaw').stdout).not.toMatch(/\.(buoy|whole|complete|swapped)/);
  expect(server.run(`ls -a ${ARCHIVES}`).stdout).not.toContain('.carried');
};

describe('a snapshot that a person makes', () => {
  it('has the version, the note, size and checksum of its archive, and stops nothing', async () => {
    const id = await makeSnapshot('before the new channel');
    expect(server.records).toEqual([
      {
        ...{ id, serverId, version: OLD, reason: 'manual', note: 'before the new channel', verified: 1 },
        createdAt: expect.any(String),
        sizeBytes: Number(server.run(`wc -c <${ARCHIVES}/${id}.tar.gz`).stdout),
        sha256: server.run(`sha256sum <${ARCHIVES}/${id}.tar.gz`).stdout.slice(0, 64),
      },
    ]);
    expect(server.run(`stat -c %a ${ARCHIVES}/${id}.tar.gz`).stdout).toBe('600\n');
    expect(server.orders()).toEqual([]);
    expect(server.exists('npm-called')).toBe(false);
  });

  inLongRun('replaces the oldest of five, and leaves those of updates alone', async () => {
    const ofUpdate = await update();
    const made: string[] = [];
    for (let count = 0; count < 6; count += 1) made.push(await makeSnapshot());
    const kept = [ofUpdate, ...made.slice(1)].sort();
    expect(server.records.map(({ id }) => id).sort()).toEqual(kept);
    expect(server.run(`ls ${ARCHIVES}`).stdout.trim().split('\n').sort()).toEqual(
      kept.map((id) => `${id}.tar.gz`),
    );
  });

  inLongRun('has the conversations that OpenClaw leaves out of its archives', async () => {
    server.run(
      'mkdir -p ~/.openclaw/agents/main/sessions && cd ~/.openclaw/agents/main/sessions && echo hello >one.jsonl && echo {} >sessions.json',
    );
    const id = await makeSnapshot();
    const names = server.run(`tar -tzf ${ARCHIVES}/${id}.tar.gz`).stdout;
    expect(names).toContain(`backup/payload/posix${server.home}/.openclaw/agents/main/sessions/one.jsonl\n`);
    expect(names.match(/sessions\.json\n/g)).toHaveLength(1);
  });
});

describe('a restore', () => {
  it('goes back to the version, the config, the state and the workspaces of the snapshot', async () => {
    server.run(
      'mkdir -p ~/.openclaw/agents/main/sessions ~/.openclaw/logs ~/.openclaw/npm && echo hello >~/.openclaw/agents/main/sessions/one.jsonl',
    );
    const snapshotId = await update();
    server.run(
      'cd ~/.openclaw && echo changed >workspace/MEMORY.md && echo more >made-since && echo line >logs/today && echo run >npm/plugin',
    );
    const task = await restore(snapshotId);
    expect(statuses(task)).toEqual(
      Object.fromEntries(
        STEPS.map((id) => [id, ['carry', 'rollback'].includes(id) ? 'skipped' : 'succeeded']),
      ),
    );
    expect(task).toMatchObject({
      status: 'succeeded',
      result: { snapshotId, from: NEW, to: OLD, rolledBack: false, downtimeMs: expect.any(Number) },
    });
    expect([server.version(), server.state(), memory()]).toEqual([OLD, `of ${OLD}`, 'remembered']);
    expect(server.exists('.openclaw/made-since')).toBe(false);
    expect(server.run('cat ~/.openclaw/agents/main/sessions/one.jsonl').stdout).toBe('hello\n');
    // What no archive has stays.
    expect(server.run('cat ~/.openclaw/logs/today ~/.openclaw/npm/plugin').stdout).toBe('line\nrun\n');
    expect(server.run('stat -c %a ~/.openclaw').stdout).toBe('700\n');
    expect(server.orders().slice(-2)).toEqual([`stop ${NEW}`, `start ${OLD}`]);
    const { previousSnapshotId } = task.result as SnapshotRestored;
    expect(server.records.find(({ id }) => id === previousSnapshotId)).toMatchObject({
      ...{ reason: 'restore', version: NEW },
    });
    expectNothingLeft();
  });

  describe('of a workspace with folders that may not be written to, as a login other than root', () => {
    beforeEach(() => {
      // As of such a login, whoever runs the test.
      server.program(
        '.local/openclaw/bin/rm',
        `for place; do
          case $place in -* | */.archive-tree) continue ;; esac
          [ -L "$place" ] || [ -z "$(find "$place" -type d ! -perm -u=w 2>/dev/null)" ] || { echo "rm: $place: Permission denied" >&2; exit 1; }
        done
        exec /bin/rm "$@"`,
      );
      server.run(
        'chmod 755 ~/.local/openclaw/bin/rm; cd ~/.openclaw/workspace && mkdir -p go/pkg/mod && touch go/pkg/mod/file && chmod 555 go/pkg/mod go/pkg',
      );
    });

    inLongRun('leaves nothing of what was there before, and can be done again', async () => {
      const id = await makeSnapshot();
      for (let times = 0; times < 2; times += 1) {
        expect(await restore(id)).toMatchObject({ status: 'succeeded', error: null });
        expectNothingLeft();
      }
    });

    it('leaves nothing when it ends early, nor when it goes back', async () => {
      const id = await makeSnapshot();
      const { owns } = server;
      server.onEnded = (name) => {
        if (name.endsWith('-stage')) server.owns = () => false;
      };
      expect(await restore(id)).toMatchObject({ error: { code: 'forbidden' } });
      expectNothingLeft();
      Object.assign(server, { owns, onEnded: () => {} });
      server.broken.add(OLD);
      server.onScript = (script) => {
        if (script.includes('Puts the old version and its state back')) server.broken.clear();
      };
      expect(await restore(id)).toMatchObject({ error: { code: 'not_ready' }, result: { rolledBack: true } });
      expectNothingLeft();
    });

    inLongRun('stops no gateway when what an earlier one has replaced cannot be removed', async () => {
      const id = await makeSnapshot();
      expect(await restore(id)).toMatchObject({ status: 'succeeded', error: null });
      const before = server.orders();
      server.program('.local/openclaw/bin/chmod', 'case $1 in u+rwx) exit 1 ;; esac; exec /bin/chmod "$@"');
      server.run('/bin/chmod 755 ~/.local/openclaw/bin/chmod');
      const task = await restore(id);
      expect(task).toMatchObject({ status: 'failed' });
      const { text } = await opened.tasks.output(task.id, 0);
      expect(text).toContain('What an earlier update left could not be removed.');
      expect(server.orders()).toEqual(before);
    });
  });

  it('keeps what people and agents do between the backup and the stop', async () => {
    const id = await makeSnapshot();
    server.onEnded = (name) => {
      if (name.endsWith('-stage'))
        server.write('.openclaw/workspace/report.md', 'written at the last moment');
    };
    expect(await restore(id)).toMatchObject({ status: 'succeeded' });
    expect(server.exists('.openclaw/workspace/report.md')).toBe(false);
    expect(server.run('cat ~/.openclaw.failed-update/*/left/workspace/report.md').stdout).toBe(
      'written at the last moment',
    );
    expect(server.run('stat -c %a ~/.openclaw.failed-update').stdout).toBe('700\n');
  });

  inLongRun('installs nothing where the version is the same', async () => {
    const id = await makeSnapshot();
    server.write('.openclaw/state', 'said since');
    expect(await restore(id)).toMatchObject({ status: 'succeeded', result: { from: OLD, to: OLD } });
    expect([server.version(), server.state()]).toEqual([OLD, `of ${OLD}`]);
    expect(server.exists('npm-called')).toBe(false);
    expectNothingLeft();
  });

  inLongRun('can itself be undone by a restore of what was there before', async () => {
    const id = await makeSnapshot();
    server.write('.openclaw/state', 'said since');
    const { previousSnapshotId } = (await restore(id)).result as SnapshotRestored;
    expect(await restore(previousSnapshotId ?? '')).toMatchObject({ status: 'succeeded' });
    expect(server.state()).toBe('said since');
  });

  inLongRun('keeps the snapshot that it restores, although there are five newer ones', async () => {
    const { previousSnapshotId } = (await restore(await makeSnapshot())).result as SnapshotRestored;
    const first = previousSnapshotId ?? '';
    for (let count = 0; count < 4; count += 1) await restore(first);
    expect(await restore(first)).toMatchObject({ status: 'succeeded' });
    expect(server.records.some(({ id }) => id === first)).toBe(true);
  });

  inLongRun('mends an OpenClaw that cannot be backed up, and keeps its folder', async () => {
    const id = await makeSnapshot();
    server.write('.openclaw/state', 'broken');
    server.write('backup-fails', '');
    expect(await restore(id)).toMatchObject({
      ...{ status: 'succeeded', result: { snapshotId: id, previousSnapshotId: null, rolledBack: false } },
    });
    expect(server.state()).toBe(`of ${OLD}`);
    expect(server.run('cat ~/.openclaw.failed-update/*/left/state').stdout).toBe('broken');
    expectNothingLeft();
    expect(await run('snapshot', {})).toMatchObject({ status: 'failed', error: { code: 'refused' } });
  });

  it.each([
    ['another version', true],
    ['the same version', false],
  ])('of %s goes back to what was there when the gateway does not become ready', async (_what, isOther) => {
    const id = isOther ? await update() : await makeSnapshot();
    const present = server.version();
    server.run(
      'cd ~/.openclaw && echo changed >workspace/MEMORY.md && mkdir -p logs && echo line >logs/today',
    );
    server.write('.openclaw/state', 'said since');
    // The first start is that of the restored one.
    server.onScript = (script) => {
      if (script.includes("OpenClaw's folder itself")) server.broken.add(OLD);
      if (script.includes('Puts the old version and its state back')) server.broken.clear();
    };
    const task = await restore(id);
    expect(task).toMatchObject({
      ...{ status: 'failed', error: { code: 'not_ready' } },
      result: { snapshotId: id, from: present, to: OLD, rolledBack: true },
    });
    expect(statuses(task)).toMatchObject({ start: 'failed', rollback: 'succeeded' });
    expect([server.version(), server.state(), memory()]).toEqual([present, 'said since', 'changed\n']);
    expect(server.run('cat ~/.openclaw/logs/today').stdout).toBe('line\n');
    expect(server.isUp).toBe(true);
    expect(server.run('cat ~/.openclaw.failed-update/*/left/state').stdout).toBe(`of ${OLD}\n`);
    expectNothingLeft();
  });

  const moves: Array<[string, string]> = [
    ['before the present state is moved', '*.openclaw\\ *.before-update'],
    ['between both moves', '*unpacked/state\\ *'],
  ];
  inLongRun.for(moves)('goes back to what was there when it is killed %s', async ([, move]) => {
    const id = await makeSnapshot();
    server.write('.openclaw/state', 'said since');
    server.run(
      `cd ~/.local/openclaw/bin && mv node real-node &&
      printf '%s\\n' '#!/bin/sh' 'case "$*" in *renameSync*${move}) kill -9 $PPID; exit 1 ;; esac' 'exec "$(dirname "$0")/real-node" "$@"' >node &&
      chmod 755 node`,
    );
    const task = await restore(id);
    expect(statuses(task)).toMatchObject({ swap: 'failed', rollback: 'succeeded' });
    expect([server.version(), server.state(), server.isUp]).toEqual([OLD, 'said since', true]);
    expectNothingLeft();
  });

  it('stops no gateway when the archive was changed', async () => {
    const id = await makeSnapshot();
    server.run(`echo more >>${ARCHIVES}/${id}.tar.gz`);
    const task = await restore(id);
    expect(task).toMatchObject({ status: 'failed', error: { code: 'checksum_mismatch' }, result: null });
    expect(server.orders()).toEqual([]);
    expectNothingLeft();
  });

  it.each([
    ['is gone', (file: string) => `rm ${file}`],
    ['is a link to the same bytes', (file: string) => `mv ${file} ~/elsewhere && ln -s ~/elsewhere ${file}`],
  ])('stops no gateway when the archive %s', async (_what, plant) => {
    const id = await makeSnapshot();
    server.run(plant(`${ARCHIVES}/${id}.tar.gz`));
    expect(await restore(id)).toMatchObject({ status: 'failed', error: { code: 'not_found' } });
    expect(server.orders()).toEqual([]);
    expectNothingLeft();
  });

  it.each([
    [
      'leads out of itself',
      'mkdir -p ~/evil/payload/posix$HOME/.openclaw && touch ~/evil/payload/posix$HOME/.openclaw/openclaw.json && ln -s ~/evil backup',
    ],
    [
      'is of another folder',
      'mkdir -p backup/payload/posix/home/other/.openclaw && touch backup/payload/posix/home/other/.openclaw/openclaw.json',
    ],
  ])('stops no gateway for an archive that %s', async (_what, make) => {
    const id = await makeSnapshot();
    server.run(`mkdir ~/forged && cd ~/forged && ${make} && tar -czf ${ARCHIVES}/${id}.tar.gz backup`);
    const [record] = server.records;
    record!.sha256 = server.run(`sha256sum <${ARCHIVES}/${id}.tar.gz`).stdout.slice(0, 64);
    expect(await restore(id)).toMatchObject({ status: 'failed', error: { code: 'refused' } });
    expect(server.orders()).toEqual([]);
    expectNothingLeft();
  });

  it('stops no gateway when its person has lost the server meanwhile', async () => {
    const id = await makeSnapshot();
    server.onEnded = (name) => {
      if (name.endsWith('-stage')) server.owns = () => false;
    };
    expect(await restore(id)).toMatchObject({ status: 'failed', error: { code: 'forbidden' } });
    expect(server.orders()).toEqual([]);
    expectNothingLeft();
  });

  inLongRun('unpacks nothing when its person has lost the server before', async () => {
    const id = await makeSnapshot();
    const unpacked: string[] = [];
    server.onEnded = (name) => {
      if (name.endsWith('-snapshot')) server.owns = () => false;
      if (name.endsWith('-stage')) unpacked.push(name);
    };
    expect(await restore(id)).toMatchObject({ status: 'failed', error: { code: 'forbidden' } });
    expect(unpacked).toEqual([]);
    expectNothingLeft();
  });

  it('leaves nothing of what it has unpacked when agents stay at work', async () => {
    const id = await makeSnapshot();
    const halfAnHourLater = () => {
      server.passedMs += 31 * 60_000;
      return true;
    };
    Object.defineProperty(server, 'isBusy', { get: halfAnHourLater });
    expect(await restore(id)).toMatchObject({ status: 'failed', error: { code: 'busy' } });
    expect(server.orders()).toEqual([]);
    expectNothingLeft();
  });

  inLongRun(
    'leaves nothing of what it has unpacked when it is cancelled while it waits for agents',
    async () => {
      const id = await makeSnapshot();
      server.isBusy = true;
      const { id: taskId } = await startRestore(id);
      await opened.taskWhen(taskId, ({ steps }) => steps[3]?.detail?.startsWith('Waiting') === true);
      expect(server.run('ls -d ~/.openclaw.before-update*.unpacked').stdout).not.toBe('');
      await opened.tasks.cancel(taskId);
      expect(await opened.ended(taskId)).toMatchObject({ status: 'cancelled', result: null });
      expect(server.orders()).toEqual([]);
      expectNothingLeft();
    },
  );

  it('cannot be run again as it is, since that asks for less than the owner', async () => {
    const id = await makeSnapshot();
    server.owns = () => false;
    const { id: taskId } = await restore(id);
    await expect(opened.tasks.retry(taskId, 'u_2')).rejects.toMatchObject({ code: 'conflict' });
  });

  describe('on a server without internet', () => {
    let snapshotId: string;
    let asked: string[];
    beforeEach(async () => {
      snapshotId = await update();
      server.write('.local/openclaw/bin/npm', NPM_WITHOUT_INTERNET);
      asked = [];
      server.openclawAtBuoy = async (wanted) => {
        asked.push(wanted);
        return wanted;
      };
      server.bring = async (version) => ({
        ...{ OPENCLAW_VERSION: version, NPM_REGISTRY: 'http://carried.invalid' },
        ...(await putBundle(server.home, [
          { path: '/openclaw', content: JSON.stringify({ versions: { [version]: {} } }) },
        ])),
      });
    });

    it.each([undefined, 'buoy'])('installs its version from what Buoy has sent (via: %s)', async (via) => {
      const task = await restore(snapshotId, { via });
      expect(task.error).toBeNull();
      expect(task).toMatchObject({ status: 'succeeded', result: { from: NEW, to: OLD, rolledBack: false } });
      expect([server.version(), server.state()]).toEqual([OLD, `of ${OLD}`]);
      expect(asked).toEqual([OLD]);
      expect(server.run('ls ~/.buoy/carried').stdout).toBe('');
      expectNothingLeft();
    });

    it('fails where the server is told to download', async () => {
      expect(await restore(snapshotId, { via: 'server' })).toMatchObject({
        ...{ status: 'failed', error: { code: 'registry_failed' } },
      });
      expect([asked, server.version()]).toEqual([[], NEW]);
    });

    inLongRun('has Buoy send nothing where the version is the same', async () => {
      const id = await makeSnapshot();
      expect(await restore(id, { via: 'buoy' })).toMatchObject({ status: 'succeeded', result: { to: NEW } });
      expect(asked).toEqual([]);
    });
  });

  inLongRun('is refused while an update has not finished', async () => {
    const id = await makeSnapshot();
    server.run(
      'mkdir -p ~/.openclaw.before-update && touch ~/.openclaw.before-update/.complete ~/.openclaw.before-update/.buoy',
    );
    expect(await restore(id)).toMatchObject({ status: 'failed', error: { code: 'conflict' } });
    expect(server.orders()).toEqual([]);
  });
});
